// Scores of the issued forecasts of an indicator against the actual values.
//
// Pure function over a store::Reader; thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_ISSUES_ISSUE_SCORES_H_
#define HEADWAY_DAEMON_PIPELINE_ISSUES_ISSUE_SCORES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/check_alive.h"
#include "daemon/query/query.h"
#include "daemon/store/store.h"
#include "headway/v1/forecast.pb.h"

namespace headway::pipeline {

struct ScoreOptions {
  // Only issues of this instant and before.
  absl::Time as_of = absl::InfiniteFuture();
  // Whether to tell methods, distances and kinds of actuals apart as well,
  // which takes some ten kilobytes for each column.
  bool with_strata = false;
  CheckAlive check_alive;
};

struct IssueScores {
  // One for each column of the actuals, in their order; empty where nothing can
  // be scored yet.
  std::vector<v1::TrackRecord> records;
  // Of all columns together.
  std::vector<v1::TrackStratum> strata;
};

// `actuals` are values of the indicator as known at the options' instant. A
// step is scored if its forecast was issued by then, the last observation that
// the forecast used lies before the period of the step, and the actual value is
// known. A forecast that another issue carries on is scored once. Issues on
// another scale than the actuals are left out (FirstReleases). Memory does not
// grow with the number of issues, but for eight bytes for each that is carried
// on. `indicator` is the bare name. DATA_LOSS, with its name, for a forecast
// that cannot be read.
absl::StatusOr<IssueScores> ScoreIssues(const store::Reader& reader,
                                        absl::string_view indicator,
                                        const query::Panel& actuals,
                                        const ScoreOptions& options);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_ISSUES_ISSUE_SCORES_H_
