// The forecasts that were issued, kept for good. An issue is all forecasts that
// an indicator got at one instant, one for each of its series.
//
// Pure functions over a store::Reader; thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_FORECAST_ARCHIVE_H_
#define HEADWAY_DAEMON_PIPELINE_FORECAST_ARCHIVE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/store/store.h"
#include "headway/v1/forecast.pb.h"

namespace headway::pipeline {

// Names the forecast and returns the record that keeps it. `indicator` is the
// bare name; `forecast` has its issue time and labels.
store::Record ArchiveForecast(absl::string_view indicator,
                              v1::Forecast& forecast);

// The newest issue by `as_of`; empty if there is none.
absl::StatusOr<std::vector<v1::Forecast>> LatestIssue(
    const store::Reader& reader, absl::string_view indicator, absl::Time as_of);

struct ForecastPage {
  std::vector<v1::Forecast> forecasts;  // newest issue first
  std::string next_page_token;
};
// INVALID_ARGUMENT for a token that no page gave.
absl::StatusOr<ForecastPage> ListIssues(const store::Reader& reader,
                                        absl::string_view indicator,
                                        size_t page_size,
                                        absl::string_view page_token);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_FORECAST_ARCHIVE_H_
