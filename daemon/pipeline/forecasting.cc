#include "daemon/pipeline/forecasting.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/anomalies.h"
#include "daemon/forecast/forecast.h"
#include "daemon/messages/forecast.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/series/period.h"

namespace headway::pipeline {
namespace {

using messages::ToTimestamp;

constexpr int kLeastDefaultHorizon = 4;

uint64_t SeedOf(const ForecastTask& task, const series::Labels& labels) {
  return StableHash()
      .Add(task.indicator)
      .Add(static_cast<uint64_t>(absl::ToUnixMicros(task.as_of)))
      .Add(series::FormatLabels(labels))
      .value();
}

forecast::Options OptionsOf(const ForecastTask& task,
                            const query::LabelledColumn& column,
                            const series::StepAxis& axis) {
  const series::Frequency frequency = column.observations.frequency;
  forecast::Options options;
  options.method = task.definition.method;
  // A year, in steps of the series.
  const int year = axis.leaves_out_days()
                       ? series::PeriodsPerYear(frequency) * axis.season() / 7
                       : series::PeriodsPerYear(frequency);
  options.horizon = task.definition.horizon > 0
                        ? task.definition.horizon
                        : std::max(kLeastDefaultHorizon, year);
  options.season = axis.season();
  options.bounds = task.definition.bounds;
  if (!task.probabilities.empty()) options.probabilities = task.probabilities;
  options.seed = SeedOf(task, column.labels);
  options.stopped = task.stopped;
  return options;
}

// Outliers and level shifts, the latest first: a model takes them for what may
// come again, and a reader may know better. CANCELLED if stopped.
absl::Status NoteAnomalies(absl::Span<const double> values,
                           series::Period first, const series::StepAxis& axis,
                           const forecast::Options& options, v1::Forecast& to) {
  constexpr size_t kMostNotes = 5;
  const auto found =
      forecast::FindAnomalies(values, options.season, options.stopped);
  if (absl::IsCancelled(found.status())) return found.status();
  // Too short to tell.
  if (!found.ok()) return absl::OkStatus();
  for (size_t i = 0; i < std::min(found->size(), kMostNotes); ++i) {
    const forecast::Anomaly& anomaly = (*found)[found->size() - 1 - i];
    const int32_t step = axis.StepOf(first.ordinal) + anomaly.position;
    const series::Period period = {first.frequency, axis.OrdinalOf(step)};
    to.add_notes(absl::StrFormat(
        "%s: %s of %+.4g (%.1f standard errors)", series::FormatPeriod(period),
        anomaly.kind == forecast::AnomalyKind::kOutlier ? "an outlier"
                                                        : "a level shift",
        anomaly.size, std::abs(anomaly.score)));
  }
  return absl::OkStatus();
}

absl::Status Fill(const query::LabelledColumn& column, const ForecastTask& task,
                  v1::Forecast& to) {
  const series::Observations& observations = column.observations;
  const series::StepAxis axis(observations);
  const forecast::Options options = OptionsOf(task, column, axis);
  const int32_t last = axis.StepOf(observations.ordinals.back());
  const auto period_at = [&](int32_t step) {
    return series::Period{observations.frequency, axis.OrdinalOf(step)};
  };
  if (!series::IsInRange(period_at(last + options.horizon))) {
    return absl::OutOfRangeError(absl::StrCat(
        options.horizon, " periods after ",
        series::FormatPeriod(period_at(last)),
        " is beyond the years that Headway knows; ask for a shorter horizon"));
  }
  const std::vector<double> values = WithGaps(observations, axis);
  ASSIGN_OR_RETURN(const forecast::Forecast made,
                   forecast::MakeForecast(values, options));
  to.set_model(made.model);
  for (int h = 0; h < options.horizon; ++h) {
    *to.add_steps() = messages::ToForecastStep(
        series::FormatPeriod(period_at(last + h + 1)), made.point[h],
        made.mean[h], made.probabilities, made.quantiles[h]);
  }
  if (made.backtest.has_value()) {
    v1::BacktestScore& score = *to.mutable_backtest();
    score.set_origins(made.backtest->origins);
    score.set_mase(made.backtest->mase);
    score.set_smape(made.backtest->smape);
    score.set_coverage80(made.backtest->coverage80);
  }
  for (const std::string& note : made.notes) to.add_notes(note);
  if (axis.leaves_out_days()) {
    to.add_notes(
        absl::StrCat("the series has values on ", axis.season(),
                     " days of the week only, and so has its forecast"));
  }
  return NoteAnomalies(values,
                       {observations.frequency, observations.ordinals.front()},
                       axis, options, to);
}

// What is of a part of a period would look like a plunge, and is not fitted.
// Says so in `note`. The whole column where nothing else would be left.
query::LabelledColumn WithoutPartial(const query::LabelledColumn& column,
                                     std::string* note) {
  const series::Observations& x = column.observations;
  query::LabelledColumn kept = column;
  series::Observations& left = kept.observations;
  left.ordinals.clear();
  left.values.clear();
  left.statuses.clear();
  int32_t last_partial = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const series::ObservationStatus status = series::StatusAt(x.statuses, i);
    if (status == series::ObservationStatus::kPartial) {
      last_partial = x.ordinals[i];
      continue;
    }
    series::AppendStatus(status, left.size(), &left.statuses);
    left.ordinals.push_back(x.ordinals[i]);
    left.values.push_back(x.values[i]);
  }
  const size_t partial = x.size() - left.size();
  if (partial == 0 || left.empty()) return column;
  *note = absl::StrCat(
      partial == 1 ? "a partial value, of "
                   : absl::StrCat(partial, " partial values, the last of "),
      series::FormatPeriod({x.frequency, last_partial}),
      partial == 1 ? ", is not fitted" : ", are not fitted");
  return kept;
}

}  // namespace

std::vector<double> WithGaps(const series::Observations& observations,
                             const series::StepAxis& axis) {
  const int32_t first = axis.StepOf(observations.ordinals.front());
  std::vector<double> values(
      static_cast<size_t>(axis.StepOf(observations.ordinals.back())) - first +
          1,
      std::numeric_limits<double>::quiet_NaN());
  for (size_t i = 0; i < observations.size(); ++i) {
    values[axis.StepOf(observations.ordinals[i]) - first] =
        observations.values[i];
  }
  return values;
}

absl::StatusOr<std::vector<MadeForecast>> MakeForecasts(
    const query::Panel& panel, const ForecastTask& task) {
  std::vector<MadeForecast> made;
  for (const query::LabelledColumn& whole : panel.columns) {
    std::string left_out;
    const query::LabelledColumn column = WithoutPartial(whole, &left_out);
    MadeForecast& one = made.emplace_back();
    v1::Forecast& forecast = one.forecast;
    if (!task.indicator.empty()) {
      forecast.set_indicator(absl::StrCat("indicators/", task.indicator));
    }
    messages::ToProto(column.labels, forecast.mutable_labels());
    forecast.set_frequency(messages::ToProto(column.observations.frequency));
    forecast.set_unit(panel.unit.ToString());
    *forecast.mutable_issue_time() = ToTimestamp(task.issue_time);
    *forecast.mutable_as_of() = ToTimestamp(task.as_of);
    forecast.set_run(task.run);
    for (const series::VintageKind kind : panel.vintage_kinds) {
      forecast.add_vintage_kinds(messages::ToProto(kind));
    }
    forecast.set_method(task.definition.method);
    *forecast.mutable_last() =
        messages::ToProto(column.observations, column.observations.size() - 1);
    if (!left_out.empty()) forecast.add_notes(left_out);
    one.status = Fill(column, task, forecast);
    if (absl::IsCancelled(one.status)) return one.status;
    if (!one.status.ok()) {
      forecast.set_error(std::string(one.status.message()));
    }
  }
  return made;
}

}  // namespace headway::pipeline
