// Forecasts as messages. Pure functions.
#ifndef HEADWAY_DAEMON_MESSAGES_FORECAST_H_
#define HEADWAY_DAEMON_MESSAGES_FORECAST_H_

#include <optional>
#include <string>

#include "absl/types/span.h"
#include "headway/v1/forecast.pb.h"

namespace headway::messages {

// A step of a forecast. `quantiles` holds the quantile at each of
// `probabilities`.
v1::ForecastStep ToForecastStep(std::string period, double point, double mean,
                                absl::Span<const double> probabilities,
                                absl::Span<const double> quantiles);

// The quantile of a step at a probability, if the forecast has it.
std::optional<double> QuantileAt(const v1::ForecastStep& step,
                                 double probability);

// "2023-10: an outlier, 910 where 105 was expected (12.3 standard errors);
// fitted like any other value".
std::string DescribeAnomaly(const v1::Anomaly& anomaly);
// "2023-10: a break of the level, the values before it moved by +12.5 (standard
// error 1.2): another customs system"
std::string DescribeBreak(const v1::ForecastBreak& one);
// "working_days: +0.013 (standard error 0.002) a unit, on logarithms".
std::string DescribeEffect(const v1::RegressorEffect& effect);

// The step one year after the last observation, or the last step where the
// forecast is shorter; null if it has none. Lives as long as the forecast.
const v1::ForecastStep* StepInOneYear(const v1::Forecast& forecast);

// Why a forecast with this record on its own past is not to be relied on; "" if
// the record does not say so. A convention: twice the errors of the seasonal
// naive method, or less than half of the actuals within the 80 % interval, over
// ten origins and more.
std::string DescribeBadRecord(const v1::BacktestScore& score);

}  // namespace headway::messages

#endif  // HEADWAY_DAEMON_MESSAGES_FORECAST_H_
