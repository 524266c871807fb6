// The forecasts that were issued. An issue is all forecasts that an indicator
// got at one instant, one for each of its series.
//
// Pure functions over a store::Reader; thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_ISSUES_FORECAST_ARCHIVE_H_
#define HEADWAY_DAEMON_PIPELINE_ISSUES_FORECAST_ARCHIVE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/store/store.h"
#include "headway/v1/forecast.pb.h"

namespace headway::pipeline {

// Names the forecast and returns the record that keeps it. `indicator` is the
// bare name; `forecast` has its issue time and labels, and is the `place`th of
// its issue.
store::Record ArchiveForecast(absl::string_view indicator, size_t place,
                              v1::Forecast& forecast);

// Bounds of a page: it ends before the item that would bring it beyond one of
// the two, but holds at least one.
struct PageBounds {
  size_t items = SIZE_MAX;
  size_t bytes = SIZE_MAX;
};

// A v1::Forecast as its bytes: who only passes it on parses nothing.
struct StoredForecast {
  std::string key;
  std::string bytes;
};

struct ForecastPage {
  std::vector<StoredForecast> forecasts;
  // Empty after the last page.
  std::string next_page_token;
};

struct IssueQuery {
  // The newest issue by then.
  absl::Time as_of = absl::InfiniteFuture();
  PageBounds bounds;
  // Of the page before: the same issue goes on, whatever was issued meanwhile.
  std::string page_token;
};
// In the order of the places. Empty if nothing was issued by then.
// INVALID_ARGUMENT for a token that no page gave; ABORTED if its issue was
// deleted since.
absl::StatusOr<ForecastPage> LatestIssue(const store::Reader& reader,
                                         absl::string_view indicator,
                                         const IssueQuery& query);

// Every issue, newest first. INVALID_ARGUMENT for a token that no page gave.
absl::StatusOr<ForecastPage> ListIssues(const store::Reader& reader,
                                        absl::string_view indicator,
                                        const PageBounds& bounds,
                                        absl::string_view page_token);

// The instant of the newest issue before `before`; absent if there is none.
absl::StatusOr<std::optional<absl::Time>> IssueBefore(
    const store::Reader& reader, absl::string_view indicator,
    absl::Time before);

// The records that delete the issue of that instant.
absl::StatusOr<std::vector<store::Record>> DeletionOf(
    const store::Reader& reader, absl::string_view indicator,
    absl::Time issue_time);

// DATA_LOSS for bytes that are of no forecast.
absl::StatusOr<std::vector<v1::Forecast>> ParseForecasts(
    const ForecastPage& page);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_ISSUES_FORECAST_ARCHIVE_H_
