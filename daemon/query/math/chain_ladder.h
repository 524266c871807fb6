// What counts that still grow will come to, by the chain ladder.
//
// Mack 1993, "Distribution-free calculation of the standard error of chain
// ladder reserve estimates", ASTIN Bulletin 23(2). A row is what was counted of
// one period at each age, cumulatively; from one age to the next it grows by a
// factor that all rows have in common, estimated by the sum of the counts over
// the sum of those before. Rows may begin at any age: what grew before the
// first vintage was seen is not known. Pure functions.
#ifndef HEADWAY_DAEMON_QUERY_MATH_CHAIN_LADDER_H_
#define HEADWAY_DAEMON_QUERY_MATH_CHAIN_LADDER_H_

#include <cstddef>
#include <optional>
#include <vector>

namespace headway::query {

struct DevelopmentRow {
  // The age of the first value, in steps from 0.
  size_t first_age = 0;
  // At each age from there on, the last being the newest; not empty, none is
  // negative.
  std::vector<double> values;
};

// From one age to the next.
struct DevelopmentStep {
  double factor = 1;
  // sigma^2 of Mack: what the variance of the later value is to the earlier
  // one.
  double variance = 0;
  // Rows that were seen to take the step, from a value above 0, and the sum of
  // those values.
  size_t rows = 0;
  double base = 0;
};

struct Completion {
  double value = 0;
  double standard_error = 0;
};

struct ChainLadder {
  std::vector<DevelopmentStep> steps;
  // One for each row; absent for one whose newest value is 0, which no factor
  // makes grow, and for one that has a step to go which too few rows have
  // taken.
  std::vector<std::optional<Completion>> rows;
  // What the completed rows have yet to grow by, all together.
  Completion reserve;
};

// Completes the rows to the age `last_age`; none has values beyond. A step that
// fewer than `least_rows` (at least 1) have taken completes no row. The
// variance of a step that one row has taken is extrapolated from the two
// before, as Mack does.
ChainLadder FitChainLadder(const std::vector<DevelopmentRow>& rows,
                           size_t last_age, size_t least_rows);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATH_CHAIN_LADDER_H_
