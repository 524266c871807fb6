// From finer periods to coarser ones.
//
// The result has a coarser period only if that is complete, so that the newest
// one never looks like a plunge. A period is complete
// - for annual to weekly data, if every finer period within it has a value;
// - for daily data, whose gaps are natural (weekends, days without a release),
//   if the period was over when the newest vintage was known. The sum and the
//   mean also require that the data begin by the end of the period's first week
//   and reach into its last week, so that they cover the period.
// A week belongs to the period that holds its Thursday, as in ISO 8601.
//
// Pure functions.
#ifndef HEADWAY_DAEMON_QUERY_MATH_RESAMPLE_H_
#define HEADWAY_DAEMON_QUERY_MATH_RESAMPLE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/series/observations.h"

namespace headway::query {

enum class ResampleMethod { kSum, kMean, kLast, kFirst, kMax, kMin };

// "sum", "mean", "last", "first", "max", "min".
absl::StatusOr<ResampleMethod> ParseResampleMethod(absl::string_view text);

// `frequency` is not finer than that of x; x itself if it is the same.
series::Observations Resample(const series::Observations& x,
                              series::Frequency frequency,
                              ResampleMethod method);

// The last period that is over at `instant`, within the years that periods may
// have.
int32_t LastPeriodOver(series::Frequency frequency, absl::Time instant);

// The first period of the finer frequency that belongs to `coarse`.
int32_t FirstWithin(series::Period coarse, series::Frequency finer);

// The period of the coarser frequency that `fine` belongs to.
int32_t Coarsen(series::Period fine, series::Frequency coarser);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATH_RESAMPLE_H_
