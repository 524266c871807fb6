// What is not known of the level after a break, in the interval of a forecast.
#ifndef HEADWAY_DAEMON_PIPELINE_FORECASTING_STEP_DOUBT_H_
#define HEADWAY_DAEMON_PIPELINE_FORECASTING_STEP_DOUBT_H_

#include "absl/types/span.h"
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "daemon/pipeline/forecasting/breaks.h"
#include "daemon/pipeline/models/modelling.h"
#include "daemon/pipeline/models/series_work.h"

namespace headway::pipeline {

// Widens the intervals of `forecasts`, one for each of `works` and `columns`,
// which were made of those works by the definition's models: where a column has
// few values after a break of its level, two more forecasts, of the values with
// a step that is one standard error larger and smaller, tell how far the points
// depend on it, and that is taken for a normal error of its own. The points
// stay.
void AddStepDoubt(absl::Span<const SeriesWork> works,
                  absl::Span<const MendedColumn* const> columns,
                  const ForecastDefinition& definition,
                  const ModelContext& context,
                  absl::Span<ModelledForecast> forecasts);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_FORECASTING_STEP_DOUBT_H_
