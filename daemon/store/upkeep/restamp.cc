#include "daemon/store/upkeep/restamp.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/engine/write_batch.h"
#include "daemon/store/format/cells.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/applied.h"
#include "daemon/store/history/blocks.h"
#include "daemon/store/history/catalogue.h"
#include "daemon/store/history/commit_log.h"
#include "daemon/store/history/head.h"
#include "daemon/store/history/timeline.h"

namespace headway::store {
namespace {

constexpr size_t kCommitsAtOnce = 1000;

// The commits recorded after the instant; `before` is the last that was not.
struct WrongCommits {
  NumberedCommit before;
  std::vector<NumberedCommit> commits;
};

absl::StatusOr<WrongCommits> FindWrongCommits(const View& view, Micros after) {
  WrongCommits wrong;
  CommitNumber number = 0;
  while (true) {
    ASSIGN_OR_RETURN(std::vector<NumberedCommit> page,
                     CommitsAfter(view, number, kCommitsAtOnce));
    if (page.empty()) return wrong;
    number = page.back().first;
    for (NumberedCommit& commit : page) {
      if (commit.second.recorded_at > after) {
        wrong.commits.push_back(std::move(commit));
      } else {
        wrong.before = std::move(commit);
      }
    }
  }
}

absl::Status CheckInstants(const WrongCommits& wrong,
                           const RestampOptions& options) {
  const absl::Time before =
      absl::FromUnixMicros(wrong.before.second.recorded_at);
  if (wrong.before.first > 0 && options.to <= before) {
    return absl::InvalidArgumentError(absl::StrCat(
        "commit ", wrong.before.first, " was recorded at ",
        FormatInstant(before), ", and what comes after it cannot begin at ",
        FormatInstant(options.to),
        "; give a later --to, or an earlier "
        "--after, if that commit is wrong, too"));
  }
  if (options.to >= options.after) {
    return absl::InvalidArgumentError(
        absl::StrCat("what was recorded after ", FormatInstant(options.after),
                     " cannot have been made at ", FormatInstant(options.to),
                     "; --to lies before --after"));
  }
  return absl::OkStatus();
}

// The vintages of a series that commits from `first` on last added to, by
// commit, the oldest known_at of each first.
absl::StatusOr<std::map<CommitNumber, std::vector<StoredVintage>>>
VintagesSince(const View& view, SeriesId id, CommitNumber first) {
  ASSIGN_OR_RETURN(std::vector<StoredVintage> newest_first,
                   ReadAllVintages(view, id));
  std::map<CommitNumber, std::vector<StoredVintage>> vintages;
  for (auto it = newest_first.rbegin(); it != newest_first.rend(); ++it) {
    if (it->block.commit < first) continue;
    vintages[it->block.commit].push_back(std::move(*it));
  }
  return vintages;
}

// Deletes the blocks recorded after `last`; returns when the newest of the
// others was recorded.
absl::StatusOr<Micros> DropBlocks(const View& view, SeriesId id, Micros last,
                                  WriteBatch* batch) {
  Micros newest = std::numeric_limits<Micros>::min();
  const std::unique_ptr<Cursor> it = view.NewCursor(
      Family::kVintages, {EncodeId(id), PrefixEnd(EncodeId(id))});
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    ASSIGN_OR_RETURN(const VintageKey key, DecodeVintageKey(it->key()));
    if (key.recorded_at > last) {
      batch->Delete(Family::kVintages, it->key());
    } else {
      newest = std::max(newest, key.recorded_at);
    }
  }
  RETURN_IF_ERROR(it->status());
  return newest;
}

// Makes a head of the blocks alone, as they were recorded by `last`; false if
// there are none.
absl::StatusOr<bool> RebuildHead(const View& view, SeriesId id, Micros last,
                                 Micros newest_recorded_at, Head* head) {
  ASSIGN_OR_RETURN(
      const std::vector<StoredVintage> chain,
      ReadBack(view, id, kForever, last,
               [](const StoredVintage& v) { return v.block.full; }));
  if (chain.empty()) return false;
  ASSIGN_OR_RETURN(BlockAnswer answer,
                   ReadFromBlocks(view, id, kForever, last));
  head->recent.clear();
  head->state = std::move(answer.state);
  head->base =
      Base{chain.front().known_at, newest_recorded_at,
           chain.back().block.full ? static_cast<int64_t>(chain.size()) - 1
                                   : std::numeric_limits<int32_t>::max()};
  return true;
}

// Takes the series back to how it stood after what was recorded by `last`.
absl::Status TakeBackTo(const View& view, SeriesId id, Micros last,
                        WriteBatch* batch) {
  PinnedValue bytes;
  ASSIGN_OR_RETURN(const bool has_head, GetHead(view, id, &bytes));
  if (!has_head) return absl::OkStatus();
  absl::StatusOr<Head> head = DecodeHead(bytes.bytes);
  if (!head.ok()) return DescribeDamage(view, id, head.status());
  ASSIGN_OR_RETURN(const Micros newest, DropBlocks(view, id, last, batch));
  bool is_left = true;
  if (head->base && head->base->recorded_at > last) {
    // What the head holds is newer than its base.
    ASSIGN_OR_RETURN(is_left, RebuildHead(view, id, last, newest, &*head));
  } else {
    const auto kept = std::find_if(
        head->recent.begin(), head->recent.end(),
        [&](const Undo& undo) { return undo.recorded_at <= last; });
    for (auto it = head->recent.begin(); it != kept; ++it) {
      TakeBack(*it, &head->state);
    }
    head->recent.erase(head->recent.begin(), kept);
    is_left = head->base.has_value() || !head->recent.empty();
  }
  if (is_left) {
    batch->Put(Family::kCurrent, EncodeId(id), EncodeHead(*head));
  } else {
    batch->Delete(Family::kCurrent, EncodeId(id));
  }
  return absl::OkStatus();
}

VintageUpdate ToUpdate(const series::SeriesInfo& info,
                       const StoredVintage& vintage, const RestampPlan& plan) {
  const Block& block = vintage.block;
  Columns said = ToColumns(SaidCells(block));
  VintageUpdate update;
  update.info = info;
  update.known_at = plan.Right(absl::FromUnixMicros(vintage.known_at));
  update.ordinals = std::move(said.ordinals);
  update.values = std::move(said.values);
  update.statuses = std::move(said.statuses);
  update.withdrawn = std::move(said.withdrawn);
  update.covers = block.snapshot ? Coverage{.all = true}
                                 : Coverage{.first = block.first_covered,
                                            .last = block.last_covered};
  return update;
}

absl::Status RestampSeries(const RestampPlan& plan, SeriesId id, Micros last,
                           Engine* engine) {
  ASSIGN_OR_RETURN(const SeriesEntry entry,
                   GetSeries(*engine->LatestView(), id));
  ASSIGN_OR_RETURN(const auto by_commit,
                   VintagesSince(*engine->LatestView(), id, plan.first));
  WriteBatch back;
  RETURN_IF_ERROR(TakeBackTo(*engine->LatestView(), id, last, &back));
  RETURN_IF_ERROR(engine->Append(back));
  for (const auto& [commit, vintages] : by_commit) {
    std::vector<VintageUpdate> updates;
    for (const StoredVintage& vintage : vintages) {
      updates.push_back(ToUpdate(entry.info, vintage, plan));
    }
    std::vector<const VintageUpdate*> pointers;
    for (const VintageUpdate& update : updates) pointers.push_back(&update);
    CommitContext context;
    context.commit = commit;
    context.recorded_at =
        absl::ToUnixMicros(plan.recorded_at[commit - plan.first]);
    WriteBatch batch;
    RETURN_IF_ERROR(ApplyUpdates(*engine->LatestView(), id, std::move(pointers),
                                 context, &batch)
                        .status());
    RETURN_IF_ERROR(engine->Append(batch));
  }
  return absl::OkStatus();
}

// Of the newest vintage of each commit, put right.
absl::StatusOr<std::map<CommitNumber, absl::Time>> LookAtVintages(
    const View& view, RestampPlan* plan) {
  std::map<CommitNumber, absl::Time> newest;
  for (SeriesId id : plan->series) {
    ASSIGN_OR_RETURN(const auto by_commit,
                     VintagesSince(view, id, plan->first));
    for (const auto& [commit, vintages] : by_commit) {
      absl::Time& known_at =
          newest.try_emplace(commit, absl::InfinitePast()).first->second;
      for (const StoredVintage& vintage : vintages) {
        const absl::Time was = absl::FromUnixMicros(vintage.known_at);
        ++plan->vintages;
        if (was > plan->after) ++plan->vintages_known_late;
        known_at = std::max(known_at, plan->Right(was));
      }
    }
  }
  return newest;
}

}  // namespace

absl::StatusOr<RestampPlan> PlanRestamp(const Engine& engine,
                                        const RestampOptions& options) {
  const std::unique_ptr<View> snapshot = engine.NewView();
  const View& view = *snapshot;
  ASSIGN_OR_RETURN(const WrongCommits wrong,
                   FindWrongCommits(view, absl::ToUnixMicros(options.after)));
  if (wrong.commits.empty()) {
    return absl::NotFoundError(absl::StrCat("no commit was recorded after ",
                                            FormatInstant(options.after),
                                            "; there is nothing to do"));
  }
  RETURN_IF_ERROR(CheckInstants(wrong, options));
  RestampPlan plan;
  plan.first = wrong.commits.front().first;
  plan.first_was =
      absl::FromUnixMicros(wrong.commits.front().second.recorded_at);
  plan.last_was = absl::FromUnixMicros(wrong.commits.back().second.recorded_at);
  plan.after = options.after;
  plan.by = plan.first_was - options.to;
  std::set<SeriesId> series;
  for (const auto& [number, commit] : wrong.commits) {
    series.insert(commit.changed_series.begin(), commit.changed_series.end());
  }
  plan.series.assign(series.begin(), series.end());
  ASSIGN_OR_RETURN(const auto newest, LookAtVintages(view, &plan));
  absl::Time last = absl::InfinitePast();
  for (const auto& [number, commit] : wrong.commits) {
    absl::Time at = plan.Right(absl::FromUnixMicros(commit.recorded_at));
    const auto known = newest.find(number);
    if (known != newest.end()) at = std::max(at, known->second);
    last = std::max(at, last + absl::Microseconds(1));
    plan.recorded_at.push_back(last);
  }
  if (last <= options.now) return plan;
  return absl::InvalidArgumentError(absl::StrCat(
      "the last commit would be recorded at ", FormatInstant(last),
      ", which lies in the future: the clock was set more than once; put right "
      "what came after the later step first, with a later --after"));
}

absl::Status Restamp(
    const RestampPlan& plan,
    const std::function<std::string(const std::string&)>& right_run,
    Engine* engine) {
  Micros last = std::numeric_limits<Micros>::min();
  if (plan.first > 1) {
    ASSIGN_OR_RETURN(const StoredCommit before,
                     ReadCommit(*engine->LatestView(), plan.first - 1));
    last = before.recorded_at;
  }
  for (SeriesId id : plan.series) {
    RETURN_IF_ERROR(RestampSeries(plan, id, last, engine));
  }
  WriteBatch log;
  for (size_t i = 0; i < plan.recorded_at.size(); ++i) {
    const CommitNumber number = plan.first + i;
    ASSIGN_OR_RETURN(StoredCommit commit,
                     ReadCommit(*engine->LatestView(), number));
    commit.recorded_at = absl::ToUnixMicros(plan.recorded_at[i]);
    commit.provenance.run = right_run(commit.provenance.run);
    WriteCommit(number, commit, &log);
  }
  return engine->Write(log);
}

}  // namespace headway::store
