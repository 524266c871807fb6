// Random histories of series that several sources write, against a model that
// keeps what each says by itself and looks for whose word counts at every read.
//
// HEADWAY_TEST_SEED has a run again, HEADWAY_TEST_OPERATIONS makes a longer
// one.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/store/model/naive_model.h"
#include "tests/support/random_seed.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

#ifdef HEADWAY_SANITIZED
constexpr uint64_t kSourceOperations = 2000;
#else
constexpr uint64_t kSourceOperations = 5000;
#endif
constexpr int kContestedSeries = 40;
constexpr int kPeriods = 8;
constexpr int kDays = 400;
constexpr const char* kSources[] = {"a", "b", "c", "correction"};

// By period, the value and its status.
using State = std::map<int32_t, std::pair<double, series::ObservationStatus>>;

class SourcesModelTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    random_.seed(TestSeed());
    for (int32_t i = 0; i < kPeriods; ++i) periods_.push_back(600 + i);
    for (int i = 0; i < kContestedSeries; ++i) {
      infos_.push_back(MonthlySeries("m", {{"n", absl::StrCat(i)}}));
    }
    models_.resize(infos_.size());
  }

  int Random(int limit) {
    return std::uniform_int_distribution<int>(0, limit - 1)(random_);
  }
  absl::Time RandomDay() {
    return At("2022-01-01") + absl::Hours(24 * Random(kDays));
  }

  // Now and then a correction: it goes before all others.
  std::string RandomSource() {
    return kSources[Random(10) == 0 ? 3 : Random(3)];
  }

  series::ObservationStatus RandomStatus() {
    return Random(3) > 0 ? series::ObservationStatus::kFinal
                         : static_cast<series::ObservationStatus>(Random(3));
  }

  VintageUpdate RandomUpdate(int series) {
    VintageUpdate update;
    update.info = infos_[series];
    update.known_at = RandomDay();
    update.snapshot = Random(8) == 0;
    for (int32_t period : periods_) {
      const int what = Random(5);
      if (what == 0) update.withdrawn.push_back(period);
      if (what < 2 || what == 4) continue;
      update.ordinals.push_back(period);
      series::AppendStatus(RandomStatus(), update.values.size(),
                           &update.statuses);
      update.values.push_back(Random(4));
    }
    return update;
  }

  void CommitAtRandom() {
    Batch batch;
    batch.provenance.source = RandomSource();
    if (Random(20) == 0) {
      const std::string source = kSources[Random(3)];
      precedences_[source] = batch.precedences[source] = Random(3);
    }
    const int series = Random(kContestedSeries);
    batch.updates.push_back(RandomUpdate(series));
    if (Random(6) == 0) {
      batch.updates.push_back(RandomUpdate(series));
      batch.updates.back().source = RandomSource();
    }
    clock_.Advance(absl::Seconds(1));
    auto result = store_->Commit(batch);
    ASSERT_TRUE(result.ok()) << result.status();
    // By source, and of each by known_at, as the store does.
    std::map<std::string, std::vector<VintageUpdate>> by_source;
    for (const VintageUpdate& update : batch.updates) {
      by_source[update.source.value_or(batch.provenance.source)].push_back(
          update);
    }
    for (auto& [source, updates] : by_source) {
      std::stable_sort(updates.begin(), updates.end(),
                       [](const VintageUpdate& x, const VintageUpdate& y) {
                         return x.known_at < y.known_at;
                       });
      NaiveSeries& model =
          models_[series].try_emplace(source, periods_).first->second;
      for (const VintageUpdate& update : updates) {
        model.Apply(update, result->commit);
      }
    }
  }

  int PrecedenceOf(const std::string& source) {
    return source == kCorrectionSource ? 1000 : precedences_[source];
  }

  State Expected(int series, absl::Time as_of) {
    State state;
    for (size_t i = 0; i < periods_.size(); ++i) {
      int precedence = -1;
      absl::Time since = absl::InfinitePast();
      for (const auto& [source, model] : models_[series]) {
        absl::Time known_at;
        Word word;
        for (const auto& [time, vintage] : model.vintages()) {
          if (time > as_of) break;
          if (vintage.said[i].kind == Word::kSilent) continue;
          word = vintage.said[i];
          known_at = time;
        }
        if (word.kind != Word::kValue) continue;
        const int own = PrecedenceOf(source);
        if (own < precedence || (own == precedence && known_at < since)) {
          continue;
        }
        precedence = own;
        since = known_at;
        state[periods_[i]] = {word.value, word.status};
      }
    }
    return state;
  }

  State Got(int series, const ReadOptions& options) {
    State state;
    auto reader = store_->NewReader();
    auto entry = reader->FindSeries(infos_[series].key);
    if (!entry.ok()) return state;
    auto column = reader->Read(entry->id, options);
    EXPECT_TRUE(column.ok()) << column.status();
    for (size_t i = 0; i < column->size(); ++i) {
      state[column->ordinals[i]] = {column->values[i],
                                    series::StatusAt(column->statuses, i)};
    }
    return state;
  }

  struct Answer {
    int series = 0;
    ReadOptions options;
    State state;
  };

  void ReadAtRandom() {
    Answer answer;
    answer.series = Random(kContestedSeries);
    if (Random(3) > 0) answer.options.as_of = RandomDay();
    answer.state = Expected(answer.series, answer.options.as_of);
    ASSERT_EQ(Got(answer.series, answer.options), answer.state)
        << "series " << answer.series << " as of " << answer.options.as_of;
    // The same is said later of this instant.
    answer.options.recorded_by = clock_.Now();
    answers_.push_back(std::move(answer));
    const Answer& again = answers_[Random(static_cast<int>(answers_.size()))];
    ASSERT_EQ(Got(again.series, again.options), again.state)
        << "series " << again.series << " as of " << again.options.as_of
        << " recorded by " << again.options.recorded_by;
  }

  std::mt19937_64 random_;
  std::vector<int32_t> periods_;
  std::vector<series::SeriesInfo> infos_;
  std::vector<std::map<std::string, NaiveSeries>> models_;
  std::map<std::string, int> precedences_;
  std::vector<Answer> answers_;
};

TEST_F(SourcesModelTest, AnswersAsTheModelDoes) {
  const uint64_t operations =
      FromEnvironment("HEADWAY_TEST_OPERATIONS", kSourceOperations);
  for (uint64_t i = 0; i < operations && !HasFatalFailure(); ++i) {
    if (Random(3) > 0) {
      CommitAtRandom();
    } else {
      ReadAtRandom();
    }
    if (Random(2000) == 0) Open();
  }
}

}  // namespace
}  // namespace headway::store
