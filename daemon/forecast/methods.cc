#include "daemon/forecast/methods.h"

#include "daemon/forecast/auto_arima.h"
#include "daemon/forecast/auto_ets.h"
#include "daemon/forecast/bates_granger.h"
#include "daemon/forecast/ces_fit.h"
#include "daemon/forecast/flair.h"
#include "daemon/forecast/growth_curve.h"
#include "daemon/forecast/intermittent.h"
#include "daemon/forecast/log_linear.h"
#include "daemon/forecast/mstl.h"
#include "daemon/forecast/ridge_ar.h"
#include "daemon/forecast/simple.h"
#include "daemon/forecast/smoothing.h"
#include "daemon/forecast/structural_fit.h"
#include "daemon/forecast/theta.h"
#include "daemon/forecast/theta_model.h"

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
    {"arima", Arima},
    {"auto_arima", AutoArima},
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
