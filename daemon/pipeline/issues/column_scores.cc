#include "daemon/pipeline/issues/column_scores.h"

#include <algorithm>
#include <cmath>

#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/track_record.h"
#include "daemon/scores/scores.h"
#include "daemon/series/period.h"

namespace headway::pipeline {
namespace {

scores::Outcome ToOutcome(const v1::ForecastStep& step, double actual) {
  scores::Outcome outcome;
  outcome.point = step.point();
  outcome.actual = actual;
  for (const v1::Quantile& quantile : step.quantiles()) {
    outcome.quantiles.push_back({quantile.probability(), quantile.value()});
  }
  return outcome;
}

// The strata that a step so far ahead belongs to.
std::vector<StratumKey> KeysOf(const std::string& method, int distance,
                               v1::ActualKind actuals) {
  std::vector<StratumKey> keys;
  for (const scores::StepRange& range :
       {scores::kAllSteps, scores::StepRangeOf(distance)}) {
    keys.push_back({"", range, actuals});
    if (!method.empty()) keys.push_back({method, range, actuals});
  }
  return keys;
}

}  // namespace

v1::TrackStratum ToProto(const StratumKey& key, const StratumScores& scores) {
  v1::TrackStratum proto = messages::ToProto(scores.builder.Build());
  proto.set_method(key.method);
  proto.set_first_step(key.steps.first);
  proto.set_last_step(key.steps.last);
  proto.set_actuals(key.actuals);
  proto.set_issues(scores.issues);
  return proto;
}

ColumnScores::ColumnScores(const series::Observations* actuals,
                           bool with_strata)
    : actuals_(*actuals),
      with_strata_(with_strata),
      axis_(*actuals),
      values_(series::WithGaps(*actuals, axis_)),
      first_releases_(actuals) {}

absl::Status ColumnScores::Note(const v1::Forecast& forecast) {
  ASSIGN_OR_RETURN(
      const series::Period last,
      series::ParsePeriod(forecast.last().period(), actuals_.frequency));
  first_releases_.Note(last.ordinal, forecast.last().value());
  return absl::OkStatus();
}

absl::Status ColumnScores::Add(const v1::Forecast& forecast) {
  ASSIGN_OR_RETURN(
      const series::Period last,
      series::ParsePeriod(forecast.last().period(), actuals_.frequency));
  if (first_releases_.IsRescaled(last.ordinal, forecast.last().value())) {
    ++rescaled_;
    return absl::OkStatus();
  }
  bool has_outcome = false;
  counted_in_.clear();
  for (const v1::ForecastStep& step : forecast.steps()) {
    ASSIGN_OR_RETURN(const series::Period period,
                     series::ParsePeriod(step.period(), actuals_.frequency));
    const std::optional<double> actual = ValueAt(actuals_, period.ordinal);
    // What was known when it was said is no forecast.
    if (!actual.has_value() || period.ordinal <= last.ordinal) continue;
    RETURN_IF_ERROR(builder_.Add(ToOutcome(step, *actual)));
    if (with_strata_) {
      RETURN_IF_ERROR(
          AddToStrata(forecast, step, last.ordinal, period.ordinal, *actual));
    }
    has_outcome = true;
  }
  if (!has_outcome) return absl::OkStatus();
  ++issues_;
  first_origin_ = std::min(first_origin_, last.ordinal);
  return absl::OkStatus();
}

absl::Status ColumnScores::AddToStrata(const v1::Forecast& forecast,
                                       const v1::ForecastStep& step,
                                       int32_t origin, int32_t ordinal,
                                       double actual) {
  const int distance = axis_.StepOf(ordinal) - axis_.StepOf(origin);
  const std::optional<double> naive = NaiveAt(origin, distance);
  const auto add = [&](v1::ActualKind kind, double value) -> absl::Status {
    const scores::Outcome outcome = ToOutcome(step, value);
    std::optional<double> benchmark_error;
    if (naive.has_value()) benchmark_error = std::abs(value - *naive);
    for (const StratumKey& key : KeysOf(forecast.method(), distance, kind)) {
      StratumScores& stratum = strata_[key];
      RETURN_IF_ERROR(stratum.builder.Add(outcome, benchmark_error));
      if (counted_in_.insert(key).second) ++stratum.issues;
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(add(v1::LATEST, actual));
  const std::optional<double> first = first_releases_.At(ordinal);
  return first.has_value() ? add(v1::FIRST_RELEASE, *first) : absl::OkStatus();
}

std::optional<double> ColumnScores::NaiveAt(int32_t origin,
                                            int distance) const {
  const int32_t known =
      axis_.StepOf(origin) - axis_.StepOf(actuals_.ordinals.front()) + 1;
  if (known < 1 || known > static_cast<int32_t>(values_.size())) {
    return std::nullopt;
  }
  return scores::SeasonalNaive(absl::MakeConstSpan(values_).first(known),
                               axis_.season(), distance);
}

// Of the history that ends before every outcome.
std::optional<double> ColumnScores::Scale() const {
  const int32_t first = actuals_.ordinals.front();
  if (first_origin_ < first) return std::nullopt;
  const int32_t steps = axis_.StepOf(first_origin_) - axis_.StepOf(first) + 1;
  return scores::SeasonalNaiveError(absl::MakeConstSpan(values_).first(steps),
                                    axis_.season());
}

absl::StatusOr<v1::TrackRecord> ColumnScores::Record() {
  v1::TrackRecord proto;
  proto.set_rescaled_issues(rescaled_);
  if (issues_ == 0) return proto;
  const std::optional<double> scale = Scale();
  ASSIGN_OR_RETURN(const scores::TrackRecord record, builder_.Build(scale));
  proto.set_issues(issues_);
  proto.set_outcomes(record.outcomes);
  proto.set_mean_absolute_error(record.mean_absolute_error);
  proto.set_mean_weighted_interval_score(record.mean_weighted_interval_score);
  if (record.mean_scaled_error.has_value()) {
    proto.set_mean_scaled_error(*record.mean_scaled_error);
  }
  if (record.coverage80.has_value()) {
    proto.set_coverage80(*record.coverage80);
  }
  for (auto& [key, stratum] : strata_) {
    stratum.builder.SetScale(scale);
    *proto.add_strata() = ToProto(key, stratum);
  }
  return proto;
}

}  // namespace headway::pipeline
