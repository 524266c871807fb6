// What an indicator may become, through what it is made of.
//
// The series that its expression reads, and the indicators that it names, are
// each forecast; a thousand paths of all of them are drawn together, and the
// expression is evaluated once over the paths. So the forecast of a sum is that
// of what it sums, a year-on-year change goes with its level, and a running
// maximum does not fall.
//
// - Each column is forecast as a regular series: an indicator by its own
//   definition, a series by the method of the indicator that reads it, within
//   the bounds of that one if they share a unit, else above zero if it never
//   was below and is no percentage.
// - A daily series of which the expression only sees the greatest value so far
//   (query::Leaf::stream) is one of releases, which come when they come: its
//   records arrive by forecast::DrawRecords, together with those of all series
//   that go into the same record.
// - Columns of one frequency go together as their innovations did, shrunk
//   towards independence (forecast::CorrelateInnovations).
// - A column that ends more than a year before the newest has ended for good.
//
// Pure functions: the same inputs give the same bits.
#ifndef HEADWAY_DAEMON_PIPELINE_FORECASTING_AHEAD_H_
#define HEADWAY_DAEMON_PIPELINE_FORECASTING_AHEAD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/forecasting/forecasting.h"
#include "daemon/query/query.h"

namespace headway::pipeline {

// What the expression of an indicator is evaluated with. Borrowed.
struct AheadInputs {
  const query::Expression* expression = nullptr;
  // Without futures.
  query::Context context;
  // By name: how those that the expression names are forecast.
  const std::map<std::string, Indicator>* indicators = nullptr;
};

// `panel` is the indicator's, as the expression gives it without futures. Of
// the status of the result: FAILED_PRECONDITION for what cannot be forecast in
// this way, with the column named; CANCELLED if the task is stopped; else that
// of the evaluation.
Ahead LookAhead(const AheadInputs& inputs, const query::Panel& panel,
                const ForecastTask& task);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_FORECASTING_AHEAD_H_
