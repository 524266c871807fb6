#include "daemon/pipeline/forecasting/step_doubt.h"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "daemon/forecast/breaks.h"

namespace headway::pipeline {
namespace {

// The work as it would be with another step.
SeriesWork WithStepOff(const SeriesWork& work, const MendedColumn& column,
                       double errors) {
  SeriesWork twin = work;
  const std::vector<double> values = column.if_step_were_off(errors);
  // Where regressors begin later, less is fitted than was mended.
  twin.values.assign(
      values.end() - static_cast<std::ptrdiff_t>(work.values.size()),
      values.end());
  twin.options.backtest = false;
  return twin;
}

}  // namespace

void AddStepDoubt(absl::Span<const SeriesWork> works,
                  absl::Span<const MendedColumn* const> columns,
                  const ForecastDefinition& definition,
                  const ModelContext& context,
                  absl::Span<ModelledForecast> forecasts) {
  std::vector<size_t> places;
  std::vector<SeriesWork> twins;
  for (size_t i = 0; i < works.size(); ++i) {
    if (!columns[i]->if_step_were_off || !forecasts[i].forecast.ok()) continue;
    places.push_back(i);
    twins.push_back(WithStepOff(works[i], *columns[i], 1));
    twins.push_back(WithStepOff(works[i], *columns[i], -1));
  }
  const std::vector<ModelledForecast> made =
      ForecastByModels(twins, definition, context);
  for (size_t i = 0; i < places.size(); ++i) {
    ModelledForecast& modelled = forecasts[places[i]];
    const auto& above = made[2 * i].forecast;
    const auto& below = made[2 * i + 1].forecast;
    if (absl::IsCancelled(above.status()) ||
        absl::IsCancelled(below.status())) {
      modelled.forecast = absl::CancelledError("the forecast was given up");
      continue;
    }
    if (!above.ok() || !below.ok()) {
      modelled.forecast->notes.push_back(
          "what is not known of the level after the break is not in the "
          "interval");
      continue;
    }
    std::vector<double> deviations;
    for (size_t h = 0; h < above->point.size(); ++h) {
      deviations.push_back(std::abs(above->point[h] - below->point[h]) / 2);
    }
    forecast::AddNormalError(deviations, works[places[i]].options.bounds,
                             *modelled.forecast);
  }
}

}  // namespace headway::pipeline
