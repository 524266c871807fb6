#include "daemon/pipeline/models/external_model.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "daemon/series/period.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::pipeline {
namespace {

using Answers = std::vector<absl::StatusOr<forecast::Forecast>>;

// Of a series that is answered by paths.
constexpr int kPaths = 1000;
// Of one run: a request of some 10 MB of text, and answers by paths of twice
// 50.
constexpr size_t kMostValues = 250'000;
constexpr size_t kMostPathValues = 5'000'000;

void SetBounds(const ValueBounds& bounds, plugin::v1::SeriesToForecast& to) {
  if (bounds.lower.has_value()) to.set_lower(*bounds.lower);
  if (bounds.upper.has_value()) to.set_upper(*bounds.upper);
}

size_t CountPresent(const Cut& cut) {
  const absl::Span<const double> values = cut.values();
  return std::count_if(values.begin(), values.end(),
                       [](double value) { return !std::isnan(value); });
}

void AddSeries(const Cut& cut, plugin::v1::ForecastTable& table) {
  const SeriesWork& work = *cut.work;
  plugin::v1::SeriesToForecast& to = *table.add_series();
  to.set_id(absl::StrCat(table.series_size() - 1));
  for (const auto& [name, value] : work.labels.pairs()) {
    (*to.mutable_labels())[name] = value;
  }
  to.set_frequency(static_cast<plugin::v1::Frequency>(work.frequency));
  to.set_unit(work.unit);
  to.set_season(work.options.season);
  SetBounds(ToValueBounds(work.options.bounds), to);
  const auto period_at = [&](size_t i) {
    return series::FormatPeriod(
        {work.frequency,
         work.axis.OrdinalOf(work.first_step + static_cast<int32_t>(i))});
  };
  const absl::Span<const double> values = cut.values();
  const bool is_whole = CountPresent(cut) == values.size();
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    to.add_periods(period_at(i));
    to.add_values(values[i]);
    if (!is_whole) to.add_positions(static_cast<int32_t>(i));
  }
  for (int h = 0; h < table.horizon(); ++h) {
    to.add_ahead(period_at(values.size() + h));
  }
}

forecast::Forecast ToForecast(ingest::ModelForecast&& from,
                              const ingest::Source& model,
                              const forecast::Options& options) {
  forecast::Forecast forecast;
  forecast.model = from.model.empty() ? model.plugin : std::move(from.model);
  forecast.point = std::move(from.point);
  forecast.mean = std::move(from.mean);
  forecast.probabilities = options.probabilities;
  forecast.quantiles = std::move(from.quantiles);
  forecast.notes = std::move(from.notes);
  return forecast;
}

// The cuts of one run, by their places: from `begin` on, as many as have one
// horizon and fit into it; at least one.
std::vector<size_t> NextRun(absl::Span<const Cut> cuts,
                            absl::Span<const size_t> places) {
  const int horizon = cuts[places[0]].work->options.horizon;
  const size_t most = kMostPathValues / (size_t{kPaths} * horizon);
  std::vector<size_t> run;
  size_t values = 0;
  for (size_t place : places) {
    const Cut& cut = cuts[place];
    values += cut.length;
    const bool is_full = run.size() >= most || values > kMostValues;
    if (!run.empty() && (is_full || cut.work->options.horizon != horizon)) {
      break;
    }
    run.push_back(place);
  }
  return run;
}

}  // namespace

Answers ExternalModel::Forecast(absl::Span<const Cut> cuts) const {
  Answers answers(cuts.size(), absl::InternalError("not forecast"));
  std::vector<size_t> places;
  for (size_t i = 0; i < cuts.size(); ++i) {
    if (const size_t present = CountPresent(cuts[i]); present < 2) {
      answers[i] = absl::FailedPreconditionError(absl::StrCat(
          "the series has ", present, " value", present == 1 ? "" : "s",
          "; a forecast needs at least "
          "2"));
    } else {
      places.push_back(i);
    }
  }
  absl::Span<const size_t> left = places;
  while (!left.empty()) {
    const std::vector<size_t> run = NextRun(cuts, left);
    left.remove_prefix(run.size());
    const forecast::Options& options = cuts[run[0]].work->options;
    plugin::v1::ForecastTable table;
    table.set_horizon(options.horizon);
    for (double p : options.probabilities) table.add_probabilities(p);
    table.set_seed(seed_);
    table.set_paths(kPaths);
    for (size_t place : run) AddSeries(cuts[place], table);
    auto said = plugins_->Forecast(model_, table, stopped_);
    for (size_t i = 0; i < run.size(); ++i) {
      if (!said.ok()) {
        answers[run[i]] = said.status();
      } else if (!(*said)[i].ok()) {
        answers[run[i]] = (*said)[i].status();
      } else {
        answers[run[i]] = ToForecast(*std::move((*said)[i]), model_,
                                     cuts[run[i]].work->options);
      }
    }
  }
  return answers;
}

}  // namespace headway::pipeline
