#include "daemon/store/format/cells.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>
#include <limits>

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

// As above, for columns without withdrawals and statuses on either side.
bool OverlayInPlace(const Columns& newer, Columns* older) {
  size_t i = 0;
  for (; i < newer.ordinals.size(); ++i) {
    const size_t place = FindValue(*older, newer.ordinals[i]);
    if (place == older->ordinals.size()) break;
    older->values[place] = newer.values[i];
  }
  if (i == newer.ordinals.size()) return true;
  // What has no place yet must lie behind all that has. What was put in place
  // above is put there again by the slow way, so nothing is lost.
  if (!older->ordinals.empty() && newer.ordinals[i] < older->ordinals.back()) {
    return false;
  }
  older->ordinals.insert(older->ordinals.end(), newer.ordinals.begin() + i,
                         newer.ordinals.end());
  older->values.insert(older->values.end(), newer.values.begin() + i,
                       newer.values.end());
  return true;
}

bool Contains(const std::vector<int32_t>& rising, int32_t ordinal) {
  return std::binary_search(rising.begin(), rising.end(), ordinal);
}

}  // namespace

bool Same(const Cell& a, const Cell& b) {
  return a.ordinal == b.ordinal && a.withdrawn == b.withdrawn &&
         std::bit_cast<uint64_t>(a.value) == std::bit_cast<uint64_t>(b.value) &&
         a.status == b.status;
}

std::vector<int32_t> AllOrdinals(const Columns& columns) {
  std::vector<int32_t> all;
  all.reserve(columns.size());
  std::merge(columns.ordinals.begin(), columns.ordinals.end(),
             columns.withdrawn.begin(), columns.withdrawn.end(),
             std::back_inserter(all));
  return all;
}

std::pair<int32_t, int32_t> SpanOf(const Columns& columns) {
  int32_t first = std::numeric_limits<int32_t>::max();
  int32_t last = std::numeric_limits<int32_t>::min();
  for (const auto* ordinals : {&columns.ordinals, &columns.withdrawn}) {
    if (ordinals->empty()) continue;
    first = std::min(first, ordinals->front());
    last = std::max(last, ordinals->back());
  }
  return {first, last};
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
    cells.push_back(ValueCell(columns, i));
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
      series::AppendStatus(cell.status, columns.values.size(),
                           &columns.statuses);
      columns.ordinals.push_back(cell.ordinal);
      columns.values.push_back(cell.value);
    }
  }
  return columns;
}

std::pair<ptrdiff_t, ptrdiff_t> RangeOf(const std::vector<int32_t>& ordinals,
                                        int32_t first, int32_t last) {
  const auto begin = ordinals.begin();
  const auto end = ordinals.end();
  if (ordinals.empty() || (*begin >= first && ordinals.back() <= last)) {
    return {0, end - begin};
  }
  const auto from = std::lower_bound(begin, end, first);
  const auto to = std::upper_bound(from, end, last);
  return {from - begin, to - begin};
}

size_t FindValue(const Columns& columns, int32_t ordinal) {
  const std::vector<int32_t>& ordinals = columns.ordinals;
  if (ordinals.empty() || ordinal < ordinals.front() ||
      ordinal > ordinals.back()) {
    return ordinals.size();
  }
  // At most this far from the front, and just there if there are no gaps.
  const size_t distance =
      static_cast<size_t>(int64_t{ordinal} - ordinals.front());
  if (distance < ordinals.size() && ordinals[distance] == ordinal) {
    return distance;
  }
  const auto end = ordinals.begin() + std::min(distance, ordinals.size());
  const auto place = std::lower_bound(ordinals.begin(), end, ordinal);
  return place != end && *place == ordinal
             ? static_cast<size_t>(place - ordinals.begin())
             : ordinals.size();
}

Cell ValueCell(const Columns& columns, size_t index) {
  return {columns.ordinals[index], false, columns.values[index],
          series::StatusAt(columns.statuses, index)};
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

void OverlayOnto(const Columns& newer, Columns* older) {
  if (newer.empty()) return;
  if (newer.withdrawn.empty() && older->withdrawn.empty() &&
      newer.statuses.empty() && older->statuses.empty() &&
      OverlayInPlace(newer, older)) {
    return;
  }
  Cells cells = ToCells(*older);
  OverlayOnto(ToCells(newer), &cells);
  *older = ToColumns(cells);
}

Cells Without(const Cells& cells, const std::vector<int32_t>& taken) {
  Cells remaining;
  remaining.reserve(cells.size());
  for (const Cell& cell : cells) {
    if (!Contains(taken, cell.ordinal)) remaining.push_back(cell);
  }
  return remaining;
}

Cells Only(const Cells& cells, const std::vector<int32_t>& wanted) {
  Cells remaining;
  remaining.reserve(wanted.size());
  for (int32_t ordinal : wanted) {
    if (const Cell* cell = FindCell(cells, ordinal)) remaining.push_back(*cell);
  }
  return remaining;
}

Cells Minus(const Cells& cells, const Cells& taken) {
  Cells remaining;
  remaining.reserve(cells.size());
  std::set_difference(cells.begin(), cells.end(), taken.begin(), taken.end(),
                      std::back_inserter(remaining), IsBefore);
  return remaining;
}

}  // namespace headway::store
