#include "daemon/ingest/pull/history.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"

namespace headway::ingest {
namespace {

constexpr absl::string_view kReplaySuffix = "/replay";
constexpr size_t kCommitsAtOnce = 1000;

// The values of a series; a period that is not there has none.
using State = std::map<int32_t, series::StatedValue>;
// What is said of periods; empty: withdrawn.
using Words = std::map<int32_t, std::optional<series::StatedValue>>;

template <typename Said>
Words WordsOf(const Said& said) {
  Words words;
  for (int32_t ordinal : said.withdrawn) words[ordinal] = std::nullopt;
  for (size_t i = 0; i < said.ordinals.size(); ++i) {
    words[said.ordinals[i]] = {said.values[i],
                               series::StatusAt(said.statuses, i)};
  }
  return words;
}

void Apply(const Words& words, State* state) {
  for (const auto& [ordinal, value] : words) {
    if (value.has_value()) {
      (*state)[ordinal] = *value;
    } else {
      state->erase(ordinal);
    }
  }
}

std::optional<series::StatedValue> At(const State& state, int32_t ordinal) {
  const auto it = state.find(ordinal);
  return it == state.end() ? std::nullopt : std::make_optional(it->second);
}

std::optional<double> Number(const std::optional<series::StatedValue>& stated) {
  return stated ? std::make_optional(stated->value) : std::nullopt;
}

store::VintageUpdate ToUpdate(const series::SeriesInfo& info,
                              absl::Time known_at, const Words& words) {
  store::VintageUpdate update;
  update.info = info;
  update.known_at = known_at;
  for (const auto& [ordinal, value] : words) {
    if (value.has_value()) {
      series::AppendStatus(value->status, update.values.size(),
                           &update.statuses);
      update.ordinals.push_back(ordinal);
      update.values.push_back(value->value);
    } else {
      update.withdrawn.push_back(ordinal);
    }
  }
  return update;
}

absl::Time Micros(absl::Time time) {
  return absl::FromUnixMicros(absl::ToUnixMicros(time));
}

// The last commit recorded before `time`, found by halving, since a store
// records its commits at rising instants; 0 if there is none.
absl::StatusOr<store::CommitNumber> LastCommitBefore(
    const store::Reader& reader, absl::Time time) {
  store::CommitNumber before = 0;
  store::CommitNumber beyond = reader.commit() + 1;
  while (beyond - before > 1) {
    const store::CommitNumber middle = before + (beyond - before) / 2;
    // The log has no entry for some numbers: take the next that it has.
    ASSIGN_OR_RETURN(const std::vector<store::CommitEntry> entries,
                     reader.ListCommits(middle - 1, 1));
    if (!entries.empty() && entries[0].recorded_at < time) {
      before = entries[0].commit;
    } else {
      beyond = middle;
    }
  }
  return before;
}

}  // namespace

std::string ReplayRun(absl::string_view run) {
  return absl::StrCat(run, kReplaySuffix);
}

PulledHistory::PulledHistory(const store::Pull& pull,
                             std::unique_ptr<store::Reader> reader)
    : pull_(pull), reader_(std::move(reader)) {}

absl::StatusOr<std::unique_ptr<PulledHistory>> PulledHistory::Load(
    const store::Pull& pull, const std::vector<store::Pull>& pulls,
    const store::Store& store) {
  std::unique_ptr<PulledHistory> history(
      new PulledHistory(pull, store.NewReader()));
  for (const store::Pull& one : pulls) {
    const auto [time, is_new] =
        history->pull_times_.emplace(one.run, one.start_time);
    if (!is_new) time->second = std::max(time->second, one.start_time);
    if (one.start_time < pull.start_time && one.ended && one.error.empty()) {
      history->read_before_ = std::max(history->read_before_, one.end_time);
    }
  }
  RETURN_IF_ERROR(history->FindTouchedSeries());
  return history;
}

absl::Status PulledHistory::FindTouchedSeries() {
  const std::string replay = ReplayRun(pull_.run);
  ASSIGN_OR_RETURN(store::CommitNumber after,
                   LastCommitBefore(*reader_, pull_.start_time));
  std::set<store::SeriesId> ids;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<store::CommitEntry> entries,
                     reader_->ListChanges(after, kCommitsAtOnce));
    if (entries.empty()) break;
    for (const store::CommitEntry& entry : entries) {
      if (entry.run != pull_.run && entry.run != replay) continue;
      ids.insert(entry.changed_series.begin(), entry.changed_series.end());
    }
    after = entries.back().commit;
  }
  for (store::SeriesId id : ids) {
    ASSIGN_OR_RETURN(store::SeriesEntry entry, reader_->GetSeries(id));
    series::Labels& labels = entry.info.key.labels;
    labels = labels.Without({std::string(series::kSourceLabel)});
    touched_.emplace(entry.info.key, entry.info);
  }
  return absl::OkStatus();
}

bool PulledHistory::IsOwn(const store::Vintage& vintage) const {
  return vintage.provenance.source == pull_.source &&
         absl::StripSuffix(vintage.provenance.run, kReplaySuffix) == pull_.run;
}

bool PulledHistory::IsLater(const store::Vintage& vintage) const {
  if (IsOwn(vintage)) return false;
  if (vintage.provenance.source == pull_.source) {
    const auto time = pull_times_.find(
        std::string(absl::StripSuffix(vintage.provenance.run, kReplaySuffix)));
    if (time != pull_times_.end()) return time->second > pull_.start_time;
  }
  return vintage.recorded_at > pull_.end_time;
}

absl::StatusOr<absl::Time> PulledHistory::TimeOfRead(absl::string_view stream) {
  size_t skipped = checkpoints_[std::string(stream)]++;
  for (const auto& [committed, known_at] : pull_.commits) {
    if (committed == stream && skipped-- == 0) return known_at;
  }
  return pull_.end_time;
}

absl::StatusOr<std::vector<store::Vintage>> PulledHistory::VintagesOf(
    const series::SeriesKey& key) const {
  const absl::StatusOr<store::SeriesEntry> entry =
      reader_->FindSeriesOf(key, pull_.source);
  if (absl::IsNotFound(entry.status())) return std::vector<store::Vintage>();
  RETURN_IF_ERROR(entry.status());
  return reader_->ListVintages(entry->id);
}

absl::StatusOr<StoredHistory> PulledHistory::StoredVintages(
    const series::SeriesKey& key) {
  ASSIGN_OR_RETURN(std::vector<store::Vintage> vintages, VintagesOf(key));
  vintages.erase(std::remove_if(vintages.begin(), vintages.end(),
                                [this](const store::Vintage& vintage) {
                                  return IsOwn(vintage) || IsLater(vintage);
                                }),
                 vintages.end());
  for (const store::VintageUpdate& update : updates_) {
    if (update.info.key != key) continue;
    vintages.push_back({.known_at = update.known_at,
                        .ordinals = update.ordinals,
                        .values = update.values,
                        .statuses = update.statuses,
                        .withdrawn = update.withdrawn});
  }
  std::stable_sort(vintages.begin(), vintages.end(),
                   [](const store::Vintage& a, const store::Vintage& b) {
                     return a.known_at < b.known_at;
                   });
  // Of other sources only what is read is looked at, as it stands now.
  const bool is_others = vintages.empty() && reader_->FindSeries(key).ok() &&
                         !touched_.contains(key);
  Words stated;
  for (const store::Vintage& vintage : vintages) {
    for (const auto& [ordinal, word] : WordsOf(vintage)) stated[ordinal] = word;
  }
  StoredHistory history;
  history.absent_until = is_others ? absl::InfiniteFuture() : read_before_;
  for (const auto& [ordinal, word] : stated) {
    if (word) {
      series::AppendStatus(word->status, history.state.values.size(),
                           &history.state.statuses);
      history.state.ordinals.push_back(ordinal);
      history.state.values.push_back(word->value);
    } else {
      history.state.withdrawn.push_back(ordinal);
    }
  }
  return history;
}

absl::StatusOr<store::CommitResult> PulledHistory::Commit(
    store::Batch batch, const Delivery& delivery) {
  if (delivery.complete) complete_.insert(Micros(delivery.known_at));
  for (store::VintageUpdate& update : batch.updates) {
    updates_.push_back(std::move(update));
  }
  return store::CommitResult();
}

absl::StatusOr<PulledHistory::Correction> PulledHistory::Correct() const {
  std::map<series::SeriesKey, std::vector<const store::VintageUpdate*>> series;
  for (const auto& [key, info] : touched_) series[key];
  for (const store::VintageUpdate& update : updates_) {
    series[update.info.key].push_back(&update);
  }
  Correction correction;
  for (const auto& [key, updates] : series) {
    const series::SeriesInfo& info =
        updates.empty() ? touched_.at(key) : updates.back()->info;
    RETURN_IF_ERROR(CorrectSeries(info, updates, &correction));
  }
  return correction;
}

absl::Status PulledHistory::CorrectSeries(
    const series::SeriesInfo& info,
    const std::vector<const store::VintageUpdate*>& updates,
    Correction* correction) const {
  ASSIGN_OR_RETURN(const std::vector<store::Vintage> vintages,
                   VintagesOf(info.key));
  // What the pull could not know of it cannot have withdrawn.
  const bool was_there =
      std::any_of(vintages.begin(), vintages.end(),
                  [this](const store::Vintage& v) { return !IsLater(v); });
  std::map<absl::Time, Moment> moments;
  for (const store::Vintage& v : vintages) moments[v.known_at].vintage = &v;
  bool delivered = false;
  for (const store::VintageUpdate* update : updates) {
    delivered |= !update->ordinals.empty();
    if (update->ordinals.empty() && update->snapshot && !was_there) continue;
    moments[Micros(update->known_at)].updates.push_back(update);
  }

  State before;  // as stored
  State after;   // as corrected
  for (const auto& [known_at, moment] : moments) {
    const store::Vintage* vintage = moment.vintage;
    const bool own = vintage != nullptr && IsOwn(*vintage);
    Words stored;
    if (vintage != nullptr) stored = WordsOf(*vintage);
    Apply(stored, &before);
    if (!own) Apply(stored, &after);
    if (vintage != nullptr && IsLater(*vintage)) {
      correction->superseded += moment.updates.empty() ? 0 : 1;
      continue;
    }
    // Of the periods concerned: what stood, and what the replay says.
    Words words;
    const State stood = after;
    const bool withdrawn = !delivered && complete_.contains(known_at);
    if (own) {
      for (const auto& [ordinal, value] : stored) {
        words[ordinal] = withdrawn ? std::nullopt : At(stood, ordinal);
      }
    }
    bool snapshot = false;
    for (const store::VintageUpdate* update : moment.updates) {
      if (update->snapshot) {
        snapshot = true;
        for (const auto& [ordinal, value] : after) words[ordinal].reset();
        for (auto& [ordinal, value] : words) value.reset();
      }
      for (const auto& [ordinal, value] : WordsOf(*update)) {
        words[ordinal] = value;
      }
    }
    if (words.empty() && moment.updates.empty()) continue;
    Apply(words, &after);
    for (const auto& [ordinal, value] : words) {
      const std::optional<series::StatedValue> was = At(before, ordinal);
      if (was == value) continue;
      correction->values.push_back(
          {info.key, ordinal, known_at, Number(was), Number(value)});
    }
    store::VintageUpdate update = ToUpdate(info, known_at, words);
    update.snapshot = snapshot;
    correction->updates.push_back(std::move(update));
  }
  return absl::OkStatus();
}

}  // namespace headway::ingest
