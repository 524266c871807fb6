// What SDMX and JSON-stat share: observations in several dimensions, as a table
// with a column for each.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_CUBE_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_CUBE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "plugins/sources/tables/formats/grid.h"

namespace headway::formats {

struct Dimension {
  std::string id;
  // The codes of its members, by their place.
  std::vector<std::string> codes;
};

// The frequency that a code of SDMX's CL_FREQ names, as "monthly" for "M"; ""
// if Headway has none of that kind.
absl::string_view FrequencyOfCode(absl::string_view code);
// Whether a dimension of that id holds such codes.
bool IsFrequencyId(absl::string_view id);

// Whether the options name the column.
bool IsWanted(const std::vector<std::string>& columns, absl::string_view name);

// Adds a column "frequency" after the codes of a dimension FREQ, which goes
// unless `columns` names it. Rows whose code is no frequency keep it empty.
void NameFrequencies(const std::vector<std::string>& columns, Grid* grid);

// What the format's columns mean.
void SetMeanings(absl::string_view period, absl::string_view value, Grid* grid);

}  // namespace headway::formats

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_CUBE_H_
