// Makes an issue: the forecasts of all series of an indicator at one instant.
//
// Only what changed is forecast. The forecast of a series whose values are
// those of the issue before is carried on: it is kept once more, as part of the
// new issue, and names the one that it repeats. The series are worked on some
// at a time, so that memory holds little more than the bytes of the issue.
#ifndef HEADWAY_DAEMON_PIPELINE_ISSUING_H_
#define HEADWAY_DAEMON_PIPELINE_ISSUING_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/pipeline/derivation.h"
#include "daemon/pipeline/forecasting/forecasting.h"
#include "daemon/query/query.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

struct MadeIssue {
  // The forecasts, to be kept.
  std::vector<store::Record> records;
  int issued = 0;
  // Of those: as they were in the issue before.
  int carried = 0;
  // They will mend themselves as the series grow.
  int too_short = 0;
  // Of a forecast that could not be made, or of a plugin for which others stand
  // in: the first such error. A series that the plugin itself cannot forecast
  // is no failure.
  absl::Status failure;
};

// `before` is the state of the newest issue that the reader has, `now` that of
// the issue to be made. CANCELLED if the task is stopped.
absl::StatusOr<MadeIssue> MakeIssue(const store::Reader& reader,
                                    const query::Panel& panel,
                                    const ForecastTask& task,
                                    const IssueState& before,
                                    const IssueState& now);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_ISSUING_H_
