// The indicators that serve as regressors of another: their values, and their
// own forecasts. Pure functions over a store::Reader; thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_REGRESSORS_H_
#define HEADWAY_DAEMON_PIPELINE_REGRESSORS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/base/memory_budget.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/derivation.h"
#include "daemon/pipeline/forecasting/forecasting.h"
#include "daemon/query/query.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

// Of what indicators are evaluated.
struct EvaluationInputs {
  const Definitions* definitions = nullptr;
  const store::Reader* reader = nullptr;
  EvaluateOptions options;
  // May be null.
  MemoryBudget* budget = nullptr;
};

// The values of regressors, by name; an error where there are none.
using RegressorPanels = std::map<std::string, absl::StatusOr<query::Panel>>;

// Of those that the definition names, directly or by way of others.
// CANCELLED if the options say so; all other errors are in the answer.
absl::StatusOr<RegressorPanels> ReadRegressors(
    const ForecastDefinition& definition, const EvaluationInputs& inputs);

// The state of an issue with regressors: made anew when any of their values
// changes. Without panels it is as it was.
IssueState WithRegressors(IssueState state, const RegressorPanels& panels);

// The values of the regressors that the definition of the task names, each
// continued by its own forecast, made directly and by its own definition, to
// the end of the forecast of `panel`. CANCELLED if the task is stopped; all
// other errors are in the answer.
absl::StatusOr<RegressorIndicators> ForecastRegressors(
    const RegressorPanels& panels, const query::Panel& panel,
    const ForecastTask& task, const Definitions& definitions);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_REGRESSORS_H_
