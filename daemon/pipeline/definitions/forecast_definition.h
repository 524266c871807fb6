// How an indicator is to be forecast: the method and how far ahead.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_FORECAST_DEFINITION_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_FORECAST_DEFINITION_H_

#include <string>

#include "absl/status/status.h"
#include "daemon/forecast/forecast.h"

namespace headway::pipeline {

struct ForecastDefinition {
  bool disabled = false;
  std::string method = "auto";
  // Periods ahead; 0: one year, at least 4.
  int horizon = 0;
  forecast::Bounds bounds = forecast::Bounds::kNone;
};

// INVALID_ARGUMENT for a method that the library does not know, with the
// nearest name.
absl::Status CheckMethod(const std::string& method);
// INVALID_ARGUMENT for a number of periods that no forecast can have.
absl::Status CheckHorizon(int horizon);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_FORECAST_DEFINITION_H_
