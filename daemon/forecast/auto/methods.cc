#include "daemon/forecast/auto/methods.h"

#include "daemon/forecast/arima/auto.h"
#include "daemon/forecast/auto/bates_granger.h"
#include "daemon/forecast/ets/auto.h"
#include "daemon/forecast/models/ces/fit.h"
#include "daemon/forecast/models/flair.h"
#include "daemon/forecast/models/growth_curve.h"
#include "daemon/forecast/models/intermittent.h"
#include "daemon/forecast/models/log_linear.h"
#include "daemon/forecast/models/mstl.h"
#include "daemon/forecast/models/ridge_ar.h"
#include "daemon/forecast/models/simple.h"
#include "daemon/forecast/models/smoothing.h"
#include "daemon/forecast/models/structural/fit.h"
#include "daemon/forecast/models/theta/classical.h"
#include "daemon/forecast/models/theta/fit.h"

namespace headway::forecast {
namespace {

constexpr Method kMethods[] = {
    {"naive", Naive},
    {"seasonal_naive", SeasonalNaive},
    {"drift", Drift},
    {"mean", Mean},
    {"ses", SimpleSmoothing},
    {"holt", HoltSmoothing},
    {"damped_holt", DampedHoltSmoothing},
    {"auto_ets", AutoEts},
    {"arima", Arima, UnderBounds::kLog, /*takes_regressors=*/true},
    {"auto_arima", AutoArima, UnderBounds::kLog, /*takes_regressors=*/true},
    {"auto_ces", AutoCes, UnderBounds::kStraight},
    {"theta", Theta},
    {"standard_theta", StandardTheta},
    {"optimised_theta", OptimisedTheta},
    {"dynamic_standard_theta", DynamicStandardTheta},
    {"dynamic_theta", DynamicTheta},
    {"auto_theta", AutoTheta},
    {"croston", Croston, UnderBounds::kNonNegative},
    {"sba", SyntetosBoylan, UnderBounds::kNonNegative},
    {"tsb", TeunterSyntetosBabai, UnderBounds::kNonNegative},
    {"adida", Adida, UnderBounds::kNonNegative},
    {"imapa", Imapa, UnderBounds::kNonNegative},
    {"ridge_ar", RidgeAr, UnderBounds::kStraight},
    {"mstl", Mstl},
    {"flair", Flair},
    {"bates_granger", BatesGranger},
    {"structural", Structural},
    {"logistic", Logistic, UnderBounds::kPlain},
    {"gompertz", Gompertz, UnderBounds::kPlain},
    {"bass", Bass, UnderBounds::kPlain},
    {"log_linear", LogLinear, UnderBounds::kPlain},
};

}  // namespace

absl::Span<const Method> SingleMethods() { return kMethods; }

const Method* FindMethod(absl::string_view name) {
  for (const Method& method : kMethods) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

}  // namespace headway::forecast
