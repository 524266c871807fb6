#include "daemon/forecast/kinds/atoms.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/quantile_function.h"
#include "daemon/forecast/math/transform.h"

namespace headway::forecast {
namespace {

constexpr int kLeastAtoms = 2;
constexpr double kLeastShare = 0.05;
constexpr size_t kLeastBetween = 4;
// How many transitions the shares of the three states count as, in each row of
// the chain.
constexpr double kPriorTransitions = 4;

// Rounding may put a probability at 0 or 1.
constexpr double kLeastProbability = 1e-9;
// The probabilities at which what lies between the bounds is forecast.
constexpr double kGrid[] = {0.005, 0.01, 0.025, 0.05, 0.1,  0.15, 0.2,
                            0.3,   0.4,  0.5,   0.6,  0.7,  0.8,  0.85,
                            0.9,   0.95, 0.975, 0.99, 0.995};
constexpr size_t kMiddle = 9;

enum State { kLower, kBetween, kUpper };
using Shares = std::array<double, 3>;

State StateOf(double value, Bounds bounds) {
  if (value <= 0) return kLower;
  return value >= UpperBound(bounds) ? kUpper : kBetween;
}

// Where the series goes from each of the three states.
class Chain {
 public:
  Chain(absl::Span<const double> values, Bounds bounds) {
    Shares seen = {};
    std::array<Shares, 3> transitions = {};
    int before = -1;
    double count = 0;
    for (double value : values) {
      if (std::isnan(value)) {
        before = -1;
        continue;
      }
      const State state = StateOf(value, bounds);
      ++seen[state];
      ++count;
      if (before >= 0) ++transitions[before][state];
      before = state;
      last_ = state;
    }
    // A state that was never seen is not expected; one that was may come again.
    double states = 0;
    for (double times : seen) states += times > 0 ? 1 : 0;
    for (int from = 0; from < 3; ++from) {
      double row = kPriorTransitions;
      for (double times : transitions[from]) row += times;
      for (int to = 0; to < 3; ++to) {
        const double share =
            seen[to] > 0 ? (seen[to] + 0.5) / (count + 0.5 * states) : 0;
        rows_[from][to] =
            (transitions[from][to] + kPriorTransitions * share) / row;
      }
    }
    now_[last_] = 1;
  }

  // Of the next period; each call goes one further.
  Shares Next() {
    Shares next = {};
    for (int from = 0; from < 3; ++from) {
      for (int to = 0; to < 3; ++to) next[to] += now_[from] * rows_[from][to];
    }
    return now_ = next;
  }

 private:
  std::array<Shares, 3> rows_ = {};
  Shares now_ = {};
  State last_ = kBetween;
};

// The distribution of one period.
class Mixed {
 public:
  Mixed(const Shares& shares, Bounds bounds, const QuantileFunction& between)
      : shares_(shares), upper_(UpperBound(bounds)), between_(between) {}

  double Quantile(double probability) const {
    if (probability <= shares_[kLower]) return 0;
    if (probability > 1 - shares_[kUpper]) return upper_;
    const double within = (probability - shares_[kLower]) / shares_[kBetween];
    return between_.At(NormalQuantile(
        std::clamp(within, kLeastProbability, 1 - kLeastProbability)));
  }
  double Mean(double mean_between) const {
    return shares_[kBetween] * mean_between +
           (shares_[kUpper] > 0 ? shares_[kUpper] * upper_ : 0);
  }

 private:
  Shares shares_;
  double upper_;
  const QuantileFunction& between_;
};

// Of values too few to forecast: each may come again.
Prediction Repeat(std::vector<double> values, int horizon) {
  std::sort(values.begin(), values.end());
  std::vector<double> quantiles;
  for (double probability : kGrid) {
    quantiles.push_back(values[static_cast<size_t>(
        probability * static_cast<double>(values.size()))]);
  }
  double mean = 0;
  for (double value : values)
    mean += value / static_cast<double>(values.size());
  Prediction prediction;
  prediction.model = "Past values";
  prediction.point.assign(horizon, quantiles[kMiddle]);
  prediction.mean.assign(horizon, mean);
  prediction.quantiles.assign(horizon, quantiles);
  return prediction;
}

}  // namespace

bool HaveAtoms(absl::Span<const double> values, Bounds bounds) {
  if (bounds == Bounds::kNone) return false;
  int atoms = 0;
  int present = 0;
  for (double value : values) {
    if (std::isnan(value)) continue;
    ++present;
    if (StateOf(value, bounds) != kBetween) ++atoms;
  }
  return atoms >= kLeastAtoms && atoms < present &&
         atoms >= kLeastShare * present;
}

absl::StatusOr<Prediction> PredictAtoms(absl::Span<const double> values,
                                        Bounds bounds, int horizon,
                                        absl::Span<const double> probabilities,
                                        BetweenForecast between) {
  std::vector<double> inside;
  for (double value : values) {
    if (!std::isnan(value) && StateOf(value, bounds) == kBetween) {
      inside.push_back(value);
    }
  }
  absl::StatusOr<Prediction> made = Repeat(inside, horizon);
  if (inside.size() >= kLeastBetween && !IsConstant(inside)) {
    absl::StatusOr<Prediction> modelled = between(inside, kGrid);
    if (!absl::IsFailedPrecondition(modelled.status())) {
      made = std::move(modelled);
    }
  }
  RETURN_IF_ERROR(made.status());
  Prediction& within = *made;
  std::vector<double> scores(std::size(kGrid));
  std::transform(std::begin(kGrid), std::end(kGrid), scores.begin(),
                 NormalQuantile);
  Chain chain(values, bounds);
  Prediction prediction;
  prediction.model =
      absl::StrCat("Atoms at bounds, between them ", within.model);
  prediction.notes = std::move(within.notes);
  // Of the values between the bounds that are expected so far.
  double reached = 0;
  for (int h = 0; h < horizon; ++h) {
    const Shares shares = chain.Next();
    reached += shares[kBetween];
    const auto step = static_cast<size_t>(
        std::clamp(std::ceil(reached - 1e-9) - 1, 0.0, horizon - 1.0));
    const QuantileFunction quantiles(scores, within.quantiles[step], bounds);
    const Mixed mixed(shares, bounds, quantiles);
    prediction.mean.push_back(mixed.Mean(within.mean[step]));
    prediction.point.push_back(mixed.Quantile(0.5));
    std::vector<double> wanted;
    for (double probability : probabilities) {
      wanted.push_back(mixed.Quantile(probability));
    }
    prediction.quantiles.push_back(std::move(wanted));
  }
  return prediction;
}

}  // namespace headway::forecast
