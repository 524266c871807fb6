#include "daemon/pipeline/regressors.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/forecast.h"
#include "daemon/pipeline/forecasting/column.h"
#include "daemon/series/period.h"
#include "daemon/series/step_axis.h"

namespace headway::pipeline {
namespace {

// One standard deviation below and above the middle of a normal distribution.
constexpr double kBelow = 0.15865525393145705;
constexpr double kAbove = 0.8413447460685429;
// As far as a forecast goes.
constexpr int kMostSteps = 1000;

absl::Status ReadInto(const ForecastDefinition& definition,
                      const EvaluationInputs& inputs, RegressorPanels& panels) {
  for (const std::string& name : IndicatorsAmong(definition.regressors)) {
    if (panels.count(name) > 0) continue;
    const auto indicator = inputs.definitions->indicators.find(name);
    if (indicator == inputs.definitions->indicators.end() ||
        !indicator->second.errors.empty()) {
      panels.emplace(
          name, absl::FailedPreconditionError(absl::StrCat(
                    "indicator \"", name, "\" is not defined, or has errors")));
      continue;
    }
    auto panel = EvaluateIndicator(*inputs.definitions, name, *inputs.reader,
                                   inputs.options, inputs.budget);
    if (absl::IsCancelled(panel.status())) return panel.status();
    if (panel.ok() && panel->columns.empty()) {
      panel = absl::FailedPreconditionError("it has no values yet");
    }
    panels.emplace(name, std::move(panel));
    RETURN_IF_ERROR(ReadInto(indicator->second.forecast, inputs, panels));
  }
  return absl::OkStatus();
}

// The ordinals of the earliest last value and of the farthest end.
struct Reach {
  int32_t last = 0;
  int32_t end = 0;
};

Reach ReachOf(const query::Panel& panel, int horizon) {
  std::vector<int32_t> lasts;
  std::vector<int32_t> ends;
  for (const query::LabelledColumn& whole : panel.columns) {
    std::string note;
    const series::Observations x = WithoutPartial(whole, &note).observations;
    const series::StepAxis axis(x);
    const int32_t last = axis.StepOf(x.ordinals.back());
    lasts.push_back(x.ordinals.back());
    ends.push_back(
        axis.OrdinalOf(last + HorizonOf(horizon, x.frequency, axis)));
  }
  return {*std::min_element(lasts.begin(), lasts.end()),
          *std::max_element(ends.begin(), ends.end())};
}

// What is known of a column, and what is forecast of it.
absl::StatusOr<RegressorSeries> Join(const query::LabelledColumn& whole,
                                     const MadeForecast& made) {
  RETURN_IF_ERROR(made.status);
  std::string note;
  const query::LabelledColumn column = WithoutPartial(whole, &note);
  RegressorSeries joined;
  joined.labels = column.labels;
  joined.frequency = column.observations.frequency;
  for (size_t i = 0; i < column.observations.size(); ++i) {
    joined.points[column.observations.ordinals[i]] = {
        column.observations.values[i], 0};
  }
  for (const v1::ForecastStep& step : made.forecast.steps()) {
    ASSIGN_OR_RETURN(const series::Period period,
                     series::ParsePeriod(step.period()));
    const double below =
        messages::QuantileAt(step, kBelow).value_or(step.point());
    const double above =
        messages::QuantileAt(step, kAbove).value_or(step.point());
    joined.points[period.ordinal] = {step.point(), (above - below) / 2};
  }
  return joined;
}

absl::StatusOr<RegressorIndicators> GoOn(const RegressorPanels& panels,
                                         const ForecastTask& task, int32_t end,
                                         const Definitions& definitions);

// `name`, up to the ordinal `end`.
absl::StatusOr<RegressorIndicator> GoOnWith(const std::string& name,
                                            const RegressorPanels& panels,
                                            const ForecastTask& task,
                                            int32_t end,
                                            const Definitions& definitions) {
  const auto found = panels.find(name);
  if (found == panels.end()) {
    return absl::FailedPreconditionError("it was not read");
  }
  RETURN_IF_ERROR(found->second.status());
  const query::Panel& panel = *found->second;
  ForecastTask own = task;
  own.indicator = name;
  own.definition = definitions.indicators.at(name).forecast;
  own.definition.through = Through::kDirect;
  own.definition.horizon =
      std::clamp(end - ReachOf(panel, 1).last, 1, kMostSteps);
  own.probabilities = {kBelow, 0.5, kAbove};
  own.with_record = false;
  own.ahead = nullptr;
  ASSIGN_OR_RETURN(const RegressorIndicators further,
                   GoOn(panels, own, end, definitions));
  own.regressors = &further;
  ASSIGN_OR_RETURN(const std::vector<MadeForecast> made,
                   MakeForecasts(panel, own));
  RegressorIndicator indicator;
  for (size_t i = 0; i < made.size(); ++i) {
    absl::StatusOr<RegressorSeries> joined = Join(panel.columns[i], made[i]);
    if (joined.ok()) {
      indicator.series.push_back(*std::move(joined));
    } else {
      indicator.status = joined.status();
    }
  }
  // One that cannot be forecast is missed by the series that goes with it.
  if (!indicator.series.empty()) indicator.status = absl::OkStatus();
  return indicator;
}

// The regressors of the definition of `task`. There is no cycle among them.
absl::StatusOr<RegressorIndicators> GoOn(const RegressorPanels& panels,
                                         const ForecastTask& task, int32_t end,
                                         const Definitions& definitions) {
  RegressorIndicators indicators;
  for (const std::string& name : IndicatorsAmong(task.definition.regressors)) {
    absl::StatusOr<RegressorIndicator> indicator =
        GoOnWith(name, panels, task, end, definitions);
    if (absl::IsCancelled(indicator.status())) return indicator.status();
    indicators[name] = indicator.ok()
                           ? *std::move(indicator)
                           : RegressorIndicator{indicator.status(), {}};
  }
  return indicators;
}

}  // namespace

absl::StatusOr<RegressorPanels> ReadRegressors(
    const ForecastDefinition& definition, const EvaluationInputs& inputs) {
  RegressorPanels panels;
  RETURN_IF_ERROR(ReadInto(definition, inputs, panels));
  return panels;
}

IssueState WithRegressors(IssueState state, const RegressorPanels& panels) {
  if (panels.empty()) return state;
  StableHash hash;
  hash.Add(state.mark);
  for (const auto& [name, panel] : panels) {
    hash.Add(name);
    if (!panel.ok()) continue;
    for (const query::LabelledColumn& column : panel->columns) {
      hash.Add(HashOf(column));
    }
  }
  state.mark = absl::StrCat(absl::Hex(hash.value()));
  return state;
}

absl::StatusOr<RegressorIndicators> ForecastRegressors(
    const RegressorPanels& panels, const query::Panel& panel,
    const ForecastTask& task, const Definitions& definitions) {
  if (panels.empty() || panel.columns.empty()) return RegressorIndicators();
  return GoOn(panels, task, ReachOf(panel, task.definition.horizon).end,
              definitions);
}

}  // namespace headway::pipeline
