// Rows of a JSON document as a table.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_JSON_ROWS_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_JSON_ROWS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "plugins/sources/tables/formats/grid.h"
#include "plugins/sources/tables/formats/json.h"
#include "plugins/sources/tables/formats/json_path.h"

namespace headway::formats {

struct JsonRowsOptions {
  JsonPath rows;
  // Columns that are wanted by name. Those that are paths become columns of the
  // table if they lead anywhere; those that do in no row are refused.
  std::vector<std::string> columns;
  // Where rows are arrays: the first holds the names of the columns.
  bool header_row = true;
};

// Every scalar within a row is a column by its name, those of objects in it by
// their path ("price.usd"); arrays in it are no cells. The table has a header,
// and nothing else where there are no rows.
absl::StatusOr<Grid> JsonRows(const Json& document,
                              const JsonRowsOptions& options);

}  // namespace headway::formats

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_JSON_ROWS_H_
