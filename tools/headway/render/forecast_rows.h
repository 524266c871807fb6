// How forecasts are shown: their steps as a table, their origin and what
// they scored as a line.
#ifndef HEADWAY_TOOLS_HEADWAY_RENDER_FORECAST_ROWS_H_
#define HEADWAY_TOOLS_HEADWAY_RENDER_FORECAST_ROWS_H_

#include <string>
#include <vector>

#include "google/protobuf/repeated_ptr_field.h"
#include "headway/v1/forecast.pb.h"
#include "tools/headway/render/table.h"

namespace headway::cli {

// The quantile at `probability` as a cell, a dash without one.
Cell QuantileCell(const v1::ForecastStep& step, double probability,
                  const std::string& unit);

// Every step of every forecast, with its 80 and 95 % intervals. A column of
// labels where there are several forecasts.
Table ForecastTable(
    const google::protobuf::RepeatedPtrField<v1::Forecast>& forecasts);

// The forecast with at most `most` of its steps, evenly spaced, the last one
// among them.
v1::Forecast ThinnedOut(v1::Forecast forecast, int most);

// "ETS(M,Ad,M) by method auto; issued 2026-03-05 06:30 UTC; backtest over 6
// origins: MASE 0.81, sMAPE 7.4 %, 80 % interval covered 78 %".
std::string DescribeForecast(const v1::Forecast& forecast);

// "12 outcomes of 3 issues: MAE 1.20 M, scaled 0.80, 80 % interval held 83 %",
// without what is not known, and "none yet" without an outcome.
std::string DescribeTrackRecord(const v1::TrackRecord& record);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_RENDER_FORECAST_ROWS_H_
