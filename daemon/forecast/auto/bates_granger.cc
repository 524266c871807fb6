#include "daemon/forecast/auto/bates_granger.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/forecast/models/ces/fit.h"
#include "daemon/forecast/models/flair.h"
#include "daemon/forecast/models/mstl.h"
#include "daemon/forecast/models/ridge_ar.h"

namespace headway::forecast {
namespace {

// Weights are above 0, so that members that all fail on the shorter series
// count equally.
constexpr double kLeastWeight = 1e-200;

using MemberMethod = absl::StatusOr<Prediction> (*)(const ModelInput&);

// The range of the values that are not missing.
double Range(absl::Span<const double> values) {
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  for (double value : values) {
    if (std::isnan(value)) continue;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  return most - least;
}

// The series without its end, with the length of the end as the horizon.
// Nothing if no value can be held out or the rest is constant.
std::optional<ModelInput> HoldOut(const ModelInput& input) {
  const int n = static_cast<int>(input.values.size());
  int kept = n - std::min(input.horizon, n / 4);
  while (kept > 0 && std::isnan(input.values[kept - 1])) --kept;
  ModelInput past = input;
  past.values = input.values.first(kept);
  past.horizon = n - kept;
  past.probabilities = {};
  // A method sees at least two values that differ.
  if (past.horizon == 0 || !(Range(past.values) > 0)) return std::nullopt;
  return past;
}

// The mean squared error over what was held out, or infinity.
double HeldOutError(MemberMethod method, const ModelInput& past,
                    absl::Span<const double> values) {
  const absl::StatusOr<Prediction> prediction = method(past);
  if (!prediction.ok()) return std::numeric_limits<double>::infinity();
  double squares = 0;
  int count = 0;
  for (int h = 0; h < past.horizon; ++h) {
    const double error = values[past.values.size() + h] - prediction->point[h];
    if (std::isnan(error)) continue;
    squares += error * error;
    ++count;
  }
  return squares / count;
}

}  // namespace

absl::StatusOr<Prediction> BatesGranger(const ModelInput& input) {
  const MemberMethod methods[] = {RidgeAr, Mstl,
                                  input.season > 1 ? Flair : AutoCes};
  const std::optional<ModelInput> past = HoldOut(input);
  // An exact member has a finite weight.
  const double range = Range(input.values);
  const double least_error = 1e-12 * range * range + 1e-100;
  std::vector<Prediction> members;
  std::vector<double> weights;
  absl::Status reason;
  for (MemberMethod method : methods) {
    absl::StatusOr<Prediction> member = method(input);
    if (input.stop.requested()) return GivenUp();
    if (!member.ok()) {
      reason = member.status();
      continue;
    }
    members.push_back(*std::move(member));
    // A member that fails on the shorter past has a weight close to none.
    weights.push_back(
        past ? 1 / (HeldOutError(method, *past, input.values) + least_error)
             : 1);
    weights.back() = std::max(weights.back(), kLeastWeight);
  }
  if (members.empty()) return reason;
  Prediction average = AveragePredictions(members, weights);
  average.model = absl::StrCat("Bates-Granger ", average.model);
  return average;
}

}  // namespace headway::forecast
