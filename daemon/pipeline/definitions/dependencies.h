// What indicators use: series, and other indicators. Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_DEPENDENCIES_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_DEPENDENCIES_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/query/query.h"
#include "daemon/series/labels.h"
#include "daemon/series/selector.h"

namespace headway::pipeline {

struct Inputs {
  // Other indicators, by name.
  std::set<std::string> indicators;
  // Series.
  std::vector<series::Selector> selectors;
  // Indicators that its forecast is explained by, by name; its values do not
  // depend on them.
  std::set<std::string> regressors;
};
using InputMap = std::map<std::string, Inputs>;

InputMap FindInputs(const query::IndicatorMap& indicators);

// A cycle of references through `name`, regressors among them, with `name` at
// both ends; empty if there is none.
std::vector<std::string> CycleThrough(const InputMap& inputs,
                                      const std::string& name);

// The indicators that use one of the series, directly or by way of others and
// of regressors.
std::set<std::string> AffectedBy(const InputMap& inputs,
                                 absl::Span<const series::SeriesKey> changed);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_DEPENDENCIES_H_
