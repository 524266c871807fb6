#include "daemon/forecast/models/smoothing.h"

#include <utility>
#include <vector>

#include "daemon/base/status_macros.h"
#include "daemon/forecast/ets/fit.h"
#include "daemon/forecast/ets/predict.h"
#include "daemon/forecast/math/seasonality.h"

namespace headway::forecast {
namespace {

using enum EtsComponent;

absl::StatusOr<Prediction> PredictAdjusted(const ModelInput& input,
                                           const EtsForm& form) {
  const SeasonalAdjustment adjustment(input.values, input.season, input.stop);
  const std::vector<double> adjusted = adjustment.Adjusted(input.values);
  ASSIGN_OR_RETURN(
      const EtsFit fit,
      FitEts(adjusted, form, 1, ForecastShrinkage(input.season), input.stop));
  Prediction prediction =
      PredictEts(fit, input.horizon, input.probabilities, input.seed);
  RestoreSeason(adjustment, static_cast<int>(input.values.size()), prediction);
  return prediction;
}

}  // namespace

absl::StatusOr<Prediction> SimpleSmoothing(const ModelInput& input) {
  return PredictAdjusted(input, {kAdditive, kNone, false, kNone});
}

absl::StatusOr<Prediction> HoltSmoothing(const ModelInput& input) {
  return PredictAdjusted(input, {kAdditive, kAdditive, false, kNone});
}

absl::StatusOr<Prediction> DampedHoltSmoothing(const ModelInput& input) {
  return PredictAdjusted(input, {kAdditive, kAdditive, true, kNone});
}

}  // namespace headway::forecast
