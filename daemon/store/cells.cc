#include "daemon/store/cells.h"

#include <algorithm>
#include <cstring>

namespace headway::store {
namespace {

bool IsBefore(const Cell& a, const Cell& b) { return a.ordinal < b.ordinal; }

// Writes `newer` into the places that `older` has for it, as long as it has
// one for each, or lies behind it altogether: what nearly every update does.
bool OverlayInPlace(const Cells& newer, Cells* older) {
  if (older->empty() || newer.front().ordinal > older->back().ordinal) {
    older->insert(older->end(), newer.begin(), newer.end());
    return true;
  }
  auto place = older->begin();
  for (const Cell& cell : newer) {
    place = std::lower_bound(place, older->end(), cell, IsBefore);
    if (place == older->end() || place->ordinal != cell.ordinal) return false;
    *place = cell;
  }
  return true;
}

}  // namespace

bool Same(const Cell& a, const Cell& b) {
  return a.ordinal == b.ordinal && a.withdrawn == b.withdrawn &&
         std::memcmp(&a.value, &b.value, sizeof(a.value)) == 0;
}

Cells ToCells(const Columns& columns) {
  Cells cells;
  cells.reserve(columns.ordinals.size() + columns.withdrawn.size());
  auto withdrawn = columns.withdrawn.begin();
  for (size_t i = 0; i < columns.ordinals.size(); ++i) {
    while (withdrawn != columns.withdrawn.end() &&
           *withdrawn < columns.ordinals[i]) {
      cells.push_back({*withdrawn++, true, 0});
    }
    cells.push_back({columns.ordinals[i], false, columns.values[i]});
  }
  while (withdrawn != columns.withdrawn.end()) {
    cells.push_back({*withdrawn++, true, 0});
  }
  return cells;
}

Columns ToColumns(const Cells& cells) {
  Columns columns;
  columns.ordinals.reserve(cells.size());
  columns.values.reserve(cells.size());
  for (const Cell& cell : cells) {
    if (cell.withdrawn) {
      columns.withdrawn.push_back(cell.ordinal);
    } else {
      columns.ordinals.push_back(cell.ordinal);
      columns.values.push_back(cell.value);
    }
  }
  return columns;
}

const Cell* FindCell(const Cells& cells, int32_t ordinal) {
  auto it =
      std::lower_bound(cells.begin(), cells.end(), Cell{ordinal}, IsBefore);
  return it != cells.end() && it->ordinal == ordinal ? &*it : nullptr;
}

void OverlayOnto(const Cells& newer, Cells* older) {
  if (newer.empty() || OverlayInPlace(newer, older)) return;
  Cells merged;
  merged.reserve(older->size() + newer.size());
  // std::set_union takes an element that both have from its first range.
  std::set_union(newer.begin(), newer.end(), older->begin(), older->end(),
                 std::back_inserter(merged), IsBefore);
  *older = std::move(merged);
}

Cells Minus(const Cells& cells, const Cells& taken) {
  Cells rest;
  rest.reserve(cells.size());
  std::set_difference(cells.begin(), cells.end(), taken.begin(), taken.end(),
                      std::back_inserter(rest), IsBefore);
  return rest;
}

}  // namespace headway::store
