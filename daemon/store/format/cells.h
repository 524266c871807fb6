// Statements about periods, one cell each: a value, or that it was withdrawn.
//
// Columns is the form in which cells are stored and handed out. Cells is the
// form in which they are compared, and laid over one another where that takes
// more than changing a few of them in place. Both rise strictly by ordinal.
// Pure functions.
#ifndef HEADWAY_DAEMON_STORE_FORMAT_CELLS_H_
#define HEADWAY_DAEMON_STORE_FORMAT_CELLS_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "daemon/series/observation_status.h"

namespace headway::store {

struct Columns {
  // Same length.
  std::vector<int32_t> ordinals;
  std::vector<double> values;
  // None is in ordinals.
  std::vector<int32_t> withdrawn;
  // Of the values.
  series::Statuses statuses;

  bool empty() const { return ordinals.empty() && withdrawn.empty(); }
  size_t size() const { return ordinals.size() + withdrawn.size(); }

  friend bool operator==(const Columns&, const Columns&) = default;
};

struct Cell {
  int32_t ordinal = 0;
  bool withdrawn = false;
  // 0 if withdrawn.
  double value = 0;
  // kFinal if withdrawn.
  series::ObservationStatus status = series::ObservationStatus::kFinal;
};

using Cells = std::vector<Cell>;

// Equal bit for bit, -0.0 is not 0.0, and of one status.
bool Same(const Cell& a, const Cell& b);

// The periods that the columns have a cell for, withdrawn or not.
std::vector<int32_t> AllOrdinals(const Columns& columns);

// The first and the last of them; `columns` are not empty.
std::pair<int32_t, int32_t> SpanOf(const Columns& columns);

Cells ToCells(const Columns& columns);
Columns ToColumns(const Cells& cells);

// The part of rising `ordinals` that lies within [first, last], as indexes.
std::pair<ptrdiff_t, ptrdiff_t> RangeOf(const std::vector<int32_t>& ordinals,
                                        int32_t first, int32_t last);

// The index of the value of a period; ordinals.size() if there is none. Needs
// no search where the periods have no gaps.
size_t FindValue(const Columns& columns, int32_t ordinal);

// The cell of the value at `index`.
Cell ValueCell(const Columns& columns, size_t index);

// Null if there is no cell for the period.
const Cell* FindCell(const Cells& cells, int32_t ordinal);

// Lays `newer` over `older`: where both have a cell, that of `newer` holds.
void OverlayOnto(const Cells& newer, Cells* older);
void OverlayOnto(const Columns& newer, Columns* older);

// Minus, Without: the cells whose ordinal is not in `taken`. Only: those whose
// ordinal is in `wanted`.
Cells Minus(const Cells& cells, const Cells& taken);
Cells Without(const Cells& cells, const std::vector<int32_t>& taken);
Cells Only(const Cells& cells, const std::vector<int32_t>& wanted);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_FORMAT_CELLS_H_
