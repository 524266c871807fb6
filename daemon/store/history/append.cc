#include "daemon/store/history/append.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/format/cells.h"
#include "daemon/store/history/blocks.h"
#include "daemon/store/history/differences.h"

namespace headway::store {
namespace {

// Puts vintages in front of a head: they are newer than all there is.
class Appender {
 public:
  Appender(SeriesId id, const CommitContext& context, PackedHead* head)
      : id_(id),
        context_(context),
        head_(*head),
        recent_(std::string(head->recent)) {}

  // `updates` have one known_at. Returns how many observations they changed.
  absl::StatusOr<int64_t> Append(absl::Span<const VintageUpdate* const> updates,
                                 WriteBatch* batch);
  void WriteHead(WriteBatch* batch);

 private:
  // Moves the vintages of a full head into blocks.
  absl::Status MakeRoom(WriteBatch* batch);
  // Notes what was known before about the periods of `changes`, unless the
  // vintage has made a statement about them already.
  void NoteWhatStood(const Cells& changes);
  bool IsSaid(int32_t ordinal) const;

  const SeriesId id_;
  const CommitContext& context_;
  PackedHead& head_;
  std::string recent_;
  // Of the vintage under way.
  Cells stood_;
  std::vector<int32_t> fresh_;
};

bool Appender::IsSaid(int32_t ordinal) const {
  return FindCell(stood_, ordinal) != nullptr ||
         std::binary_search(fresh_.begin(), fresh_.end(), ordinal);
}

void Appender::NoteWhatStood(const Cells& changes) {
  const Columns& state = head_.state;
  Cells stood;
  std::vector<int32_t> fresh;
  for (const Cell& change : changes) {
    const int32_t ordinal = change.ordinal;
    if (IsSaid(ordinal)) continue;
    const size_t place = FindValue(state, ordinal);
    if (place < state.ordinals.size()) {
      stood.push_back(ValueCell(state, place));
    } else if (std::binary_search(state.withdrawn.begin(),
                                  state.withdrawn.end(), ordinal)) {
      stood.push_back({ordinal, true, 0});
    } else {
      fresh.push_back(ordinal);
    }
  }
  OverlayOnto(stood, &stood_);
  const auto middle = static_cast<ptrdiff_t>(fresh_.size());
  fresh_.insert(fresh_.end(), fresh.begin(), fresh.end());
  std::inplace_merge(fresh_.begin(), fresh_.begin() + middle, fresh_.end());
}

absl::StatusOr<int64_t> Appender::Append(
    absl::Span<const VintageUpdate* const> updates, WriteBatch* batch) {
  Undo undo;
  undo.known_at = absl::ToUnixMicros(updates.front()->known_at);
  undo.recorded_at = context_.recorded_at;
  undo.commit = context_.commit;
  undo.first = head_.state.empty();
  stood_.clear();
  fresh_.clear();
  int64_t changed = 0;
  std::optional<Coverage> covers;
  for (const VintageUpdate* update : updates) {
    const Cells changes =
        Differences(*update, head_.state,
                    [this](int32_t ordinal) { return IsSaid(ordinal); });
    if (changes.empty()) continue;
    if (changed == 0) RETURN_IF_ERROR(MakeRoom(batch));
    NoteWhatStood(changes);
    OverlayOnto(ToColumns(changes), &head_.state);
    changed += static_cast<int64_t>(changes.size());
    if (update->covers) covers = update->covers;
    undo.snapshot |= update->snapshot || (covers && covers->all);
  }
  if (changed == 0) return 0;
  if (!undo.first) {
    undo.stood = ToColumns(stood_);
    undo.fresh = fresh_;
  }
  const auto [first, last] = SpanOf(head_.state);
  if (covers && !covers->all &&
      (covers->first != first || covers->last != last)) {
    undo.covers = covers;
  }
  std::string bytes;
  AppendUndo(undo, &bytes);
  recent_.insert(0, bytes);
  ++head_.recent_count;
  return changed;
}

absl::Status Appender::MakeRoom(WriteBatch* batch) {
  const int limit = context_.full_block_interval;
  if (head_.recent_count < static_cast<size_t>(limit)) return absl::OkStatus();
  head_.recent = recent_;
  RETURN_IF_ERROR(MoveToBlocks(id_, limit, &head_, batch).status());
  recent_.clear();
  return absl::OkStatus();
}

void Appender::WriteHead(WriteBatch* batch) {
  head_.recent = recent_;
  batch->Put(Family::kCurrent, EncodeId(id_), EncodeHead(head_));
}

}  // namespace

absl::StatusOr<Applied> AppendInOrder(SeriesId id, Updates updates,
                                      const CommitContext& context,
                                      PackedHead* head, Micros newest,
                                      WriteBatch* batch) {
  Appender appender(id, context, head);
  Applied applied{0, newest};
  for (size_t i = 0; i < updates.size();) {
    size_t end = i + 1;
    while (end < updates.size() &&
           KnownAt(*updates[end]) == KnownAt(*updates[i])) {
      ++end;
    }
    ASSIGN_OR_RETURN(int64_t changed,
                     appender.Append(updates.subspan(i, end - i), batch));
    if (changed > 0) applied.newest_known_at = KnownAt(*updates[i]);
    applied.changed += changed;
    i = end;
  }
  if (applied.changed > 0) appender.WriteHead(batch);
  return applied;
}

}  // namespace headway::store
