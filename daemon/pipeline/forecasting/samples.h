// Forecasts from samples of what each step may be. Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_FORECASTING_SAMPLES_H_
#define HEADWAY_DAEMON_PIPELINE_FORECASTING_SAMPLES_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "daemon/pipeline/forecasting/forecasting.h"
#include "daemon/pipeline/models/modelling.h"
#include "daemon/pipeline/models/series_work.h"

namespace headway::pipeline {

// One for each work, in their order, of a definition that is not direct: the
// quantiles of what `ahead`, which may be null, has for the steps after its
// last value, within the bounds of its options; the median is the point. A path
// without a value in a period has the latest that it had before.
//
// A mixture is a linear pool of equal weights: the samples, and as many of the
// direct forecast. A series that does not go on in `ahead` is forecast
// directly, and a note says why. CANCELLED where `ahead` is; else the errors
// are those of the direct forecast.
std::vector<ModelledForecast> ForecastThrough(
    absl::Span<const SeriesWork> works, const Ahead* ahead,
    const ForecastDefinition& definition, const ModelContext& context);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_FORECASTING_SAMPLES_H_
