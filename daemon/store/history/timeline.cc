#include "daemon/store/history/timeline.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"

namespace headway::store {
namespace {

std::string DescribeKey(const RocksView& view, const VintageKey& key) {
  auto text = [](Micros micros) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ",
                            absl::FromUnixMicros(micros), absl::UTCTimeZone());
  };
  return absl::StrCat("store ", view.directory(), ": block of series ",
                      key.series, ", known_at ", text(key.known_at),
                      ", recorded_at ", text(key.recorded_at),
                      " is damaged, restore it from a backup");
}

// Reads vintages from `as_of` back in known_at, of each the newest block
// recorded by `recorded_by`, until `is_last` says so or none is left.
template <typename IsLast>
absl::StatusOr<std::vector<StoredVintage>> ReadBack(const RocksView& view,
                                                    SeriesId id, Micros as_of,
                                                    Micros recorded_by,
                                                    IsLast is_last) {
  std::vector<StoredVintage> vintages;
  RocksIterator it = view.NewIterator(Family::kVintages);
  for (it.Seek(EncodeVintageKey({id, as_of, kForever})); it.Valid();
       it.Next()) {
    ASSIGN_OR_RETURN(VintageKey key, DecodeVintageKey(it.key()));
    if (key.series != id) break;
    if (key.recorded_at > recorded_by) continue;
    // An older recording of a vintage that we have.
    if (!vintages.empty() && vintages.back().known_at == key.known_at) continue;
    absl::StatusOr<Block> block = DecodeBlock(it.value());
    if (!block.ok()) return Annotate(block.status(), DescribeKey(view, key));
    vintages.push_back({key.known_at, key.recorded_at, *std::move(block)});
    if (is_last(vintages.back())) break;
  }
  RETURN_IF_ERROR(it.status());
  return vintages;
}

void WriteBlock(SeriesId id, const StoredVintage& vintage, RocksBatch* batch) {
  batch->Put(Family::kVintages,
             EncodeVintageKey({id, vintage.known_at, vintage.recorded_at}),
             EncodeBlock(vintage.block));
}

absl::StatusOr<Head> UnpackAll(const PackedHead& packed) {
  Head head{packed.frequency, packed.base, packed.state, {}};
  head.recent.resize(packed.recent_count);
  absl::string_view recent = packed.recent;
  for (Undo& undo : head.recent) RETURN_IF_ERROR(ReadUndo(&recent, &undo));
  return head;
}

// Moves the vintages of the head into blocks, and returns them newest first.
absl::StatusOr<std::vector<StoredVintage>> Spill(SeriesId id, int interval,
                                                 PackedHead* head,
                                                 RocksBatch* batch) {
  if (head->recent_count == 0) return std::vector<StoredVintage>();
  ASSIGN_OR_RETURN(Head unpacked, UnpackAll(*head));
  int64_t since_full = 0;
  std::vector<StoredVintage> blocks = ToBlocks(unpacked, interval, &since_full);
  for (const StoredVintage& block : blocks) WriteBlock(id, block, batch);
  head->base =
      Base{blocks.front().known_at, blocks.front().recorded_at, since_full};
  head->recent_count = 0;
  head->recent = absl::string_view();
  return blocks;
}

// A vintage while a batch is fitted in.
struct Node {
  Micros known_at = 0;
  std::vector<const VintageUpdate*> updates;
  // In the store already. Its block's columns live in the cells below.
  bool stored = false;
  bool changed = false;
  Block block;
  // Given for one that is not stored.
  std::optional<Coverage> covers;
  Cells said;
  Cells inherited;
};

// What an update says that differs from the state before it, or is to be kept
// all the same if the vintage has not said it yet.
Cells Differences(const VintageUpdate& update, const Columns& state,
                  absl::FunctionRef<bool(int32_t)> is_said) {
  auto is_kept = [&](int32_t ordinal) {
    return std::binary_search(update.restated.begin(), update.restated.end(),
                              ordinal) &&
           !is_said(ordinal);
  };
  Columns changes;
  for (size_t i = 0; i < update.ordinals.size(); ++i) {
    const size_t place = FindValue(state, update.ordinals[i]);
    const bool is_news = place == state.ordinals.size() ||
                         std::memcmp(&state.values[place], &update.values[i],
                                     sizeof(double)) != 0;
    if (is_news || is_kept(update.ordinals[i])) {
      changes.ordinals.push_back(update.ordinals[i]);
      changes.values.push_back(update.values[i]);
    }
  }
  for (int32_t ordinal : update.withdrawn) {
    const bool is_news = FindValue(state, ordinal) < state.ordinals.size();
    if (is_news || is_kept(ordinal)) changes.withdrawn.push_back(ordinal);
  }
  Cells cells = ToCells(changes);
  if (!update.snapshot) return cells;
  Columns left_out;
  std::set_difference(state.ordinals.begin(), state.ordinals.end(),
                      update.ordinals.begin(), update.ordinals.end(),
                      std::back_inserter(left_out.withdrawn));
  OverlayOnto(ToCells(left_out), &cells);
  return cells;
}

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
                                 RocksBatch* batch);
  void WriteHead(RocksBatch* batch);

 private:
  // Moves the vintages of a full head into blocks.
  absl::Status MakeRoom(RocksBatch* batch);
  // Notes what stood where `changes` speak, unless the vintage has spoken there
  // before.
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
      stood.push_back({ordinal, false, state.values[place]});
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
    absl::Span<const VintageUpdate* const> updates, RocksBatch* batch) {
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

absl::Status Appender::MakeRoom(RocksBatch* batch) {
  const int limit = context_.full_block_interval;
  if (head_.recent_count < static_cast<size_t>(limit)) return absl::OkStatus();
  head_.recent = recent_;
  RETURN_IF_ERROR(Spill(id_, limit, &head_, batch).status());
  recent_.clear();
  return absl::OkStatus();
}

void Appender::WriteHead(RocksBatch* batch) {
  head_.recent = recent_;
  batch->Put(Family::kCurrent, EncodeId(id_), EncodeHead(head_));
}

// The history of one series from a full block on, while vintages are fitted in
// between others.
class Timeline {
 public:
  Timeline(SeriesId id, const CommitContext& context)
      : id_(id), context_(context) {}

  // `newest_first` goes back to a full block that all updates are newer than,
  // or to the first of the series.
  void Load(std::vector<StoredVintage> newest_first);
  void Add(const VintageUpdate& update);
  // Returns the number of observations that changed.
  int64_t Apply(RocksBatch* batch);
  void WriteHead(series::Frequency frequency, RocksBatch* batch) const;
  Micros newest_known_at() const { return newest_known_at_; }

 private:
  int64_t ApplyUpdatesAt(size_t index);
  void KeepFromLeaking(const Cell& change, const Cells& before, size_t index);
  void ChooseForm(Node* node);
  void WriteNode(const Node& node, RocksBatch* batch) const;

  const SeriesId id_;
  const CommitContext& context_;
  // By rising known_at.
  std::vector<Node> nodes_;
  // At the node that Apply is at, and before the first before it starts.
  Cells state_;
  Micros newest_known_at_ = std::numeric_limits<Micros>::min();
  int64_t since_full_ = std::numeric_limits<int32_t>::max();
};

void Timeline::Load(std::vector<StoredVintage> newest_first) {
  nodes_.reserve(newest_first.size());
  for (auto it = newest_first.rbegin(); it != newest_first.rend(); ++it) {
    Node node;
    node.known_at = it->known_at;
    node.stored = true;
    node.said = SaidCells(it->block);
    if (it->block.full) {
      node.inherited = Minus(ToCells(it->block.columns), node.said);
    }
    node.block = std::move(it->block);
    nodes_.push_back(std::move(node));
  }
  if (nodes_.empty() || !nodes_.front().block.full) return;
  state_ = nodes_.front().inherited;
}

void Timeline::Add(const VintageUpdate& update) {
  const Micros known_at = absl::ToUnixMicros(update.known_at);
  auto place = std::lower_bound(
      nodes_.begin(), nodes_.end(), known_at,
      [](const Node& node, Micros time) { return node.known_at < time; });
  if (place == nodes_.end() || place->known_at != known_at) {
    place = nodes_.emplace(place);
    place->known_at = known_at;
  }
  place->updates.push_back(&update);
}

int64_t Timeline::Apply(RocksBatch* batch) {
  int64_t changed = 0;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    changed += ApplyUpdatesAt(i);
    // Updates that changed nothing make no vintage.
    if (!node.stored && !node.changed) continue;
    ChooseForm(&node);
    OverlayOnto(node.said, &state_);
    if (!node.stored) {
      const bool is_given = node.covers && !node.covers->all;
      node.block.first_covered =
          is_given ? node.covers->first : state_.front().ordinal;
      node.block.last_covered =
          is_given ? node.covers->last : state_.back().ordinal;
    }
    if (node.changed) WriteNode(node, batch);
    since_full_ = node.block.full ? 0 : since_full_ + 1;
    newest_known_at_ = std::max(newest_known_at_, node.known_at);
  }
  return changed;
}

int64_t Timeline::ApplyUpdatesAt(size_t index) {
  Node& node = nodes_[index];
  if (node.updates.empty()) return 0;
  int64_t changed = 0;
  Cells state = state_;
  OverlayOnto(node.said, &state);
  for (const VintageUpdate* update : node.updates) {
    const Cells changes =
        Differences(*update, ToColumns(state), [&](int32_t ordinal) {
          return FindCell(node.said, ordinal) != nullptr;
        });
    if (changes.empty()) continue;
    for (const Cell& change : changes) KeepFromLeaking(change, state, index);
    OverlayOnto(changes, &node.said);
    OverlayOnto(changes, &state);
    changed += static_cast<int64_t>(changes.size());
    node.changed = true;
    node.block.commit = context_.commit;
    node.block.snapshot |=
        update->snapshot || (update->covers && update->covers->all);
    if (!node.stored && update->covers) node.covers = update->covers;
  }
  return changed;
}

// Makes the next stored vintage that is silent on the period, but speaks by its
// silence, say what stood there before `change`.
void Timeline::KeepFromLeaking(const Cell& change, const Cells& before,
                               size_t index) {
  const int32_t ordinal = change.ordinal;
  const Cell* stood = FindCell(before, ordinal);
  const bool corrects = FindCell(nodes_[index].said, ordinal) != nullptr;
  const bool flows = corrects || stood == nullptr;
  for (size_t i = index + 1; i < nodes_.size(); ++i) {
    Node& later = nodes_[i];
    if (!later.stored) continue;
    if (FindCell(later.said, ordinal) != nullptr) return;
    const bool covers = ordinal >= later.block.first_covered &&
                        ordinal <= later.block.last_covered;
    if (later.block.snapshot || (covers && !flows)) {
      const Cell word = stood != nullptr ? *stood : Cell{ordinal, true, 0};
      OverlayOnto({word}, &later.said);
      later.changed = true;
      return;
    }
  }
}

// Decides whether the node is full, and sees to what it inherits.
void Timeline::ChooseForm(Node* node) {
  const bool is_due = since_full_ + 1 >= context_.full_block_interval;
  // Inserting makes chains longer than the interval; this bounds them without
  // rewriting all that follow at every insertion.
  const bool is_overdue = since_full_ >= 2 * context_.full_block_interval;
  if (!node->block.full && !node->changed && !is_overdue) return;
  Cells inherited = Minus(state_, node->said);
  if (node->block.full && !node->changed &&
      std::equal(inherited.begin(), inherited.end(), node->inherited.begin(),
                 node->inherited.end(), Same)) {
    return;
  }
  node->changed = true;
  node->block.full = is_due;
  node->inherited = is_due ? std::move(inherited) : Cells();
}

void Timeline::WriteNode(const Node& node, RocksBatch* batch) const {
  Block block;
  block.full = node.block.full;
  block.snapshot = node.block.snapshot;
  block.commit = node.block.commit;
  block.first_covered = node.block.first_covered;
  block.last_covered = node.block.last_covered;
  block.columns = ToColumns(node.said);
  if (block.full) {
    block.said = AllOrdinals(block.columns);
    OverlayOnto(ToColumns(node.inherited), &block.columns);
  }
  WriteBlock(id_, {node.known_at, context_.recorded_at, std::move(block)},
             batch);
}

void Timeline::WriteHead(series::Frequency frequency, RocksBatch* batch) const {
  Head head;
  head.frequency = frequency;
  head.base = Base{newest_known_at_, context_.recorded_at, since_full_};
  head.state = ToColumns(state_);
  batch->Put(Family::kCurrent, EncodeId(id_), EncodeHead(head));
}

// The updates of a series, by known_at.
using Updates = absl::Span<const VintageUpdate* const>;

Micros KnownAt(const VintageUpdate* update) {
  return absl::ToUnixMicros(update->known_at);
}

absl::StatusOr<Applied> AppendInOrder(SeriesId id, Updates updates,
                                      const CommitContext& context,
                                      PackedHead* head, Micros newest,
                                      RocksBatch* batch) {
  Appender appender(id, context, head);
  Applied applied{0, newest};
  for (size_t i = 0; i < updates.size();) {
    size_t end = i + 1;
    while (end < updates.size() &&
           KnownAt(updates[end]) == KnownAt(updates[i])) {
      ++end;
    }
    ASSIGN_OR_RETURN(int64_t changed,
                     appender.Append(updates.subspan(i, end - i), batch));
    if (changed > 0) applied.newest_known_at = KnownAt(updates[i]);
    applied.changed += changed;
    i = end;
  }
  if (applied.changed > 0) appender.WriteHead(batch);
  return applied;
}

absl::StatusOr<Applied> InsertBetween(const RocksView& view, SeriesId id,
                                      Updates updates,
                                      const CommitContext& context,
                                      PackedHead* head, RocksBatch* batch) {
  auto is_last = [&](const StoredVintage& v) {
    return v.block.full && v.known_at < KnownAt(updates.front());
  };
  // If nothing changes in the end, the head stays as it is.
  batch->SetSavePoint();
  ASSIGN_OR_RETURN(std::vector<StoredVintage> newest_first,
                   Spill(id, context.full_block_interval, head, batch));
  const auto last =
      std::find_if(newest_first.begin(), newest_first.end(), is_last);
  if (last != newest_first.end()) {
    newest_first.erase(std::next(last), newest_first.end());
  } else {
    ASSIGN_OR_RETURN(std::vector<StoredVintage> older,
                     ReadBack(view, id, kForever, kForever, is_last));
    std::move(older.begin(), older.end(), std::back_inserter(newest_first));
  }
  Timeline timeline(id, context);
  timeline.Load(std::move(newest_first));
  for (const VintageUpdate* update : updates) timeline.Add(*update);
  const int64_t changed = timeline.Apply(batch);
  if (changed == 0) {
    batch->RollbackToSavePoint();
  } else {
    timeline.WriteHead(head->frequency, batch);
    batch->PopSavePoint();
  }
  return Applied{changed, timeline.newest_known_at()};
}

}  // namespace

Cells SaidCells(const Block& block) {
  const Cells cells = ToCells(block.columns);
  return block.full ? Only(cells, block.said) : cells;
}

absl::StatusOr<BlockAnswer> ReadFromBlocks(const RocksView& view, SeriesId id,
                                           Micros as_of, Micros recorded_by) {
  ASSIGN_OR_RETURN(
      std::vector<StoredVintage> newest_first,
      ReadBack(view, id, as_of, recorded_by,
               [](const StoredVintage& v) { return v.block.full; }));
  BlockAnswer answer;
  if (newest_first.empty()) return answer;
  answer.known_at = newest_first.front().known_at;
  answer.state = std::move(newest_first.back().block.columns);
  newest_first.pop_back();
  for (auto it = newest_first.rbegin(); it != newest_first.rend(); ++it) {
    OverlayOnto(it->block.columns, &answer.state);
  }
  return answer;
}

absl::StatusOr<std::vector<StoredVintage>> ReadAllVintages(
    const RocksView& view, SeriesId id) {
  return ReadVintagesBy(view, id, kForever, kForever);
}

absl::StatusOr<std::vector<StoredVintage>> ReadVintagesBy(const RocksView& view,
                                                          SeriesId id,
                                                          Micros as_of,
                                                          Micros recorded_by) {
  RocksValue bytes;
  ASSIGN_OR_RETURN(bool is_there, GetHead(view, id, &bytes));
  if (!is_there) return std::vector<StoredVintage>();
  absl::StatusOr<Head> head = DecodeHead(bytes.bytes());
  if (!head.ok()) return DescribeDamage(view, id, head.status());
  int64_t since_full = 0;
  std::vector<StoredVintage> newest_first =
      ToBlocks(*head, std::numeric_limits<int>::max(), &since_full);
  std::erase_if(newest_first, [&](const StoredVintage& v) {
    return v.known_at > as_of || v.recorded_at > recorded_by;
  });
  if (!head->base) return newest_first;
  ASSIGN_OR_RETURN(std::vector<StoredVintage> older,
                   ReadBack(view, id, as_of, recorded_by,
                            [](const StoredVintage&) { return false; }));
  std::move(older.begin(), older.end(), std::back_inserter(newest_first));
  return newest_first;
}

absl::StatusOr<Applied> ApplyUpdates(const RocksView& view, SeriesId id,
                                     std::vector<const VintageUpdate*> updates,
                                     const CommitContext& context,
                                     RocksBatch* batch) {
  std::stable_sort(updates.begin(), updates.end(),
                   [](const VintageUpdate* a, const VintageUpdate* b) {
                     return a->known_at < b->known_at;
                   });
  RocksValue bytes;
  PackedHead head;
  head.frequency = updates.front()->info.key.frequency;
  ASSIGN_OR_RETURN(bool is_there, GetHead(view, id, &bytes));
  if (!is_there) {
    return AppendInOrder(id, updates, context, &head, Applied().newest_known_at,
                         batch);
  }
  absl::Status status = UnpackHead(bytes.bytes(), &head);
  if (!status.ok()) return DescribeDamage(view, id, status);
  ASSIGN_OR_RETURN(Micros newest, KnownAt(head));
  return KnownAt(updates.front()) > newest
             ? AppendInOrder(id, updates, context, &head, newest, batch)
             : InsertBetween(view, id, updates, context, &head, batch);
}

}  // namespace headway::store
