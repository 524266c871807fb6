#include "daemon/forecast/models/theta/classical.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/ets/fit.h"
#include "daemon/forecast/math/seasonality.h"

namespace headway::forecast {
namespace {

double LeastSquaresSlope(absl::Span<const double> values) {
  const double n = static_cast<double>(values.size());
  double product = 0;
  for (size_t t = 0; t < values.size(); ++t) {
    product += values[t] * (static_cast<double>(t) - (n - 1) / 2);
  }
  return product / (n * (n * n - 1) / 12);
}

}  // namespace

absl::StatusOr<Prediction> Theta(const ModelInput& input) {
  const int n = static_cast<int>(input.values.size());
  const SeasonalAdjustment adjustment(input.values, input.season, input.stop);
  const std::vector<double> adjusted = adjustment.Adjusted(input.values);
  const absl::StatusOr<EtsFit> fit =
      FitEts(adjusted, EtsForm{}, 1, EtsShrinkage{}, input.stop);
  if (!fit.ok()) return Annotate(fit.status(), "the Theta method");
  const double alpha = fit->smoothing.alpha;
  const double slope = LeastSquaresSlope(FillGaps(adjusted, 1)) / 2;
  const double lag = (1 - std::pow(1 - alpha, n)) / alpha;
  std::vector<double> point(input.horizon);
  std::vector<double> variance(input.horizon);
  for (int h = 0; h < input.horizon; ++h) {
    const double adjusted_point = fit->final.level + slope * (h + lag);
    point[h] = adjustment.Restored(adjusted_point, n + h);
    // As in R, the variance stays on the adjusted scale.
    variance[h] = fit->variance * (1 + h * alpha * alpha);
  }
  return NormalPrediction("Theta", std::move(point), variance,
                          input.probabilities);
}

}  // namespace headway::forecast
