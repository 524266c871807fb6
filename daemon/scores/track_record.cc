#include "daemon/scores/track_record.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/scores/scores.h"

namespace headway::scores {
namespace {

// By how much two probabilities may differ that are one and the same: they are
// read from text and from messages as decimal fractions.
constexpr double kProbabilityTolerance = 1e-9;

std::optional<double> ValueAt(const Outcome& outcome, double probability) {
  for (const Quantile& quantile : outcome.quantiles) {
    if (std::abs(quantile.probability - probability) < kProbabilityTolerance) {
      return quantile.value;
    }
  }
  return std::nullopt;
}

absl::Status CheckOutcome(const Outcome& outcome) {
  if (!std::isfinite(outcome.point) || !std::isfinite(outcome.actual)) {
    return absl::InvalidArgumentError(
        absl::StrCat("point ", outcome.point, " and actual ", outcome.actual,
                     " must be finite numbers"));
  }
  if (outcome.quantiles.empty()) {
    return absl::InvalidArgumentError(
        "a forecast without quantiles cannot be scored");
  }
  double last = 0;
  for (const Quantile& quantile : outcome.quantiles) {
    if (!(quantile.probability > last && quantile.probability < 1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("quantile ", quantile.probability, " is not between ",
                       last, " and 1; give probabilities that rise"));
    }
    if (!std::isfinite(quantile.value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the quantile ", quantile.probability, " is ",
                       quantile.value, ", not a finite number"));
    }
    last = quantile.probability;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OutcomeScore> Score(const Outcome& outcome) {
  RETURN_IF_ERROR(CheckOutcome(outcome));
  OutcomeScore score;
  score.absolute_error = std::abs(outcome.actual - outcome.point);
  std::vector<double> probabilities;
  std::vector<double> quantiles;
  for (const Quantile& quantile : outcome.quantiles) {
    probabilities.push_back(quantile.probability);
    quantiles.push_back(quantile.value);
  }
  score.weighted_interval_score = RankedProbabilityScore(
      {&outcome.actual, 1}, {&quantiles, 1}, probabilities);
  const std::optional<double> low = ValueAt(outcome, 0.1);
  const std::optional<double> high = ValueAt(outcome, 0.9);
  if (low.has_value() && high.has_value()) {
    const Intervals interval = {{&*low, 1}, {&*high, 1}, 0.8};
    score.within80 = Coverage({&outcome.actual, 1}, interval) == 1;
  }
  return score;
}

absl::Status TrackRecordBuilder::Add(const Outcome& outcome) {
  ASSIGN_OR_RETURN(const OutcomeScore score, Score(outcome));
  ++outcomes_;
  absolute_error_ += score.absolute_error;
  weighted_interval_score_ += score.weighted_interval_score;
  if (score.within80.has_value()) {
    ++judged_;
    within_ += *score.within80;
  }
  return absl::OkStatus();
}

absl::StatusOr<TrackRecord> TrackRecordBuilder::Build(
    std::optional<double> scale) const {
  if (outcomes_ == 0) {
    return absl::FailedPreconditionError(
        "there is nothing to score: no actual has come for any forecast yet");
  }
  TrackRecord record;
  record.outcomes = outcomes_;
  record.mean_absolute_error = absolute_error_ / outcomes_;
  record.mean_weighted_interval_score = weighted_interval_score_ / outcomes_;
  if (scale.has_value()) {
    record.mean_scaled_error = record.mean_absolute_error / *scale;
  }
  if (judged_ > 0) record.coverage80 = static_cast<double>(within_) / judged_;
  return record;
}

}  // namespace headway::scores
