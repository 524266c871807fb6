#include "daemon/store/history/head.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/format/cells.h"

namespace headway::store {
namespace {

// Takes values back where they stand and new periods off the end, which is all
// that most vintages ask for. False if there is more to do.
bool TakeBackInPlace(const Undo& undo, Columns* state) {
  const size_t kept = state->ordinals.size() - undo.fresh.size();
  if (!state->withdrawn.empty() || !undo.stood.withdrawn.empty() ||
      !state->statuses.empty() || !undo.stood.statuses.empty() ||
      undo.fresh.size() > state->ordinals.size() ||
      !std::equal(undo.fresh.begin(), undo.fresh.end(),
                  state->ordinals.begin() + static_cast<ptrdiff_t>(kept))) {
    return false;
  }
  for (size_t i = 0; i < undo.stood.ordinals.size(); ++i) {
    const size_t place = FindValue(*state, undo.stood.ordinals[i]);
    if (place == state->ordinals.size()) return false;
    state->values[place] = undo.stood.values[i];
  }
  state->ordinals.resize(kept);
  state->values.resize(kept);
  return true;
}

// The periods about which the vintage makes a statement, rising.
std::vector<int32_t> SaidOrdinals(const Undo& undo, const Columns& after) {
  if (undo.first) return AllOrdinals(after);
  std::vector<int32_t> said;
  const std::vector<int32_t> stood = AllOrdinals(undo.stood);
  std::merge(stood.begin(), stood.end(), undo.fresh.begin(), undo.fresh.end(),
             std::back_inserter(said));
  return said;
}

Block ToBlock(const Undo& undo, const Columns& after, bool full) {
  Block block;
  block.full = full;
  block.snapshot = undo.snapshot;
  block.commit = undo.commit;
  std::tie(block.first_covered, block.last_covered) =
      undo.covers ? std::pair(undo.covers->first, undo.covers->last)
                  : SpanOf(after);
  std::vector<int32_t> said = SaidOrdinals(undo, after);
  if (full) {
    block.columns = after;
    block.said = std::move(said);
  } else {
    block.columns = ToColumns(Only(ToCells(after), said));
  }
  return block;
}

}  // namespace

absl::StatusOr<bool> GetHead(const View& view, SeriesId id,
                             PinnedValue* value) {
  return view.Get(Family::kCurrent, EncodeId(id), value);
}

absl::Status DescribeDamage(const View& view, SeriesId id,
                            const absl::Status& status) {
  return Annotate(
      status,
      absl::StrCat("store ", view.location(), ": current state of series ", id,
                   " is damaged, restore it from a backup"));
}

absl::StatusOr<Micros> KnownAt(const PackedHead& head) {
  if (head.recent_count == 0) return head.base->known_at;
  absl::string_view recent = head.recent;
  Undo newest;
  RETURN_IF_ERROR(ReadUndo(&recent, &newest));
  return newest.known_at;
}

absl::StatusOr<HeadAnswer> ReadFromHead(absl::string_view bytes, Micros as_of,
                                        Micros recorded_by, PackedHead* head,
                                        Undo* undo) {
  RETURN_IF_ERROR(UnpackHead(bytes, head));
  absl::string_view recent = head->recent;
  for (size_t i = 0; i < head->recent_count; ++i) {
    RETURN_IF_ERROR(ReadUndo(&recent, undo));
    if (undo->known_at <= as_of && undo->recorded_at <= recorded_by) {
      return HeadAnswer{true, undo->known_at};
    }
    TakeBack(*undo, &head->state);
  }
  if (!head->base) return HeadAnswer{true, std::nullopt};
  const bool is_here =
      head->base->known_at <= as_of && head->base->recorded_at <= recorded_by;
  return HeadAnswer{is_here, head->base->known_at};
}

void TakeBack(const Undo& undo, Columns* state) {
  if (undo.first) {
    state->ordinals.clear();
    state->values.clear();
    state->withdrawn.clear();
    state->statuses.clear();
  } else if (!TakeBackInPlace(undo, state)) {
    Cells cells = Without(ToCells(*state), undo.fresh);
    OverlayOnto(ToCells(undo.stood), &cells);
    *state = ToColumns(cells);
  }
}

std::vector<StoredVintage> ToBlocks(const Head& head, int full_block_interval,
                                    int64_t* since_full) {
  const size_t count = head.recent.size();
  *since_full = head.base ? head.base->vintages_since_full
                          : std::numeric_limits<int32_t>::max();
  std::vector<bool> full(count);
  for (size_t i = count; i-- > 0;) {
    full[i] = *since_full + 1 >= full_block_interval;
    *since_full = full[i] ? 0 : *since_full + 1;
  }
  std::vector<StoredVintage> blocks;
  blocks.reserve(count);
  Columns state = head.state;
  for (size_t i = 0; i < count; ++i) {
    const Undo& undo = head.recent[i];
    blocks.push_back(
        {undo.known_at, undo.recorded_at, ToBlock(undo, state, full[i])});
    TakeBack(undo, &state);
  }
  return blocks;
}

}  // namespace headway::store
