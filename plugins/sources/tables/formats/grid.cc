#include "plugins/sources/tables/formats/grid.h"

#include "absl/strings/str_cat.h"

namespace headway::formats {

absl::Status CheckCellCount(size_t cells) {
  if (cells <= kMostCells) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the table has more than ", kMostCells,
                   " cells, the limit; ask the publisher for less at a time"));
}

}  // namespace headway::formats
