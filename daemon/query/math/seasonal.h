// Seasonal adjustment of one column. Pure functions.
#ifndef HEADWAY_DAEMON_QUERY_MATH_SEASONAL_H_
#define HEADWAY_DAEMON_QUERY_MATH_SEASONAL_H_

#include <optional>
#include <string>

#include "daemon/series/observations.h"

namespace headway::query {

// Values less their seasonal component, by STL with a seasonal window of 11 and
// the other defaults of R's `stl`; the cycle is that of the frequency
// (SeasonLength). If `multiplicative`, the decomposition is of logarithms, and
// a value is divided by its season's factor.
//
// A gap of the column is bridged by a straight line for the decomposition, and
// stays a gap in the result.
struct SeasonalAdjustment {
  // Empty if the column cannot be adjusted;
  series::Observations adjusted;
  // and why not, for people: less than two cycles, gaps that take up more than
  // a quarter of it, or a value that has no logarithm.
  std::optional<std::string> problem;
};
// The frequency is not annual: a year has no season.
SeasonalAdjustment AdjustSeasonally(const series::Observations& x,
                                    bool multiplicative);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATH_SEASONAL_H_
