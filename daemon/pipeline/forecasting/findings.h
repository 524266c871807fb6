// What a forecast found in the values, as fields of its message. Pure
// functions.
#ifndef HEADWAY_DAEMON_PIPELINE_FORECASTING_FINDINGS_H_
#define HEADWAY_DAEMON_PIPELINE_FORECASTING_FINDINGS_H_

#include "absl/status/status.h"
#include "daemon/forecast/options.h"
#include "daemon/pipeline/forecasting/breaks.h"
#include "daemon/pipeline/models/series_work.h"
#include "headway/v1/forecast.pb.h"

namespace headway::pipeline {

// The outliers and level shifts among the values of `work`, which were mended
// as `column` says, with those that `made`, the forecast of it, treats in a way
// of its own. CANCELLED if stopped.
absl::Status FillAnomalies(const SeriesWork& work, const MendedColumn& column,
                           const forecast::Forecast& made, v1::Forecast& to);

void FillEffects(const forecast::Forecast& made, v1::Forecast& to);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_FORECASTING_FINDINGS_H_
