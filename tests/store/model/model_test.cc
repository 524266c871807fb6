// Random operations on the store and on a naive model of what it should hold.
//
// The model knows nothing of recorded_at: answers that were given are
// remembered, and asked for again later with recorded_by. The store is on a
// disk that loses power at times, in the midst of a commit or of an opening.
//
// HEADWAY_TEST_SEED has a run again, HEADWAY_TEST_OPERATIONS makes a longer
// one.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/store/engine/engine.h"
#include "tests/store/faults/disk.h"
#include "tests/store/faults/test_engine.h"
#include "tests/store/model/naive_model.h"
#include "tests/store/model/trace.h"
#include "tests/support/random_seed.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

#ifdef HEADWAY_SANITIZED
constexpr uint64_t kOperations = 20000;
#else
constexpr uint64_t kOperations = 200000;
#endif
constexpr int kShards = 8;
constexpr int kSlots = 24;
constexpr int kRemembered = 400;

// How a series comes in. Of a hundred.
struct Habits {
  int in_order = 0;     // vintages known after all before
  int corrections = 0;  // of the others, those of a vintage that is there
  int snapshots = 0;
  int withdrawals = 0;  // of periods
  int density = 0;      // of periods that an update speaks of
  int odd_values = 0;   // of values, those that are not a few quarters
  int statuses = 0;     // of values, those that are given one
};

constexpr Habits kHabits[] = {
    {100, 0, 0, 0, 8, 5, 0},      // published month by month
    {97, 30, 0, 5, 15, 5, 3},     // the same, with an afterthought now and then
    {90, 20, 100, 0, 60, 0, 50},  // pulled whole each time
    {70, 30, 15, 10, 30, 10, 0}, {40, 40, 15, 25, 50, 0, 30},
    {0, 20, 10, 10, 30, 10, 10},  // history loaded in any order
};

constexpr int kLives[] = {4, 12, 16, 17, 18, 33, 60, 130, 200};

struct Subject {
  Subject(series::SeriesInfo info, std::vector<int32_t> periods)
      : info(std::move(info)), model(std::move(periods)) {}

  const series::SeriesInfo info;
  SeriesId id = 0;  // 0: not in the store yet
  Habits habits;
  int life = 0;  // updates until another series takes its place
  absl::Time first;
  absl::Time newest;  // of those given
  NaiveSeries model;
  std::vector<SeriesCommit> commits;
};

// The answer to a question, for good.
struct Answer {
  Subject* subject = nullptr;
  ReadOptions options;
  series::Observations column;
};

// A batch, and of which series its updates are.
struct RandomBatch {
  Batch batch;
  std::vector<Subject*> subjects;
};

class ModelTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    const uint64_t seed = TestSeed();
    random_.seed(seed + GetParam());
    disk_ = std::make_unique<FaultDisk>(random_());
    for (int i = 0; i < kSlots; ++i) slots_.push_back(NewSubject());
    Open();
  }

  int Random(int limit) {
    return std::uniform_int_distribution<int>(0, limit - 1)(random_);
  }
  bool Percent(int chance) { return Random(100) < chance; }

  Subject* NewSubject() {
    const int number = static_cast<int>(subjects_.size());
    series::SeriesInfo info = MonthlySeries("m", {{"n", absl::StrCat(number)}});
    info.key.frequency = static_cast<series::Frequency>(2 + Random(4));
    const int first = Random(600) - 300;
    const int stride = Random(4) == 0 ? 12 : 1;
    const int count = Random(5) == 0 ? 1 + Random(100) : 1 + Random(30);
    std::vector<int32_t> periods;
    for (int i = 0; i < count; ++i) periods.push_back(first + stride * i);
    subjects_.push_back(
        std::make_unique<Subject>(std::move(info), std::move(periods)));
    Subject& subject = *subjects_.back();
    subject.habits = kHabits[Random(std::size(kHabits))];
    subject.life = kLives[Random(std::size(kLives))];
    // Some begin before 1970, where times are negative.
    subject.first = At(Random(3) == 0 ? "1969-12-01" : "2023-01-01");
    subject.newest = subject.first + absl::Hours(24 * Random(20));
    return &subject;
  }

  absl::Time RandomInstant(const Subject& subject) {
    const auto days =
        static_cast<int>((subject.newest - subject.first) / absl::Hours(24));
    return subject.first + absl::Hours(24 * Random(days + 3)) +
           absl::Microseconds(Random(3) - 1);
  }

  absl::Time RandomVintage(const Subject& subject) {
    const auto& vintages = subject.model.vintages();
    if (vintages.empty()) return RandomInstant(subject);
    return std::next(vintages.begin(),
                     Random(static_cast<int>(vintages.size())))
        ->first;
  }

  absl::Time RandomKnownAt(Subject* subject) {
    if (Percent(subject->habits.in_order)) {
      return subject->newest += Random(20) == 0
                                    ? absl::Microseconds(1)
                                    : absl::Hours(24 * (1 + Random(3)));
    }
    return Percent(subject->habits.corrections) ? RandomVintage(*subject)
                                                : RandomInstant(*subject);
  }

  double RandomValue(const Habits& habits) {
    // Few different ones, so that many are unchanged.
    if (!Percent(habits.odd_values)) return Random(4) / 4.0;
    constexpr double kOdd[] = {-0.0, 1e300, -5e-324, 0.1, 123456789.123, 1e-9};
    return Random(2) == 0 ? kOdd[Random(std::size(kOdd))]
                          : std::normal_distribution<double>()(random_);
  }

  series::ObservationStatus RandomStatus(const Habits& habits) {
    return Percent(habits.statuses)
               ? static_cast<series::ObservationStatus>(
                     Random(series::kLastObservationStatus + 1))
               : series::ObservationStatus::kFinal;
  }

  VintageUpdate RandomUpdate(Subject* subject) {
    const Habits& habits = subject->habits;
    VintageUpdate update;
    update.info = subject->info;
    update.known_at = RandomKnownAt(subject);
    update.snapshot = Percent(habits.snapshots);
    const std::vector<int32_t>& periods = subject->model.periods();
    const int count = static_cast<int>(periods.size());
    // Now and then all, so that blocks of all lengths occur.
    const int density = Random(20) == 0 ? 100 : habits.density;
    for (int i = Random(4) == 0 ? Random(count) : 0; i < count; ++i) {
      if (!Percent(density)) continue;
      if (Percent(habits.withdrawals)) {
        update.withdrawn.push_back(periods[i]);
      } else {
        update.ordinals.push_back(periods[i]);
        series::AppendStatus(RandomStatus(habits), update.values.size(),
                             &update.statuses);
        update.values.push_back(RandomValue(habits));
      }
    }
    --subject->life;
    return update;
  }

  RandomBatch MakeRandomBatch() {
    RandomBatch random;
    const int series = 1 + Random(3);
    for (int i = 0; i < series; ++i) {
      Subject*& slot = slots_[Random(kSlots)];
      if (slot->life <= 0) slot = NewSubject();
      int updates = Random(4) > 0 ? 1 : 2 + Random(4);
      // A history in one piece.
      if (Random(60) == 0) updates = 10 + Random(40);
      for (int j = 0; j < updates; ++j) {
        random.batch.updates.push_back(RandomUpdate(slot));
        random.subjects.push_back(slot);
      }
    }
    random.batch.provenance.run = absl::StrCat(++runs_);
    random.batch.checkpoints = {{"source", "", absl::StrCat(runs_)}};
    return random;
  }

  // Returns what the store must have said of it. The order is that of the
  // store: by series, and of each by known_at.
  CommitResult ApplyToModel(const RandomBatch& random) {
    CommitResult expected;
    expected.commit = ++commits_;
    std::map<Subject*, SeriesCommit> by_subject;
    for (size_t i = 0; i < random.subjects.size(); ++i) {
      by_subject[random.subjects[i]].push_back(random.batch.updates[i]);
    }
    for (auto& [subject, commit] : by_subject) {
      if (subject->id == 0) subject->id = Find(*subject);
      subject->commits.push_back(commit);
      std::stable_sort(commit.begin(), commit.end(),
                       [](const VintageUpdate& a, const VintageUpdate& b) {
                         return a.known_at < b.known_at;
                       });
      int64_t changed = 0;
      for (const VintageUpdate& update : commit) {
        changed += subject->model.Apply(update, commits_);
      }
      expected.changed_observations += changed;
      if (changed > 0) expected.changed_series.push_back(subject->id);
    }
    std::sort(expected.changed_series.begin(), expected.changed_series.end());
    last_run_ = random.batch.provenance.run;
    return expected;
  }

  SeriesId Find(const Subject& subject) {
    auto entry = store_->NewReader()->FindSeries(subject.info.key);
    if (!entry.ok()) ADD_FAILURE() << entry.status();
    return entry.ok() ? entry->id : 0;
  }

  absl::StatusOr<CommitResult> Commit(const RandomBatch& random) {
    // At times it stands, at times it goes back.
    clock_.Advance(absl::Microseconds(Random(5)) - absl::Microseconds(1));
    return store_->Commit(random.batch);
  }

  void CommitAndCompare() {
    const RandomBatch random = MakeRandomBatch();
    auto result = Commit(random);
    ASSERT_TRUE(result.ok()) << result.status();
    const CommitResult expected = ApplyToModel(random);
    ASSERT_EQ(result->commit, expected.commit);
    if (result->changed_observations != expected.changed_observations ||
        result->changed_series != expected.changed_series) {
      FailOn(random.subjects,
             absl::StrCat("the store changed ", result->changed_observations,
                          " observations of ", result->changed_series.size(),
                          " series, the model ", expected.changed_observations,
                          " of ", expected.changed_series.size()));
      return;
    }
    const absl::Time before = last_recorded_at_;
    CompareLastCommit();
    ASSERT_GT(last_recorded_at_, before);
  }

  // The log and the checkpoint are those of the last commit.
  void CompareLastCommit() {
    const auto reader = store_->NewReader();
    ASSERT_EQ(reader->commit(), commits_);
    if (commits_ == 0) return;
    auto log = reader->ListCommits(commits_ - 1, 2);
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_EQ(log->size(), 1u);
    ASSERT_EQ(log->front().run, last_run_);
    ASSERT_GE(log->front().recorded_at, last_recorded_at_);
    last_recorded_at_ = log->front().recorded_at;
    auto checkpoints = reader->GetCheckpoints("source");
    ASSERT_TRUE(checkpoints.ok()) << checkpoints.status();
    ASSERT_EQ(checkpoints->size(), 1u);
    ASSERT_EQ(checkpoints->front().state, last_run_);
  }

  // One of those at work, or any.
  Subject* RandomSubject() {
    return Random(4) > 0
               ? slots_[Random(kSlots)]
               : subjects_[Random(static_cast<int>(subjects_.size()))].get();
  }

  ReadOptions RandomReadOptions(const Subject& subject) {
    ReadOptions options;
    if (Random(4) > 0) options.as_of = RandomInstant(subject);
    if (Random(4) == 0) options.as_of = RandomVintage(subject);
    if (Random(4) == 0) {
      const std::vector<int32_t>& periods = subject.model.periods();
      const int count = static_cast<int>(periods.size());
      options.first = periods[Random(count)] - Random(2);
      options.last = periods[Random(count)] + Random(2);
    }
    return options;
  }

  void ReadAndCompare() {
    Answer answer;
    answer.subject = RandomSubject();
    if (answer.subject->id == 0) return;
    answer.options = RandomReadOptions(*answer.subject);
    answer.column = answer.subject->model.Read(
        answer.subject->info.key.frequency, answer.options);
    Ask(*store_->NewReader(), answer);
    if (held_ == nullptr) held_ = store_->NewReader();
    if (held_->commit() == commits_) held_answers_.push_back(answer);
    // From now on the same question has the same answer.
    answer.options.recorded_by = last_recorded_at_;
    if (remembered_.size() < kRemembered) {
      remembered_.push_back(std::move(answer));
    } else {
      remembered_[Random(kRemembered)] = std::move(answer);
    }
  }

  void Ask(const Reader& reader, const Answer& answer) {
    auto column = reader.Read(answer.subject->id, answer.options);
    ASSERT_TRUE(column.ok()) << column.status();
    const std::string difference = Difference(*column, answer.column);
    if (difference.empty()) return;
    FailOn(
        {answer.subject},
        absl::StrCat(
            "as of ",
            absl::FormatTime(answer.options.as_of, absl::UTCTimeZone()),
            " recorded by ",
            absl::FormatTime(answer.options.recorded_by, absl::UTCTimeZone()),
            " from ", answer.options.first, " to ", answer.options.last,
            " in the view of commit ", reader.commit(), ": ", difference));
  }

  void AskAgain() {
    if (remembered_.empty()) return;
    Ask(*store_->NewReader(),
        remembered_[Random(static_cast<int>(remembered_.size()))]);
  }

  // A reader says the same as long as it lives.
  void AskHeldReader() {
    if (held_answers_.empty()) return;
    Ask(*held_, held_answers_[Random(static_cast<int>(held_answers_.size()))]);
    if (Random(20) == 0) DropHeldReader();
  }

  void DropHeldReader() {
    held_answers_.clear();
    held_.reset();
  }

  void CompareVintages() {
    Subject& subject = *RandomSubject();
    if (subject.id == 0) return;
    ASSERT_EQ(Find(subject), subject.id);
    auto vintages = store_->NewReader()->ListVintages(subject.id);
    ASSERT_TRUE(vintages.ok()) << vintages.status();
    const std::string difference = Difference(*vintages, subject.model);
    if (!difference.empty()) FailOn({&subject}, difference);
  }

  // All series at once, as of one instant.
  void CompareScan() {
    ScanOptions options;
    options.read = RandomReadOptions(*RandomSubject());
    std::map<SeriesId, Subject*> by_id;
    for (const auto& subject : subjects_) {
      if (subject->id != 0) by_id[subject->id] = subject.get();
    }
    auto next = by_id.begin();
    auto reader = store_->NewReader();
    const absl::Status status =
        reader->Scan(series::Selector(), options, [&](const ScanBatch& batch) {
          for (size_t i = 0; i < batch.series.size(); ++i, ++next) {
            if (next == by_id.end() || next->first != batch.series[i]) {
              return absl::InternalError(
                  absl::StrCat("series ", batch.series[i], " is unexpected"));
            }
            Compare(batch, i, options.read, next->second);
            if (HasFatalFailure()) return absl::CancelledError();
          }
          return absl::OkStatus();
        });
    if (HasFatalFailure()) return;
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_TRUE(next == by_id.end())
        << "series " << next->first << " is left out";
  }

  void Compare(const ScanBatch& batch, size_t index, const ReadOptions& options,
               Subject* subject) {
    series::Observations column;
    column.frequency = batch.frequencies[index];
    column.known_at = batch.known_at[index];
    for (size_t i = batch.begins[index]; i < batch.begins[index + 1]; ++i) {
      column.ordinals.push_back(batch.ordinals[i]);
      column.values.push_back(batch.values[i]);
    }
    column.statuses = series::SliceStatuses(batch.statuses, batch.begins[index],
                                            batch.begins[index + 1]);
    const std::string difference = Difference(
        column, subject->model.Read(subject->info.key.frequency, options));
    if (!difference.empty()) {
      FailOn({subject},
             absl::StrCat("scan as of ",
                          absl::FormatTime(options.as_of, absl::UTCTimeZone()),
                          ": ", difference));
    }
  }

  // With the shortest history of one of the series that shows a difference.
  void FailOn(const std::vector<Subject*>& subjects,
              const std::string& difference) {
    for (const Subject* subject : subjects) {
      std::optional<std::string> trace =
          ShortestTrace(subject->commits, subject->model.periods(),
                        options_.full_block_interval);
      if (trace) FAIL() << difference << "\nThe same in short: " << *trace;
    }
    FAIL()
        << difference
        << "\nThe commits of the series alone show no difference: reopening, "
           "a power cut or another series has part in it.";
  }

  absl::Status TryToOpen() {
    DropHeldReader();
    store_.reset();
    TestEngineOptions engine_options;
    // Little memory has tables written and merged all the time.
    if (Random(8) == 0) engine_options.write_buffer_bytes = size_t{8} << 20;
    auto engine = OpenTestEngine(disk_.get(), engine_options);
    if (!engine.ok()) return engine.status();
    auto store = Store::Open(*std::move(engine), &clock_, options_);
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    return absl::OkStatus();
  }

  void Open() {
    const absl::Status status = TryToOpen();
    ASSERT_TRUE(status.ok()) << status;
  }

  FaultDisk::Loss RandomLoss() {
    return Random(2) == 0 ? FaultDisk::Loss::kAll : FaultDisk::Loss::kTail;
  }

  void Reopen() {
    options_.full_block_interval = 1 + Random(20);
    if (Random(2) == 0) disk_->CutPowerAfter(Random(60), RandomLoss());
    Open();
    if (auto after = disk_->TakeDiskAfterPowerCut()) MoveTo(std::move(after));
    CompareLastCommit();
  }

  void MoveTo(std::unique_ptr<FaultDisk> after) {
    DropHeldReader();
    store_.reset();
    disk_ = std::move(after);
    Open();
  }

  // What was acknowledged is there after it, the batch under way whole or not
  // at all.
  void CutPower() {
    const RandomBatch random = MakeRandomBatch();
    disk_->CutPowerAfter(Random(5), RandomLoss());
    auto result = Commit(random);
    ASSERT_TRUE(result.ok()) << result.status();
    std::unique_ptr<FaultDisk> after = disk_->TakeDiskAfterPowerCut();
    const bool acknowledged = after == nullptr;
    if (acknowledged) after = disk_->AfterPowerCut(RandomLoss());
    MoveTo(std::move(after));
    if (HasFatalFailure()) return;
    const CommitNumber last = store_->last_commit();
    ASSERT_LE(last, commits_ + 1);
    ASSERT_GE(last, commits_ + (acknowledged ? 1 : 0));
    if (last > commits_) ApplyToModel(random);
    CompareLastCommit();
  }

  void Step() {
    const int dice = Random(10000);
    if (dice < 7) {
      Reopen();
    } else if (dice < 20) {
      CutPower();
    } else if (dice < 30) {
      CompareScan();
    } else if (dice < 4000) {
      CommitAndCompare();
    } else if (dice < 7000) {
      ReadAndCompare();
    } else if (dice < 9000) {
      AskAgain();
    } else if (dice < 9500) {
      AskHeldReader();
    } else {
      CompareVintages();
    }
  }

  std::mt19937_64 random_;
  SimulatedClock clock_{At("2024-01-01")};
  Store::Options options_;
  std::unique_ptr<FaultDisk> disk_;
  std::unique_ptr<Store> store_;

  std::vector<std::unique_ptr<Subject>> subjects_;
  std::vector<Subject*> slots_;
  CommitNumber commits_ = 0;
  int64_t runs_ = 0;
  std::string last_run_;
  absl::Time last_recorded_at_ = absl::InfinitePast();
  std::vector<Answer> remembered_;
  std::unique_ptr<Reader> held_;
  std::vector<Answer> held_answers_;
};

TEST_P(ModelTest, TheStoreAgreesWithANaiveModelOnRandomOperations) {
  const uint64_t operations =
      FromEnvironment("HEADWAY_TEST_OPERATIONS", kOperations) / kShards;
  for (uint64_t i = 0; i < operations && !HasFatalFailure(); ++i) {
    SCOPED_TRACE(absl::StrCat("operation ", i));
    Step();
  }
}

INSTANTIATE_TEST_SUITE_P(Shards, ModelTest, testing::Range(0, kShards));

}  // namespace
}  // namespace headway::store
