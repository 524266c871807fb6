#include "daemon/store/commit/merge.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/time/time.h"
#include "daemon/store/format/cells.h"
#include "daemon/store/history/blocks.h"

namespace headway::store {
namespace {

struct Statement {
  Micros known_at = 0;
  Cell cell;
};

// The values of one history at an instant that moves forward. A period that has
// none is not there.
class MovingState {
 public:
  explicit MovingState(absl::Span<const StoredVintage> newest_first)
      : vintages_(newest_first), left_(newest_first.size()) {}

  // Takes in the vintages known by `time`, and adds the periods of their
  // statements to `touched`.
  void MoveTo(Micros time, std::set<int32_t>* touched) {
    while (left_ > 0 && vintages_[left_ - 1].known_at <= time) {
      const StoredVintage& vintage = vintages_[--left_];
      for (const Cell& cell : SaidCells(vintage.block)) {
        touched->insert(cell.ordinal);
        if (cell.withdrawn) {
          values_.erase(cell.ordinal);
        } else {
          values_[cell.ordinal] = {vintage.known_at, cell};
        }
      }
    }
  }

  const Statement* Find(int32_t ordinal) const {
    const auto it = values_.find(ordinal);
    return it == values_.end() ? nullptr : &it->second;
  }
  const std::map<int32_t, Statement>& values() const { return values_; }

 private:
  const absl::Span<const StoredVintage> vintages_;
  size_t left_;
  std::map<int32_t, Statement> values_;
};

bool SayTheSame(const Statement* a, const Statement* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return Same(a->cell, b->cell);
}

// The instants at which any of the histories says something.
std::set<Micros> Instants(absl::Span<const StoredVintage> read,
                          absl::Span<const SourceHistory> sources) {
  std::set<Micros> instants;
  for (const StoredVintage& vintage : read) instants.insert(vintage.known_at);
  for (const SourceHistory& source : sources) {
    for (const StoredVintage& vintage : source.vintages) {
      instants.insert(vintage.known_at);
    }
  }
  return instants;
}

// What the sources say together, at an instant that moves forward.
class Chorus {
 public:
  explicit Chorus(absl::Span<const SourceHistory> sources) {
    for (const SourceHistory& source : sources) {
      states_.push_back({source.precedence, source.source == kStrikeSource,
                         MovingState(source.vintages)});
    }
  }

  void MoveTo(Micros time, std::set<int32_t>* touched) {
    for (Voice& voice : states_) voice.state.MoveTo(time, touched);
  }

  // Null if none of them has a value.
  const Statement* Find(int32_t ordinal) const {
    const Statement* found = nullptr;
    int64_t precedence = 0;
    for (const Voice& voice : states_) {
      const Statement* statement = voice.state.Find(ordinal);
      if (statement == nullptr) continue;
      if (voice.strikes) return nullptr;
      if (found == nullptr || voice.precedence > precedence ||
          (voice.precedence == precedence &&
           statement->known_at >= found->known_at)) {
        found = statement;
        precedence = voice.precedence;
      }
    }
    return found;
  }

 private:
  struct Voice {
    int64_t precedence = 0;
    bool strikes = false;
    MovingState state;
  };
  std::vector<Voice> states_;
};

// The periods that are read otherwise than they should be, and since when.
std::map<int32_t, Micros> Differences(absl::Span<const StoredVintage> read,
                                      absl::Span<const SourceHistory> sources,
                                      const std::set<Micros>& instants) {
  std::map<int32_t, Micros> since;
  MovingState is_read(read);
  Chorus chorus(sources);
  for (Micros instant : instants) {
    std::set<int32_t> touched;
    is_read.MoveTo(instant, &touched);
    chorus.MoveTo(instant, &touched);
    for (int32_t ordinal : touched) {
      if (SayTheSame(is_read.Find(ordinal), chorus.Find(ordinal))) continue;
      since.emplace(ordinal, instant);
    }
  }
  return since;
}

}  // namespace

std::vector<VintageUpdate> Merge(const series::SeriesInfo& info,
                                 absl::Span<const StoredVintage> read,
                                 absl::Span<const SourceHistory> sources) {
  const std::set<Micros> instants = Instants(read, sources);
  const std::map<int32_t, Micros> since = Differences(read, sources, instants);
  std::vector<VintageUpdate> updates;
  if (since.empty()) return updates;
  Chorus chorus(sources);
  for (Micros instant : instants) {
    std::set<int32_t> touched;
    chorus.MoveTo(instant, &touched);
    VintageUpdate update;
    // Also where nothing changes: a vintage that stands there may make a
    // statement about the period, or be given one (history/timeline.h).
    for (const auto& [ordinal, first] : since) {
      if (instant < first) continue;
      if (const Statement* statement = chorus.Find(ordinal)) {
        series::AppendStatus(statement->cell.status, update.values.size(),
                             &update.statuses);
        update.ordinals.push_back(ordinal);
        update.values.push_back(statement->cell.value);
      } else {
        update.withdrawn.push_back(ordinal);
      }
    }
    if (update.ordinals.empty() && update.withdrawn.empty()) continue;
    update.info = info;
    update.known_at = absl::FromUnixMicros(instant);
    updates.push_back(std::move(update));
  }
  return updates;
}

Clash FindClash(absl::Span<const SourceHistory> sources) {
  std::vector<MovingState> states;
  for (const SourceHistory& source : sources) {
    std::set<int32_t> touched;
    states.emplace_back(source.vintages).MoveTo(kForever, &touched);
  }
  Clash worst;
  for (size_t a = 0; a < sources.size(); ++a) {
    for (size_t b = a + 1; b < sources.size(); ++b) {
      if (sources[a].precedence != sources[b].precedence) continue;
      if (IsByHand(sources[a].source)) continue;
      Clash clash{sources[a].source, sources[b].source, 0, 0};
      for (const auto& [ordinal, statement] : states[a].values()) {
        const Statement* other = states[b].Find(ordinal);
        if (other == nullptr || other->cell.value == statement.cell.value) {
          continue;
        }
        ++clash.periods;
        clash.last = ordinal;
      }
      if (clash.periods > worst.periods) worst = std::move(clash);
    }
  }
  return worst;
}

}  // namespace headway::store
