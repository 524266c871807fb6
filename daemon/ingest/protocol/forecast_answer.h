// Checks what a plugin answers to the verb `forecast`.
//
// Pure functions. Every error is INTERNAL (the plugin broke the protocol) and
// names the series, the step, the value and the remedy; callers put the plugin
// before it.
#ifndef HEADWAY_DAEMON_INGEST_PROTOCOL_FORECAST_ANSWER_H_
#define HEADWAY_DAEMON_INGEST_PROTOCOL_FORECAST_ANSWER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

// A SeriesForecast in order. Every number is finite, in the unit of the series
// and within its bounds.
struct ModelForecast {
  // What was fitted; may be empty.
  std::string model;
  // [horizon]; the point lies from the first quantile to the last.
  std::vector<double> point;
  std::vector<double> mean;
  // [horizon][probability], non-decreasing in the probability.
  std::vector<std::vector<double>> quantiles;
  std::vector<std::string> notes;
};

// What the plugin said of `series`, a series of `table`. Paths become their
// empirical quantiles, and their median the point. OUT_OF_RANGE: the
// plugin says why it has no forecast.
absl::StatusOr<ModelForecast> CheckSeriesForecast(
    const plugin::v1::SeriesForecast& answer,
    const plugin::v1::SeriesToForecast& series,
    const plugin::v1::ForecastTable& table);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PROTOCOL_FORECAST_ANSWER_H_
