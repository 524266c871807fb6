// Tables of web pages as tables of text.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_HTML_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_HTML_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "plugins/sources/tables/formats/grid.h"

namespace headway::formats {

// `table` is a place counted from 1, "#id", or a part of the table's caption or
// of the heading above it; "" is the only table with more than one row. Cells
// that span rows or columns stand in each. `charset` is that of the transport,
// "" if it names none: then the page itself says it.
absl::StatusOr<Grid> HtmlRows(absl::string_view page, absl::string_view table,
                              absl::string_view charset);

}  // namespace headway::formats

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_HTML_H_
