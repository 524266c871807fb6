// How the counts of releases grew after the end of their periods, as far as
// vintages tell.
//
// The age of a count is the number of periods that had ended after its own when
// it was taken: a count is taken as long after the end of each of those as the
// newest vintage is after the end of the last. What was listed before the first
// vintage is not known to have grown. Pure.
#ifndef HEADWAY_DAEMON_QUERY_COLUMNS_RELEASE_TRIANGLE_H_
#define HEADWAY_DAEMON_QUERY_COLUMNS_RELEASE_TRIANGLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "daemon/query/math/chain_ladder.h"
#include "daemon/series/observations.h"

namespace headway::query {

class ReleaseTriangle {
 public:
  struct Span {
    series::Frequency frequency = series::Frequency::kMonthly;
    // The periods that are counted.
    int32_t first = 0;
    int32_t last = 0;
    // The age from which on a count is final.
    int32_t final_age = 0;
    // Of all series: the first vintage and the newest. `last` was over by then.
    absl::Time first_seen;
    absl::Time known_at;
  };

  explicit ReleaseTriangle(const Span& span);

  // How many whole periods lie between the first vintage and the newest: each
  // step was seen to be taken as often at most. Bounded by what is of use.
  int32_t periods_seen() const { return periods_seen_; }

  // Counts the observations of one series; `states` are its vintages, oldest
  // first.
  void Add(const std::vector<series::Observations>& states);

  // Of the periods from first_row() to the last one.
  const std::vector<DevelopmentRow>& rows() const { return rows_; }
  int32_t first_row() const { return first_row_; }

 private:
  // When the counts were taken that are `back` periods older than the newest.
  absl::Time TakenAt(int32_t back) const;
  void Count(const series::Observations& state, int32_t back);

  const Span span_;
  int32_t periods_seen_ = 0;
  int32_t first_row_ = 0;
  std::vector<DevelopmentRow> rows_;
};

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_COLUMNS_RELEASE_TRIANGLE_H_
