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

// One record for each column of `actuals`, values of the indicator as known at
// `as_of`, in their order; empty where nothing can be scored yet. A step is
// scored if its forecast was issued by `as_of`, the last observation that the
// forecast used lies before the period of the step, and the actual value is
// known. Memory does not grow with the number of issues. `indicator` is the
// bare name. DATA_LOSS, with its name, for a forecast that cannot be read.
absl::StatusOr<std::vector<v1::TrackRecord>> ScoreIssues(
    const store::Reader& reader, absl::string_view indicator,
    const query::Panel& actuals, absl::Time as_of,
    const CheckAlive& check_alive);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_ISSUES_ISSUE_SCORES_H_
