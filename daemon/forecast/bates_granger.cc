#include "daemon/forecast/bates_granger.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/forecast/ces_fit.h"
#include "daemon/forecast/flair.h"
#include "daemon/forecast/mstl.h"
#include "daemon/forecast/ridge_ar.h"

namespace headway::forecast {
namespace {

using Method = absl::StatusOr<Prediction> (*)(const ModelInput&);

// Of the values that are not missing.
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

// The series without its end, to be forecast over the rest; nothing where what
// is left is of no use.
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
double HeldOutError(Method method, const ModelInput& past,
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

void Add(const Prediction& member, double share, Prediction& sum) {
  for (size_t h = 0; h < sum.point.size(); ++h) {
    sum.point[h] += share * member.point[h];
    sum.mean[h] += share * member.mean[h];
    for (size_t i = 0; i < sum.quantiles[h].size(); ++i) {
      sum.quantiles[h][i] += share * member.quantiles[h][i];
    }
  }
}

}  // namespace

absl::StatusOr<Prediction> BatesGranger(const ModelInput& input) {
  const Method methods[] = {RidgeAr, Mstl, input.season > 1 ? Flair : AutoCes};
  const std::optional<ModelInput> past = HoldOut(input);
  // An exact member has a finite weight.
  const double range = Range(input.values);
  const double least_error = 1e-12 * range * range + 1e-100;
  std::vector<Prediction> members;
  std::vector<double> weights;
  absl::Status reason;
  for (Method method : methods) {
    absl::StatusOr<Prediction> member = method(input);
    if (!member.ok()) {
      reason = member.status();
      continue;
    }
    members.push_back(*std::move(member));
    weights.push_back(
        past ? 1 / (HeldOutError(method, *past, input.values) + least_error)
             : 1);
  }
  if (members.empty()) return reason;
  double total = 0;
  for (double weight : weights) total += weight;
  Prediction sum;
  sum.model = absl::StrCat(
      "Bates-Granger mean of ",
      absl::StrJoin(members, ", ",
                    [](std::string* out, const Prediction& member) {
                      out->append(member.model);
                    }));
  sum.point.assign(input.horizon, 0.0);
  sum.mean = sum.point;
  sum.quantiles.assign(input.horizon,
                       std::vector<double>(input.probabilities.size(), 0.0));
  for (size_t i = 0; i < members.size(); ++i) {
    Add(members[i],
        total > 0 ? weights[i] / total
                  : 1 / static_cast<double>(members.size()),
        sum);
  }
  return sum;
}

}  // namespace headway::forecast
