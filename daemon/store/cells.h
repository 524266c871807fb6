// What is said of periods, one cell each: a value, or that it was withdrawn.
//
// Columns is how cells are stored and handed out, Cells how they are compared
// and laid over one another. Both rise strictly by ordinal. Pure functions.
#ifndef HEADWAY_DAEMON_STORE_CELLS_H_
#define HEADWAY_DAEMON_STORE_CELLS_H_

#include <cstdint>
#include <vector>

namespace headway::store {

struct Columns {
  // Same length.
  std::vector<int32_t> ordinals;
  std::vector<double> values;
  // None is in ordinals.
  std::vector<int32_t> withdrawn;

  friend bool operator==(const Columns&, const Columns&) = default;
};

struct Cell {
  int32_t ordinal = 0;
  bool withdrawn = false;
  // 0 if withdrawn.
  double value = 0;
};

using Cells = std::vector<Cell>;

// Equal bit for bit: -0.0 is not 0.0.
bool Same(const Cell& a, const Cell& b);

Cells ToCells(const Columns& columns);
Columns ToColumns(const Cells& cells);

// Null if nothing is said of the period.
const Cell* FindCell(const Cells& cells, int32_t ordinal);

// Lays `newer` over `older`: where both say something, `newer` holds.
void OverlayOnto(const Cells& newer, Cells* older);

// The cells whose ordinal is not in `taken`.
Cells Minus(const Cells& cells, const Cells& taken);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_CELLS_H_
