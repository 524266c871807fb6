// Sample paths of the columns that an indicator is made of, drawn together:
// ahead.h says how.
#ifndef HEADWAY_DAEMON_PIPELINE_FORECASTING_LEAF_PATHS_H_
#define HEADWAY_DAEMON_PIPELINE_FORECASTING_LEAF_PATHS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/models/modelling.h"
#include "daemon/query/query.h"

namespace headway::pipeline {

struct LeafOptions {
  // Of the indicator that is made of the leaves.
  ForecastDefinition definition;
  series::Unit unit;
  // As AheadInputs has them.
  const std::map<std::string, Indicator>* indicators = nullptr;
  // The day up to which paths go, and not with it.
  absl::CivilDay end;
  int paths = 1000;
  uint64_t seed = 1;
  ModelContext models;
};

struct LeafPaths {
  query::Futures futures;
  // What goes on, by name.
  std::vector<std::string> names;
  std::vector<std::string> notes;
};

// FAILED_PRECONDITION: no leaf, more than 200, or one that cannot be forecast,
// which is named. CANCELLED: stopped. Else the errors of the library.
absl::StatusOr<LeafPaths> DrawLeafPaths(absl::Span<const query::Leaf> leaves,
                                        const LeafOptions& options);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_FORECASTING_LEAF_PATHS_H_
