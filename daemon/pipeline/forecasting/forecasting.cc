#include "daemon/pipeline/forecasting/forecasting.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/parallel_for.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/forecast.h"
#include "daemon/messages/forecast.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/forecasting/breaks.h"
#include "daemon/pipeline/forecasting/column.h"
#include "daemon/pipeline/forecasting/findings.h"
#include "daemon/pipeline/forecasting/samples.h"
#include "daemon/pipeline/forecasting/step_doubt.h"
#include "daemon/pipeline/models/modelling.h"
#include "daemon/pipeline/models/series_work.h"
#include "daemon/series/period.h"
#include "daemon/series/step_axis.h"

namespace headway::pipeline {
namespace {

using messages::ToTimestamp;

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
  forecast::Options options;
  options.method = task.definition.method;
  options.horizon =
      HorizonOf(task.definition.horizon, column.observations.frequency, axis);
  options.season = axis.season();
  options.bounds = task.definition.bounds;
  options.quantity = task.definition.quantity;
  if (!task.probabilities.empty()) options.probabilities = task.probabilities;
  options.backtest = task.with_record;
  options.seed = SeedOf(task, column.labels);
  options.stopped = task.stopped;
  return options;
}

// A column and what the models are given of it; an error where it cannot be
// forecast at all.
struct Prepared {
  query::LabelledColumn column;
  // On what was left out of it, and what of it is hardly known.
  std::vector<std::string> notes;
  MendedColumn mended;
  absl::StatusOr<SeriesWork> work = absl::InternalError("not prepared");
};

absl::StatusOr<SeriesWork> PrepareWork(const std::string& unit,
                                       const ForecastTask& task,
                                       Prepared& prepared) {
  const query::LabelledColumn& column = prepared.column;
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
  ASSIGN_OR_RETURN(
      prepared.mended,
      MendColumn(observations, axis, task.definition.breaks, options));
  SeriesWork work = {.labels = column.labels,
                     .frequency = observations.frequency,
                     .unit = unit,
                     .axis = axis,
                     .first_step = prepared.mended.first_step,
                     .values = prepared.mended.values,
                     .options = options};
  const RegressorIndicators none;
  RETURN_IF_ERROR(
      AddRegressors(task.definition.regressors,
                    task.regressors != nullptr ? *task.regressors : none, work,
                    prepared.notes));
  return work;
}

void FillSteps(const SeriesWork& work, const forecast::Forecast& made,
               v1::Forecast& to) {
  const int32_t next =
      work.first_step + static_cast<int32_t>(work.values.size());
  for (int h = 0; h < work.options.horizon; ++h) {
    *to.add_steps() = messages::ToForecastStep(
        series::FormatPeriod({work.frequency, work.axis.OrdinalOf(next + h)}),
        made.point[h], made.mean[h], made.probabilities, made.quantiles[h]);
  }
}

void FillMembers(const std::vector<MemberRecord>& members, v1::Forecast& to) {
  for (const MemberRecord& member : members) {
    v1::ForecastMember& proto = *to.add_members();
    proto.set_method(member.method);
    proto.set_weight(member.weight);
    proto.set_origins(member.origins);
    if (member.origins > 0) proto.set_score(member.score);
    if (!member.status.ok()) {
      proto.set_error(std::string(member.status.message()));
    }
  }
}

// What a combination of the library averaged.
void FillAveraged(const std::vector<forecast::ForecastMember>& members,
                  v1::Forecast& to) {
  for (const forecast::ForecastMember& member : members) {
    v1::ForecastMember& proto = *to.add_members();
    proto.set_model(member.model);
    proto.set_weight(member.weight);
  }
}

absl::Status Fill(const Prepared& prepared, const ModelledForecast& modelled,
                  const ForecastTask& task, v1::Forecast& to) {
  RETURN_IF_ERROR(prepared.work.status());
  const SeriesWork& work = *prepared.work;
  to.set_method(modelled.method);
  FillMembers(modelled.members, to);
  RETURN_IF_ERROR(modelled.forecast.status());
  const forecast::Forecast& made = *modelled.forecast;
  to.set_model(made.model);
  if (modelled.members.empty()) FillAveraged(made.members, to);
  FillSteps(work, made, to);
  if (made.backtest.has_value()) {
    v1::BacktestScore& score = *to.mutable_backtest();
    score.set_origins(made.backtest->origins);
    score.set_mase(made.backtest->mase);
    score.set_smape(made.backtest->smape);
    score.set_coverage80(made.backtest->coverage80);
  }
  for (const std::string& note : made.notes) to.add_notes(note);
  if (work.axis.leaves_out_days()) {
    to.add_notes(
        absl::StrCat("the series has values on ", work.axis.season(),
                     " days of the week only, and so has its forecast"));
  }
  FillEffects(made, to);
  if (!task.with_record) return absl::OkStatus();
  return FillAnomalies(work, prepared.mended, made, to);
}

// All that does not depend on what the models say.
v1::Forecast Describe(const query::Panel& panel, const Prepared& prepared,
                      const ForecastTask& task) {
  const query::LabelledColumn& column = prepared.column;
  v1::Forecast forecast;
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
  forecast.set_method(task.definition.models.empty() ? task.definition.method
                                                     : kPoolMethod);
  *forecast.mutable_last() =
      messages::ToProto(column.observations, column.observations.size() - 1);
  for (const std::string& note : prepared.notes) forecast.add_notes(note);
  for (const std::string& note : prepared.mended.notes) {
    forecast.add_notes(note);
  }
  for (const v1::ForecastBreak& one : prepared.mended.breaks) {
    *forecast.add_breaks() = one;
  }
  return forecast;
}

// By whichever way the definition asks for. [work]
std::vector<ModelledForecast> Model(const std::vector<SeriesWork>& works,
                                    const ForecastTask& task) {
  const ModelContext context = ModelContextOf(task);
  if (task.definition.through == Through::kDirect) {
    return ForecastByModels(works, task.definition, context);
  }
  return ForecastThrough(works, task.ahead, task.definition, context);
}

// [column]; of those without work there is nothing.
std::vector<ModelledForecast> Model(const std::vector<Prepared>& prepared,
                                    const ForecastTask& task) {
  std::vector<SeriesWork> works;
  std::vector<const MendedColumn*> columns;
  for (const Prepared& one : prepared) {
    if (!one.work.ok()) continue;
    works.push_back(*one.work);
    columns.push_back(&one.mended);
  }
  std::vector<ModelledForecast> modelled = Model(works, task);
  if (task.definition.through == Through::kDirect) {
    AddStepDoubt(works, columns, task.definition, ModelContextOf(task),
                 absl::MakeSpan(modelled));
  }
  std::vector<ModelledForecast> of_columns(prepared.size());
  size_t next = 0;
  for (size_t i = 0; i < prepared.size(); ++i) {
    if (prepared[i].work.ok()) of_columns[i] = std::move(modelled[next++]);
  }
  return of_columns;
}

}  // namespace

ModelContext ModelContextOf(const ForecastTask& task) {
  ModelContext context;
  context.plugins = task.plugins;
  context.pool = task.pool;
  context.threads = task.threads;
  context.seed = static_cast<uint32_t>(
      StableHash()
          .Add(task.indicator)
          .Add(static_cast<uint64_t>(absl::ToUnixMicros(task.as_of)))
          .value());
  context.stopped = task.stopped;
  return context;
}

absl::StatusOr<std::vector<MadeForecast>> MakeForecasts(
    const query::Panel& panel, const ForecastTask& caller_task) {
  ForecastTask task = caller_task;
  task.stopped = AskUntilYes(task.stopped);
  std::vector<Prepared> prepared(panel.columns.size());
  ParallelFor(task.pool, task.threads, prepared.size(), [&](size_t i) {
    Prepared& one = prepared[i];
    std::string left_out;
    one.column = WithoutPartial(panel.columns[i], &left_out);
    if (!left_out.empty()) one.notes.push_back(std::move(left_out));
    // Estimating a break takes as long as a model.
    one.work = PrepareWork(panel.unit.ToString(), task, one);
  });
  const std::vector<ModelledForecast> modelled = Model(prepared, task);
  std::vector<MadeForecast> made(prepared.size());
  // Anomalies take as long as the quicker methods.
  ParallelFor(task.pool, task.threads, made.size(), [&](size_t i) {
    MadeForecast& one = made[i];
    one.forecast = Describe(panel, prepared[i], task);
    one.model_failure = modelled[i].model_failure;
    one.status = Fill(prepared[i], modelled[i], task, one.forecast);
    if (!one.status.ok()) {
      one.forecast.set_error(std::string(one.status.message()));
    }
  });
  for (const MadeForecast& one : made) {
    if (absl::IsCancelled(one.status)) return one.status;
  }
  return made;
}

}  // namespace headway::pipeline
