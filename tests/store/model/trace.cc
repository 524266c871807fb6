#include "tests/store/model/trace.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/store/engine/engine.h"
#include "tests/store/faults/disk.h"
#include "tests/store/faults/test_engine.h"
#include "tests/store/model/naive_model.h"

namespace headway::store {
namespace {

// An answer that stays the same for good.
struct TracedAnswer {
  ReadOptions options;
  series::Observations column;
};

class Replay {
 public:
  Replay(const std::vector<int32_t>& periods, int full_block_interval,
         bool reopen)
      : model_(periods), reopen_(reopen) {
    options_.full_block_interval = full_block_interval;
  }

  // What differs after one of the commits, or nothing.
  std::string Run(const std::vector<SeriesCommit>& commits) {
    if (std::string text = Open(); !text.empty()) return text;
    for (size_t i = 0; i < commits.size(); ++i) {
      std::string text = Commit(commits[i]);
      if (text.empty() && reopen_) text = Open();
      if (text.empty()) text = Check(commits[i]);
      if (!text.empty())
        return absl::StrCat("after commit ", i + 1, ": ", text);
    }
    return "";
  }

 private:
  std::string Open() {
    store_.reset();
    auto engine = OpenTestEngine(&disk_);
    if (!engine.ok()) return engine.status().ToString();
    auto store = Store::Open(*std::move(engine), &clock_, options_);
    if (!store.ok()) return store.status().ToString();
    store_ = *std::move(store);
    return "";
  }

  std::string Commit(const SeriesCommit& commit) {
    clock_.Advance(absl::Microseconds(1));
    Batch batch;
    batch.updates = commit;
    auto result = store_->Commit(batch);
    if (!result.ok()) return result.status().ToString();
    SeriesCommit in_order = commit;
    std::stable_sort(in_order.begin(), in_order.end(),
                     [](const VintageUpdate& a, const VintageUpdate& b) {
                       return a.known_at < b.known_at;
                     });
    int64_t changed = 0;
    for (const VintageUpdate& update : in_order) {
      changed += model_.Apply(update, result->commit);
    }
    if (result->changed_observations == changed) return "";
    return absl::StrCat("the store changed ", result->changed_observations,
                        " observations, the model ", changed);
  }

  std::string Check(const SeriesCommit& commit) {
    const series::SeriesInfo& info = commit.front().info;
    const auto reader = store_->NewReader();
    auto entry = reader->FindSeries(info.key);
    if (!entry.ok()) return entry.status().ToString();
    std::vector<TracedAnswer> asked = answers_;
    std::vector<absl::Time> instants = {absl::InfiniteFuture()};
    for (const auto& [known_at, vintage] : model_.vintages()) {
      instants.push_back(known_at);
    }
    for (absl::Time as_of : instants) {
      TracedAnswer answer;
      answer.options.as_of = as_of;
      answer.column = model_.Read(info.key.frequency, answer.options);
      asked.push_back(answer);
      answer.options.recorded_by = clock_.Now();
      answers_.push_back(answer);
    }
    for (const TracedAnswer& answer : asked) {
      auto column = reader->Read(entry->id, answer.options);
      std::string text = column.ok() ? Difference(*column, answer.column)
                                     : column.status().ToString();
      if (text.empty()) continue;
      return absl::StrCat(
          "as of ", absl::FormatTime(answer.options.as_of, absl::UTCTimeZone()),
          " recorded by ",
          absl::FormatTime(answer.options.recorded_by, absl::UTCTimeZone()),
          " ", text);
    }
    auto vintages = reader->ListVintages(entry->id);
    return vintages.ok() ? Difference(*vintages, model_)
                         : vintages.status().ToString();
  }

  FaultDisk disk_{0};
  SimulatedClock clock_{absl::FromUnixSeconds(1700000000)};
  Store::Options options_;
  NaiveSeries model_;
  const bool reopen_;
  std::vector<TracedAnswer> answers_;
  std::unique_ptr<Store> store_;
};

// Leaves out runs of elements, ever shorter ones, for which `fails` holds
// without them.
template <typename Element, typename Fails>
void LeaveOut(std::vector<Element>* elements, Fails fails) {
  for (size_t run = elements->size() / 2; run > 0; run /= 2) {
    for (size_t at = 0; at + run <= elements->size();) {
      std::vector<Element> fewer = *elements;
      fewer.erase(fewer.begin() + at, fewer.begin() + at + run);
      if (!fewer.empty() && fails(fewer)) {
        *elements = std::move(fewer);
      } else {
        at += run;
      }
    }
  }
}

}  // namespace

std::optional<std::string> ShortestTrace(std::vector<SeriesCommit> commits,
                                         const std::vector<int32_t>& periods,
                                         int full_block_interval) {
  bool reopen = false;
  auto run = [&](const std::vector<SeriesCommit>& some) {
    return Replay(periods, full_block_interval, reopen).Run(some);
  };
  auto fails = [&](const std::vector<SeriesCommit>& some) {
    return !run(some).empty();
  };
  if (!fails(commits)) {
    reopen = true;
    if (!fails(commits)) return std::nullopt;
  }
  LeaveOut(&commits, fails);
  for (size_t i = 0; i < commits.size(); ++i) {
    SeriesCommit updates = commits[i];
    LeaveOut(&updates, [&](const SeriesCommit& fewer) {
      std::vector<SeriesCommit> changed = commits;
      changed[i] = fewer;
      return fails(changed);
    });
    commits[i] = std::move(updates);
  }
  std::string text =
      absl::StrCat("full_block_interval ", full_block_interval,
                   reopen ? ", reopened after each commit" : "", "\n");
  for (size_t i = 0; i < commits.size(); ++i) {
    absl::StrAppend(&text, "commit ", i + 1, "\n");
    for (const VintageUpdate& update : commits[i]) {
      absl::StrAppend(&text, "  ", Describe(update), "\n");
    }
  }
  return absl::StrCat(text, run(commits));
}

}  // namespace headway::store
