#include "daemon/store/history/insert.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/format/cells.h"
#include "daemon/store/history/blocks.h"
#include "daemon/store/history/differences.h"

namespace headway::store {
namespace {

// A vintage of the history while updates are fitted in.
struct Node {
  Micros known_at = 0;
  std::vector<const VintageUpdate*> updates;
  // In the store already. The columns of its block are in the cells below.
  bool stored = false;
  bool changed = false;
  Block block;
  // What its updates say that it covers, if it is not stored.
  std::optional<Coverage> covers;
  // Its statements, and the remainder of the state if its block is full.
  Cells said;
  Cells inherited;
};

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
  int64_t Apply(WriteBatch* batch);
  void WriteHead(series::Frequency frequency, WriteBatch* batch) const;
  Micros newest_known_at() const { return newest_known_at_; }
  // The last vintage holds the whole state and stays as it is, so what comes
  // after it does, too.
  bool IsSettled() const {
    return nodes_.back().stored && nodes_.back().block.full &&
           !nodes_.back().changed;
  }

 private:
  int64_t ApplyUpdatesAt(size_t index);
  void KeepFromLeaking(const Cell& change, const Cells& before, size_t index);
  void ChooseForm(Node* node);
  void WriteNode(const Node& node, WriteBatch* batch) const;

  const SeriesId id_;
  const CommitContext& context_;
  // By rising known_at.
  std::vector<Node> nodes_;
  // The state at the node that Apply has come to; at first, before all nodes.
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

int64_t Timeline::Apply(WriteBatch* batch) {
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

// Gives the next stored vintage that covers the period, but makes no statement
// about it, a statement of what was known there before `change`.
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
      const Cell kept = stood != nullptr ? *stood : Cell{ordinal, true, 0};
      OverlayOnto({kept}, &later.said);
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

void Timeline::WriteNode(const Node& node, WriteBatch* batch) const {
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

void Timeline::WriteHead(series::Frequency frequency, WriteBatch* batch) const {
  Head head;
  head.frequency = frequency;
  head.base = Base{newest_known_at_, context_.recorded_at, since_full_};
  head.state = ToColumns(state_);
  batch->Put(Family::kCurrent, EncodeId(id_), EncodeHead(head));
}

// How many vintages behind the updates are looked at first, and how many times
// more if those are not enough.
constexpr size_t kFirstBehind = 4;
constexpr size_t kMoreBehind = 8;

// Fits updates in that are older than the newest block with no more of the
// history than they touch: from the last full block before them to the first
// one behind them that stays as it is. Absent: there is none, and nothing was
// written.
absl::StatusOr<std::optional<Applied>> InsertLocally(
    const View& view, SeriesId id, Updates updates,
    const CommitContext& context, PackedHead* head, WriteBatch* batch) {
  const Micros first = KnownAt(*updates.front());
  const Micros last = KnownAt(*updates.back());
  ASSIGN_OR_RETURN(
      const std::vector<StoredVintage> around,
      ReadBack(view, id, last, kForever, [&](const StoredVintage& v) {
        return v.block.full && v.known_at < first;
      }));
  ASSIGN_OR_RETURN(const Micros newest, KnownAt(*head));
  for (size_t limit = kFirstBehind;; limit *= kMoreBehind) {
    ASSIGN_OR_RETURN(std::vector<StoredVintage> behind,
                     ReadForward(view, id, last, limit));
    const bool is_all = behind.size() < limit;
    while (!behind.empty() && !behind.back().block.full) behind.pop_back();
    if (!behind.empty()) {
      std::reverse(behind.begin(), behind.end());
      behind.insert(behind.end(), around.begin(), around.end());
      Timeline timeline(id, context);
      timeline.Load(std::move(behind));
      for (const VintageUpdate* update : updates) timeline.Add(*update);
      batch->SetSavePoint();
      const int64_t changed = timeline.Apply(batch);
      if (changed == 0) {
        batch->RollbackToSavePoint();
        return Applied{0, newest};
      }
      if (timeline.IsSettled()) {
        batch->PopSavePoint();
        head->base->recorded_at = context.recorded_at;
        batch->Put(Family::kCurrent, EncodeId(id), EncodeHead(*head));
        return Applied{changed, newest};
      }
      batch->RollbackToSavePoint();
    }
    if (is_all) return std::nullopt;
  }
}

}  // namespace

absl::StatusOr<Applied> InsertBetween(const View& view, SeriesId id,
                                      Updates updates,
                                      const CommitContext& context,
                                      PackedHead* head, WriteBatch* batch) {
  if (head->base && KnownAt(*updates.back()) < head->base->known_at) {
    ASSIGN_OR_RETURN(const std::optional<Applied> applied,
                     InsertLocally(view, id, updates, context, head, batch));
    if (applied) return *applied;
  }
  auto is_last = [&](const StoredVintage& v) {
    return v.block.full && v.known_at < KnownAt(*updates.front());
  };
  // If nothing changes in the end, the head stays as it is.
  batch->SetSavePoint();
  ASSIGN_OR_RETURN(std::vector<StoredVintage> newest_first,
                   MoveToBlocks(id, context.full_block_interval, head, batch));
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

}  // namespace headway::store
