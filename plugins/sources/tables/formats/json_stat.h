// JSON-stat 2.0: a dataset as a table of a column for each dimension (codes,
// not labels), "value" and, where there are marks, "status".
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_JSON_STAT_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_JSON_STAT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "plugins/sources/tables/formats/grid.h"
#include "plugins/sources/tables/formats/json.h"

namespace headway::formats {

// `columns` are those that the options name.
absl::StatusOr<Grid> JsonStatRows(const Json& document,
                                  const std::vector<std::string>& columns);

}  // namespace headway::formats

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_JSON_STAT_H_
