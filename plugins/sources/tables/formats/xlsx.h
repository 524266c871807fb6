// Workbooks of Excel (.xlsx) as tables of text.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_XLSX_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_XLSX_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "plugins/sources/tables/formats/grid.h"

namespace headway::formats {

// `sheet` is a name or a place counted from 1; "" is the only visible sheet.
// Merged cells read as their first, dates as "2024-03-05" or
// "2024-03-05T13:30:00", formulas as the value that was stored with them, and
// errors such as #DIV/0! as they stand. Every row is there, also what lies
// above a header.
absl::StatusOr<Grid> XlsxRows(absl::string_view bytes, absl::string_view sheet);

}  // namespace headway::formats

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_XLSX_H_
