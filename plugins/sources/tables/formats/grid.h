// A table of text that was taken out of a document of any format.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_GRID_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_GRID_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace headway::formats {

// What is wrong with a document goes into InvalidArgumentErrors that begin with
// the place in it, and never name the document.
struct Grid {
  // Where the format has a header, it is the first row.
  std::vector<std::vector<std::string>> rows;
  // Where each row stands in the document: "$.data[3]", "Sheet1 row 7".
  std::vector<std::string> places;
  // What the format says of columns: "period_column" is "TIME_PERIOD". An
  // option of that name goes before it.
  std::map<std::string, std::string> meanings;

  void Add(std::vector<std::string> row, std::string place) {
    rows.push_back(std::move(row));
    places.push_back(std::move(place));
  }
};

// More cells than a plugin's memory holds are refused.
inline constexpr size_t kMostCells = size_t{8} << 20;
absl::Status CheckCellCount(size_t cells);

}  // namespace headway::formats

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_GRID_H_
