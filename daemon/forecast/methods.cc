#include "daemon/forecast/methods.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/forecast/auto_arima.h"
#include "daemon/forecast/auto_ets.h"
#include "daemon/forecast/bates_granger.h"
#include "daemon/forecast/ces_fit.h"
#include "daemon/forecast/combination.h"
#include "daemon/forecast/flair.h"
#include "daemon/forecast/forecast.h"
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

using Method = absl::StatusOr<Prediction> (*)(const ModelInput&);

struct NamedMethod {
  absl::string_view name;
  Method run;
};

constexpr NamedMethod kMethods[] = {
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
    {"auto_ces", AutoCes},
    {"theta", Theta},
    {"standard_theta", StandardTheta},
    {"optimised_theta", OptimisedTheta},
    {"dynamic_standard_theta", DynamicStandardTheta},
    {"dynamic_theta", DynamicTheta},
    {"auto_theta", AutoTheta},
    {"croston", Croston},
    {"sba", SyntetosBoylan},
    {"tsb", TeunterSyntetosBabai},
    {"adida", Adida},
    {"imapa", Imapa},
    {"ridge_ar", RidgeAr},
    {"mstl", Mstl},
    {"flair", Flair},
    {"bates_granger", BatesGranger},
    {"structural", Structural},
    {"logistic", Logistic},
    {"gompertz", Gompertz},
    {"bass", Bass},
    {"log_linear", LogLinear},
};
// Those above, and those made of them.
constexpr auto kMethodNames = [] {
  std::array<absl::string_view, std::size(kMethods) + 2> names;
  names.front() = "auto";
  for (size_t i = 0; i < std::size(kMethods); ++i) {
    names[i + 1] = kMethods[i].name;
  }
  names.back() = "combination";
  return names;
}();
constexpr absl::string_view kNonNegativeMethods[] = {"croston", "sba", "tsb",
                                                     "adida", "imapa"};
constexpr absl::string_view kCurves[] = {"logistic", "gompertz", "bass",
                                         "log_linear"};
constexpr absl::string_view kMembers[] = {"auto_ets", "theta", "dynamic_theta"};
constexpr absl::string_view kCandidates[] = {
    "combination", "auto_ets",       "theta", "dynamic_theta",
    "naive",       "seasonal_naive", "drift"};

// Runs each single method at most once.
class MethodRunner {
 public:
  explicit MethodRunner(const ModelInput& input) : input_(input) {}

  absl::StatusOr<Prediction> Run(absl::string_view name) {
    return name == "combination" ? RunCombination() : RunSingle(name);
  }

 private:
  const absl::StatusOr<Prediction>& RunSingle(absl::string_view name) {
    const auto found = done_.find(name);
    if (found != done_.end()) return found->second;
    absl::StatusOr<Prediction> result =
        absl::InternalError(absl::StrCat("no method \"", name, "\""));
    for (const NamedMethod& method : kMethods) {
      if (method.name == name) result = method.run(input_);
    }
    return done_.emplace(name, std::move(result)).first->second;
  }

  // Members that the series is too short for are left out.
  absl::StatusOr<Prediction> RunCombination() {
    std::vector<Prediction> members;
    absl::Status reason;
    for (absl::string_view name : kMembers) {
      const absl::StatusOr<Prediction>& member = RunSingle(name);
      if (member.ok()) {
        members.push_back(*member);
      } else {
        reason = member.status();
      }
    }
    if (members.empty()) return reason;
    return Combine(members);
  }

  const ModelInput& input_;
  std::map<absl::string_view, absl::StatusOr<Prediction>> done_;
};

}  // namespace

absl::Span<const absl::string_view> MethodNames() { return kMethodNames; }

bool IsMethodName(absl::string_view name) {
  return std::find(std::begin(kMethodNames), std::end(kMethodNames), name) !=
         std::end(kMethodNames);
}

absl::Span<const absl::string_view> Candidates() { return kCandidates; }

bool KeepsNonNegative(absl::string_view method) {
  return std::find(std::begin(kNonNegativeMethods),
                   std::end(kNonNegativeMethods),
                   method) != std::end(kNonNegativeMethods);
}

bool IsCurve(absl::string_view method) {
  return std::find(std::begin(kCurves), std::end(kCurves), method) !=
         std::end(kCurves);
}

std::vector<absl::StatusOr<Prediction>> RunMethods(
    absl::Span<const std::string> methods, const ModelInput& input) {
  MethodRunner runner(input);
  std::vector<absl::StatusOr<Prediction>> predictions;
  for (const std::string& method : methods) {
    absl::StatusOr<Prediction> prediction = runner.Run(method);
    if (absl::IsFailedPrecondition(prediction.status())) {
      const absl::Status reason = prediction.status();
      prediction = runner.Run("naive");
      if (prediction.ok()) {
        prediction->notes.push_back(absl::StrCat(
            reason.message(), "; the naive method was used instead"));
      }
    }
    predictions.push_back(std::move(prediction));
  }
  return predictions;
}

}  // namespace headway::forecast
