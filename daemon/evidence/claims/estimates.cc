#include "daemon/evidence/claims/estimates.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/student.h"

namespace headway::evidence {
namespace {

constexpr int kLeastForLevel = 4;

double MeanOf(absl::Span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Of the noise about a level, by the differences of neighbours.
double NoiseVariance(absl::Span<const double> values) {
  double sum = 0;
  for (size_t i = 1; i < values.size(); ++i) {
    const double step = values[i] - values[i - 1];
    sum += step * step;
  }
  return sum / (2 * static_cast<double>(values.size() - 1));
}

double QuantileOf(const Estimate& estimate, double probability) {
  return estimate.degrees > 0
             ? forecast::StudentQuantile(probability, estimate.degrees)
             : forecast::NormalQuantile(probability);
}

}  // namespace

double ProbabilityOf(const Estimate& estimate, Side side, double threshold) {
  const double distance = estimate.interval.estimate - threshold;
  double above = 0.5;
  if (estimate.standard_error > 0) {
    const double score = distance / estimate.standard_error;
    above = estimate.degrees > 0
                ? forecast::StudentProbability(score, estimate.degrees)
                : 0.5 * std::erfc(-score / std::sqrt(2.0));
  } else if (distance != 0) {
    above = distance > 0 ? 1 : 0;
  }
  return side == Side::kAbove ? above : 1 - above;
}

double SmallestDetectable(const Estimate& estimate) {
  return (QuantileOf(estimate, 0.975) + QuantileOf(estimate, 0.8)) *
         estimate.standard_error;
}

absl::StatusOr<Estimate> MeanLevel(absl::Span<const double> values, int count) {
  if (count < kLeastForLevel || static_cast<int>(values.size()) < count) {
    return absl::FailedPreconditionError(
        absl::StrCat("there are ", values.size(), " values; a level needs ",
                     std::max(count, kLeastForLevel)));
  }
  const absl::Span<const double> newest =
      values.subspan(values.size() - static_cast<size_t>(count));
  const size_t learned =
      std::min(values.size(), 5 * static_cast<size_t>(count));
  const double noise = NoiseVariance(values.subspan(values.size() - learned));
  const double mean = MeanOf(newest);
  Estimate estimate;
  estimate.standard_error = std::sqrt(noise / count);
  estimate.degrees = static_cast<double>(learned - 1);
  const double reach = QuantileOf(estimate, 0.975) * estimate.standard_error;
  estimate.interval = {mean, mean - reach, mean + reach};
  estimate.observations = count;
  estimate.method = absl::StrCat("mean of the newest ", count,
                                 " values, noise from the differences of ",
                                 learned, " neighbours");
  return estimate;
}

}  // namespace headway::evidence
