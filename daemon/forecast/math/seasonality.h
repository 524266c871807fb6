// The season of a series: a test for it, and classical decomposition.
//
// `season` is the number of periods in a cycle. Values hold no NaN unless a
// function says so. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_SEASONALITY_H_
#define HEADWAY_DAEMON_FORECAST_MATH_SEASONALITY_H_

#include <vector>

#include "absl/types/span.h"

namespace headway::forecast {

enum class Decomposition { kAdditive, kMultiplicative };

// Whether the autocorrelation at lag `season` differs from zero at 90 %, with
// Bartlett's standard error (Assimakopoulos and Nikolopoulos 2000; the rule of
// the M3 and M4 competitions). False for at most two cycles of values.
bool IsSeasonal(absl::Span<const double> values, int season);

// Seasonal indices by classical decomposition: the mean, for each season, of
// the values less (or over) a centred moving average of one cycle. [season],
// the first belongs to values[0]. They sum to zero, or average one. Needs two
// cycles of values.
std::vector<double> SeasonalIndices(absl::Span<const double> values, int season,
                                    Decomposition decomposition);

// The values with gaps filled by straight lines, drawn on the seasonally
// adjusted values where there are enough of them. The ends must not be missing.
std::vector<double> FillGaps(absl::Span<const double> values, int season);

// A season that was found, to take out of values and to put back.
class SeasonalAdjustment {
 public:
  // Of values that may hold NaN. Multiplicative where all values are positive
  // and no index is close to zero, else additive; nothing at all where the
  // series is not seasonal.
  SeasonalAdjustment(absl::Span<const double> values, int season);

  bool is_seasonal() const { return !indices_.empty(); }

  // `t` counts from the first value on, past the last one too.
  double Adjusted(double value, int t) const;
  double Restored(double value, int t) const;
  std::vector<double> Adjusted(absl::Span<const double> values) const;

 private:
  Decomposition decomposition_ = Decomposition::kMultiplicative;
  std::vector<double> indices_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_SEASONALITY_H_
