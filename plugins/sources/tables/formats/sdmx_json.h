// SDMX: data messages of SDMX-JSON 1.0 and 2.0 as tables of a column for each
// dimension (codes, not names), OBS_VALUE, and the attributes that are wanted;
// and what is peculiar to tables of SDMX-CSV 1.0 and 2.0.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_SDMX_JSON_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_SDMX_JSON_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "plugins/sources/tables/formats/grid.h"
#include "plugins/sources/tables/formats/json.h"

namespace headway::formats {

// `columns` are those that the options name. Of the attributes OBS_STATUS is a
// column, and those that `columns` names.
absl::StatusOr<Grid> SdmxJsonRows(const Json& document,
                                  const std::vector<std::string>& columns);

// From records of SDMX-CSV, the header first: codes are parted from the names
// beside them ("FREQ: Frequency"), and columns that are no dimensions go unless
// `columns` names them: those of the message (DATAFLOW, ACTION) and attributes
// besides OBS_STATUS.
absl::Status TidySdmxCsv(const std::vector<std::string>& columns, Grid* grid);

}  // namespace headway::formats

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_SDMX_JSON_H_
