#include "daemon/store/timeline.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "daemon/base/status_macros.h"

namespace headway::store {
namespace {

constexpr Micros kForever = std::numeric_limits<Micros>::max();

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
  RocksIterator it = view.NewIterator(Family::kVintages,
                                      EncodeVintageKey({id, as_of, kForever}),
                                      PrefixEnd(EncodeId(id)));
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    ASSIGN_OR_RETURN(VintageKey key, DecodeVintageKey(it.key()));
    if (key.recorded_at > recorded_by) continue;
    // An older recording of a vintage that we have.
    if (!vintages.empty() && vintages.back().known_at == key.known_at) continue;
    absl::StatusOr<Block> block = DecodeBlock(it.value());
    if (!block.ok()) return Annotate(block.status(), DescribeKey(view, key));
    vintages.push_back({key.known_at, *std::move(block)});
    if (is_last(vintages.back())) break;
  }
  RETURN_IF_ERROR(it.status());
  return vintages;
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

// What the update says that differs from the state before it, or is to be kept
// and not yet `said`.
Cells Differences(const VintageUpdate& update, const Cells& state,
                  const Cells& said) {
  auto is_kept = [&](const Cell& cell) {
    if (!std::binary_search(update.restated.begin(), update.restated.end(),
                            cell.ordinal)) {
      return false;
    }
    const Cell* word = FindCell(said, cell.ordinal);
    return word == nullptr || !Same(*word, cell);
  };
  Cells changes;
  const Cells cells =
      ToCells({update.ordinals, update.values, update.withdrawn});
  for (const Cell& cell : cells) {
    const Cell* before = FindCell(state, cell.ordinal);
    const bool was_there = before != nullptr && !before->withdrawn;
    const bool is_news =
        cell.withdrawn ? was_there : !was_there || !Same(*before, cell);
    if (is_news || is_kept(cell)) changes.push_back(cell);
  }
  if (!update.snapshot) return changes;
  Cells left_out;
  for (const Cell& cell : Minus(state, cells)) {
    if (!cell.withdrawn) left_out.push_back({cell.ordinal, true, 0});
  }
  OverlayOnto(left_out, &changes);
  return changes;
}

// The history of one series from a full block on, while a batch is fitted in.
class Timeline {
 public:
  Timeline(SeriesId id, const CommitContext& context)
      : id_(id), context_(context) {}

  absl::Status Load(const RocksView& view, Micros first_known_at);
  void Add(const VintageUpdate& update);
  // Returns the number of observations that changed.
  int64_t Apply(RocksBatch* batch);
  void WriteCurrentState(series::Frequency frequency, RocksBatch* batch) const;

 private:
  void LoadNodes(std::vector<StoredVintage> newest_first);
  int64_t ApplyUpdatesAt(size_t index);
  void KeepFromLeaking(const Cell& change, const Cells& before, size_t index);
  void ChooseForm(Node* node);
  void WriteBlock(const Node& node, RocksBatch* batch) const;

  const SeriesId id_;
  const CommitContext& context_;
  // By rising known_at.
  std::vector<Node> nodes_;
  // At the node that Apply is at, and before the first before it starts.
  Cells state_;
  Micros newest_known_at_ = std::numeric_limits<Micros>::min();
  int64_t since_full_ = std::numeric_limits<int32_t>::max();
};

absl::Status Timeline::Load(const RocksView& view, Micros first_known_at) {
  ASSIGN_OR_RETURN(std::optional<CurrentState> current,
                   ReadCurrentState(view, id_));
  if (!current) return absl::OkStatus();
  newest_known_at_ = current->known_at;
  if (first_known_at > current->known_at) {
    // Behind all there is: the current state says all that matters.
    state_ = ToCells(current->columns);
    since_full_ = current->vintages_since_full;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(
      std::vector<StoredVintage> newest_first,
      ReadBack(view, id_, kForever, kForever, [&](const StoredVintage& v) {
        return v.block.full && v.known_at < first_known_at;
      }));
  LoadNodes(std::move(newest_first));
  return absl::OkStatus();
}

void Timeline::LoadNodes(std::vector<StoredVintage> newest_first) {
  nodes_.reserve(newest_first.size());
  for (auto it = newest_first.rbegin(); it != newest_first.rend(); ++it) {
    Node node;
    node.known_at = it->known_at;
    node.stored = true;
    node.said = ToCells(it->block.said);
    node.inherited = ToCells(it->block.inherited);
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
    if (node.changed) WriteBlock(node, batch);
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
    const Cells changes = Differences(*update, state, node.said);
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

void Timeline::WriteBlock(const Node& node, RocksBatch* batch) const {
  Block block;
  block.full = node.block.full;
  block.snapshot = node.block.snapshot;
  block.commit = node.block.commit;
  block.first_covered = node.block.first_covered;
  block.last_covered = node.block.last_covered;
  block.said = ToColumns(node.said);
  block.inherited = ToColumns(node.inherited);
  batch->Put(Family::kVintages,
             EncodeVintageKey({id_, node.known_at, context_.recorded_at}),
             EncodeBlock(block));
}

void Timeline::WriteCurrentState(series::Frequency frequency,
                                 RocksBatch* batch) const {
  CurrentState current;
  current.frequency = frequency;
  current.known_at = newest_known_at_;
  current.recorded_at = context_.recorded_at;
  current.vintages_since_full = since_full_;
  current.columns = ToColumns(state_);
  batch->Put(Family::kCurrent, EncodeId(id_), EncodeCurrentState(current));
}

}  // namespace

absl::StatusOr<std::optional<CurrentState>> ReadCurrentState(
    const RocksView& view, SeriesId id) {
  ASSIGN_OR_RETURN(std::optional<std::string> bytes,
                   view.Get(Family::kCurrent, EncodeId(id)));
  if (!bytes) return std::optional<CurrentState>();
  absl::StatusOr<CurrentState> state = DecodeCurrentState(*bytes);
  if (!state.ok()) {
    return Annotate(
        state.status(),
        absl::StrCat("store ", view.directory(), ": current state of series ",
                     id, " is damaged, restore it from a backup"));
  }
  return std::optional<CurrentState>(*std::move(state));
}

absl::StatusOr<std::vector<StoredVintage>> ReadChain(const RocksView& view,
                                                     SeriesId id, Micros as_of,
                                                     Micros recorded_by) {
  return ReadBack(view, id, as_of, recorded_by,
                  [](const StoredVintage& v) { return v.block.full; });
}

absl::StatusOr<std::vector<StoredVintage>> ReadAllVintages(
    const RocksView& view, SeriesId id) {
  return ReadBack(view, id, kForever, kForever,
                  [](const StoredVintage&) { return false; });
}

absl::StatusOr<int64_t> ApplyUpdates(const RocksView& view, SeriesId id,
                                     std::vector<const VintageUpdate*> updates,
                                     const CommitContext& context,
                                     RocksBatch* batch) {
  auto known_at = [](const VintageUpdate* update) {
    return absl::ToUnixMicros(update->known_at);
  };
  std::stable_sort(updates.begin(), updates.end(),
                   [&](const VintageUpdate* a, const VintageUpdate* b) {
                     return known_at(a) < known_at(b);
                   });
  Timeline timeline(id, context);
  RETURN_IF_ERROR(timeline.Load(view, known_at(updates.front())));
  for (const VintageUpdate* update : updates) timeline.Add(*update);
  const int64_t changed = timeline.Apply(batch);
  if (changed > 0) {
    timeline.WriteCurrentState(updates.front()->info.key.frequency, batch);
  }
  return changed;
}

}  // namespace headway::store
