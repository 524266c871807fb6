// The values of a series as they stood when forecasts were made from them, and
// what they say of its scale.
//
// Not thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_ISSUES_FIRST_RELEASES_H_
#define HEADWAY_DAEMON_PIPELINE_ISSUES_FIRST_RELEASES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "daemon/series/observations.h"

namespace headway::pipeline {

// The value of the period; absent if there is none.
std::optional<double> ValueAt(const series::Observations& observations,
                              int32_t ordinal);

// Grows with the periods, not with the issues.
class FirstReleases {
 public:
  // `actuals` must outlive this.
  explicit FirstReleases(const series::Observations* actuals)
      : actuals_(*actuals) {}

  // The last observation of an issue; issues come newest first.
  void Note(int32_t ordinal, double value);

  // The value of the period in the first issue that knew it as its last.
  // Absent if no issue ended with it.
  std::optional<double> At(int32_t ordinal) const;

  // Whether an issue with this last observation is on another scale than the
  // actuals: they differ by more than a tenth, and by the same factor as two
  // other first releases do; or by a factor of more than ten. A revision moves
  // periods each by its own factor, a new base all of them by one.
  bool IsRescaled(int32_t ordinal, double value) const;

 private:
  // The logarithm of the actual over `value`; absent without an actual, and
  // where the two have no ratio.
  std::optional<double> LogRatio(int32_t ordinal, double value) const;

  const series::Observations& actuals_;
  std::map<int32_t, double> values_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_ISSUES_FIRST_RELEASES_H_
