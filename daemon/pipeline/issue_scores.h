// Scores of the issued forecasts of an indicator, against what came.
//
// Pure function over a store::Reader; thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_ISSUE_SCORES_H_
#define HEADWAY_DAEMON_PIPELINE_ISSUE_SCORES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/query/query.h"
#include "daemon/store/store.h"
#include "headway/v1/forecast.pb.h"

namespace headway::pipeline {

// One record for each column of `actuals`, the indicator's values as known at
// `as_of`, in their order; empty where nothing can be scored yet. A step counts
// if its forecast was issued by `as_of` and made from observations that end
// before it. Memory does not grow with the number of issues. `indicator` is the
// bare name. DATA_LOSS, with its name, for a forecast that cannot be read.
absl::StatusOr<std::vector<v1::TrackRecord>> ScoreIssues(
    const store::Reader& reader, absl::string_view indicator,
    const query::Table& actuals, absl::Time as_of);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_ISSUE_SCORES_H_
