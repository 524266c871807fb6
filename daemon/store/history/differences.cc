#include "daemon/store/history/differences.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace headway::store {

Cells Differences(const VintageUpdate& update, const Columns& state,
                  absl::FunctionRef<bool(int32_t)> is_said) {
  auto is_kept = [&](int32_t ordinal) {
    return std::binary_search(update.restated.begin(), update.restated.end(),
                              ordinal) &&
           !is_said(ordinal);
  };
  Columns changes;
  for (size_t i = 0; i < update.ordinals.size(); ++i) {
    const Cell cell{update.ordinals[i], false, update.values[i],
                    series::StatusAt(update.statuses, i)};
    const size_t place = FindValue(state, cell.ordinal);
    const bool differs =
        place == state.ordinals.size() || !Same(ValueCell(state, place), cell);
    if (!differs && !is_kept(cell.ordinal)) continue;
    series::AppendStatus(cell.status, changes.values.size(), &changes.statuses);
    changes.ordinals.push_back(cell.ordinal);
    changes.values.push_back(cell.value);
  }
  for (int32_t ordinal : update.withdrawn) {
    const bool differs = FindValue(state, ordinal) < state.ordinals.size();
    if (differs || is_kept(ordinal)) changes.withdrawn.push_back(ordinal);
  }
  Cells cells = ToCells(changes);
  if (!update.snapshot) return cells;
  Columns not_in_snapshot;
  std::set_difference(state.ordinals.begin(), state.ordinals.end(),
                      update.ordinals.begin(), update.ordinals.end(),
                      std::back_inserter(not_in_snapshot.withdrawn));
  OverlayOnto(ToCells(not_in_snapshot), &cells);
  return cells;
}

}  // namespace headway::store
