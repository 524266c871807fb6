// Random operations on the store and on a naive model of what it should hold.
//
// The model keeps whole vintages in a map and folds them from the first on at
// every read. It knows nothing of recorded_at: answers that were given are
// remembered, and asked for again later with recorded_by.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/store/store_fixture.h"

namespace headway::store {
namespace {

constexpr int kOperations = 10000;
constexpr int kOperationsPerSeries = 200;
constexpr int kPeriods = 24;
constexpr int kDays = 300;
// Of a thousand operations.
constexpr int kReopens = 2;

uint64_t Seed() {
  const char* given = std::getenv("HEADWAY_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10)
                          : std::random_device()();
}

// Empty: withdrawn.
using Word = std::optional<double>;
using Words = std::map<int32_t, Word>;

struct ModelVintage {
  Words said;
  int32_t first_covered = 0;
  int32_t last_covered = 0;
  bool snapshot = false;
};

class ModelSeries {
 public:
  // Returns the number of observations that changed.
  int64_t Apply(const VintageUpdate& update) {
    const Words before = WordsAsOf(update.known_at);
    Words news;
    for (size_t i = 0; i < update.ordinals.size(); ++i) {
      news[update.ordinals[i]] = update.values[i];
    }
    for (int32_t ordinal : update.withdrawn) news[ordinal] = std::nullopt;
    if (update.snapshot) {
      for (const auto& [ordinal, word] : before) {
        news.try_emplace(ordinal, std::nullopt);
      }
    }
    int64_t changed = 0;
    for (const auto& [ordinal, word] : news) {
      const auto stood = before.find(ordinal);
      const Word shown = stood == before.end() ? std::nullopt : stood->second;
      if (shown == word) continue;
      Say(update.known_at, ordinal, word,
          stood == before.end() ? nullptr : &stood->second);
      ++changed;
    }
    if (changed > 0) Describe(update);
    return changed;
  }

  Words WordsAsOf(absl::Time as_of) const {
    Words words;
    for (const auto& [known_at, vintage] : vintages_) {
      if (known_at > as_of) break;
      for (const auto& [ordinal, word] : vintage.said) words[ordinal] = word;
    }
    return words;
  }

  series::Observations Read(const ReadOptions& options) const {
    series::Observations column;
    for (const auto& [ordinal, word] : WordsAsOf(options.as_of)) {
      if (!word || ordinal < options.first || ordinal > options.last) continue;
      column.ordinals.push_back(ordinal);
      column.values.push_back(*word);
    }
    const auto beyond = vintages_.upper_bound(options.as_of);
    if (beyond != vintages_.begin()) column.known_at = std::prev(beyond)->first;
    return column;
  }

  const std::map<absl::Time, ModelVintage>& vintages() const {
    return vintages_;
  }

 private:
  // Puts a word into a vintage, and keeps it from those after it that were
  // recorded without it, as timeline.h says.
  void Say(absl::Time known_at, int32_t ordinal, Word word, const Word* stood) {
    auto it = vintages_.find(known_at);
    const bool corrects =
        it != vintages_.end() && it->second.said.contains(ordinal);
    for (auto later = vintages_.upper_bound(known_at); later != vintages_.end();
         ++later) {
      ModelVintage& vintage = later->second;
      if (vintage.said.contains(ordinal)) break;
      const bool covers =
          vintage.snapshot ||
          (ordinal >= vintage.first_covered && ordinal <= vintage.last_covered);
      const bool spoke = vintage.snapshot || (stood != nullptr && !corrects);
      if (!covers || !spoke) continue;
      vintage.said[ordinal] = stood != nullptr ? *stood : std::nullopt;
      break;
    }
    if (it == vintages_.end()) fresh_ = known_at;
    vintages_[known_at].said[ordinal] = word;
  }

  void Describe(const VintageUpdate& update) {
    ModelVintage& vintage = vintages_[update.known_at];
    vintage.snapshot |= update.snapshot;
    if (fresh_ != update.known_at) return;
    fresh_.reset();
    const Words state = WordsAsOf(update.known_at);
    vintage.first_covered = state.begin()->first;
    vintage.last_covered = state.rbegin()->first;
  }

  std::map<absl::Time, ModelVintage> vintages_;
  // The vintage that the update under way has made.
  std::optional<absl::Time> fresh_;
};

struct RememberedAnswer {
  SeriesId id = 0;
  ReadOptions options;
  series::Observations column;
};

class ModelTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    std::cout << "HEADWAY_TEST_SEED=" << seed_ << "\n";
  }

  int Random(int limit) {
    return std::uniform_int_distribution<int>(0, limit - 1)(random_);
  }

  absl::Time RandomDay() { return start_ + absl::Hours(24 * Random(kDays)); }

  series::SeriesInfo RandomSeries() {
    return MonthlySeries(
        "m", {{"n", absl::StrCat(Random(kOperations / kOperationsPerSeries))}});
  }

  // Mostly appends, as life has it, and everything else often enough.
  VintageUpdate RandomUpdate() {
    VintageUpdate update;
    update.info = RandomSeries();
    const ModelSeries& model = model_[update.info.key];
    update.known_at = RandomDay();
    if (!model.vintages().empty() && Random(3) > 0) {
      update.known_at =
          model.vintages().rbegin()->first + absl::Hours(24) * Random(2);
    }
    update.snapshot = Random(6) == 0;
    const int first = Random(kPeriods);
    const int density = 1 + Random(4);
    for (int i = first; i < kPeriods; ++i) {
      if (Random(density) > 0) continue;
      if (Random(8) == 0) {
        update.withdrawn.push_back(i);
      } else {
        // Few different values, so that many are unchanged.
        update.ordinals.push_back(i);
        update.values.push_back(Random(4) / 4.0);
      }
    }
    return update;
  }

  void CommitRandomBatch() {
    Batch batch;
    const int updates = 1 + Random(4);
    for (int i = 0; i < updates; ++i) batch.updates.push_back(RandomUpdate());
    clock_.Advance(absl::Microseconds(Random(3)));
    const CommitResult result = Commit(batch);
    // The order of the store: by series, and of each by known_at.
    std::vector<const VintageUpdate*> in_order;
    for (const VintageUpdate& update : batch.updates) {
      in_order.push_back(&update);
    }
    std::stable_sort(in_order.begin(), in_order.end(),
                     [](const VintageUpdate* a, const VintageUpdate* b) {
                       return a->known_at < b->known_at;
                     });
    int64_t changed = 0;
    std::set<SeriesId> changed_series;
    for (const VintageUpdate* update : in_order) {
      const int64_t news = model_[update->info.key].Apply(*update);
      changed += news;
      if (news > 0) changed_series.insert(Find(update->info));
    }
    ASSERT_EQ(result.changed_observations, changed);
    ASSERT_EQ(std::set<SeriesId>(result.changed_series.begin(),
                                 result.changed_series.end()),
              changed_series);
  }

  ReadOptions RandomReadOptions() {
    ReadOptions options;
    if (Random(3) > 0) options.as_of = RandomDay();
    if (Random(4) == 0) {
      options.first = Random(kPeriods);
      options.last = Random(kPeriods);
    }
    return options;
  }

  void ReadAndCompare() {
    const series::SeriesInfo info = RandomSeries();
    if (!model_.contains(info.key)) return;
    RememberedAnswer answer;
    answer.id = Find(info);
    answer.options = RandomReadOptions();
    answer.column = model_[info.key].Read(answer.options);
    Ask(answer);
    // From now on the same question has the same answer.
    auto commits =
        store_->NewReader()->ListCommits(store_->last_commit() - 1, 1);
    ASSERT_TRUE(commits.ok()) << commits.status();
    answer.options.recorded_by = commits->front().recorded_at;
    if (remembered_.size() < 1000) {
      remembered_.push_back(std::move(answer));
    } else {
      remembered_[Random(1000)] = std::move(answer);
    }
  }

  void Ask(const RememberedAnswer& answer) {
    auto column = store_->NewReader()->Read(answer.id, answer.options);
    ASSERT_TRUE(column.ok()) << column.status();
    ASSERT_EQ(*column, answer.column)
        << "series " << answer.id << " as of " << answer.options.as_of
        << " recorded by " << answer.options.recorded_by;
  }

  void AskAgain() {
    if (!remembered_.empty()) {
      Ask(remembered_[Random(static_cast<int>(remembered_.size()))]);
    }
  }

  // The changes of the vintages, laid over one another, are the vintages.
  void CompareVintages() {
    const series::SeriesInfo info = RandomSeries();
    if (!model_.contains(info.key)) return;
    const ModelSeries& model = model_[info.key];
    auto vintages = store_->NewReader()->ListVintages(Find(info));
    ASSERT_TRUE(vintages.ok()) << vintages.status();
    ASSERT_EQ(vintages->size(), model.vintages().size());
    std::map<int32_t, double> state, expected_state;
    auto expected = model.vintages().begin();
    for (const Vintage& vintage : *vintages) {
      ASSERT_EQ(vintage.known_at, expected->first);
      for (const auto& [ordinal, word] : expected++->second.said) {
        if (word) expected_state[ordinal] = *word;
        if (!word) expected_state.erase(ordinal);
      }
      for (size_t i = 0; i < vintage.ordinals.size(); ++i) {
        auto [it, is_new] =
            state.try_emplace(vintage.ordinals[i], vintage.values[i]);
        ASSERT_TRUE(is_new || it->second != vintage.values[i]) << "no change";
        it->second = vintage.values[i];
      }
      for (int32_t ordinal : vintage.withdrawn) {
        ASSERT_EQ(state.erase(ordinal), 1u) << "nothing to withdraw";
      }
      ASSERT_EQ(state, expected_state);
    }
  }

  void Step() {
    const int dice = Random(1000);
    if (dice < kReopens) {
      options_.full_block_interval = 1 + Random(8);
      Open();
    } else if (dice < 400) {
      CommitRandomBatch();
    } else if (dice < 700) {
      ReadAndCompare();
    } else if (dice < 950) {
      AskAgain();
    } else {
      CompareVintages();
    }
  }

  const uint64_t seed_ = Seed();
  std::mt19937_64 random_{seed_};
  const absl::Time start_ = At("2023-01-01");
  std::map<series::SeriesKey, ModelSeries> model_;
  std::vector<RememberedAnswer> remembered_;
};

TEST_F(ModelTest, TheStoreAgreesWithANaiveModelOnRandomOperations) {
  for (int i = 0; i < kOperations && !HasFatalFailure(); ++i) {
    SCOPED_TRACE(absl::StrCat("operation ", i, ", HEADWAY_TEST_SEED=", seed_));
    Step();
  }
}

}  // namespace
}  // namespace headway::store
