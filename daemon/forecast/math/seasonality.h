// A test for a seasonal component, and classical decomposition.
//
// `season` is the number of periods in a cycle. Values hold no NaN unless a
// function says so. Once `stop` is requested, a function takes the series for
// one without a season. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_SEASONALITY_H_
#define HEADWAY_DAEMON_FORECAST_MATH_SEASONALITY_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

enum class Decomposition { kAdditive, kMultiplicative };

// Whether the autocorrelation at lag `season` differs from zero at the 90 %
// level, with Bartlett's standard error (Assimakopoulos, Nikolopoulos 2000,
// "The theta model", International Journal of Forecasting 16; the rule of the
// M3 and M4 competitions). False for at most two cycles of values.
bool IsSeasonal(absl::Span<const double> values, int season,
                StopRequest stop = {});

// Seasonal indices by classical decomposition: for each season, the mean of the
// differences from (or ratios to) a centred moving average over one cycle.
// [season]; the first belongs to values[0]. Additive indices sum to zero,
// multiplicative ones average one. Needs two cycles of values.
std::vector<double> SeasonalIndices(absl::Span<const double> values, int season,
                                    Decomposition decomposition,
                                    StopRequest stop = {});

// The values with missing ones (NaN) filled by linear interpolation, of the
// seasonally adjusted values if there are enough of them. The first and the
// last value must be present.
std::vector<double> FillGaps(absl::Span<const double> values, int season,
                             StopRequest stop = {});

// An estimated seasonal component, to remove from values and to restore.
// Immutable.
class SeasonalAdjustment {
 public:
  // Of values that may hold NaN. Multiplicative if all values are positive and
  // no index is close to zero, else additive. If the series is not seasonal,
  // adjusting and restoring change nothing.
  SeasonalAdjustment(absl::Span<const double> values, int season,
                     StopRequest stop = {});

  bool is_seasonal() const { return !indices_.empty(); }

  // `t` is the period, counted from the first value; it may lie past the last
  // one.
  double Adjusted(double value, int t) const;
  double Restored(double value, int t) const;
  std::vector<double> Adjusted(absl::Span<const double> values) const;

 private:
  Decomposition decomposition_ = Decomposition::kMultiplicative;
  std::vector<double> indices_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_SEASONALITY_H_
