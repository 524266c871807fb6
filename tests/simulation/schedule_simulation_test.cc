// Three years of schedule with crashes, pauses, slow runs and a pool that
// refuses work, all at random instants, checked against what the policies
// promise.
//
// A crash comes right after some commit, or between two steps of the loop: an
// exception out of the store's listener ends whatever the scheduler was doing,
// and nothing that it would have done next is done, as with kill -9.
//
// The seed is printed; HEADWAY_SIMULATION_SEED runs another.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/messages/run.h"
#include "daemon/messages/timestamp.h"
#include "daemon/schedule/ledger.h"
#include "daemon/schedule/scheduler.h"
#include "daemon/store/store.h"
#include "tests/support/random_seed.h"
#include "tests/support/temp_directory.h"

namespace headway::schedule {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
// What the scheduler takes for being on time, and waits before trying again.
constexpr absl::Duration kPatience = absl::Minutes(1);

struct Killed {};

// What a killed process leaves behind: parts that nobody may touch any more,
// not even their destructors.
template <typename T>
void Bury(std::unique_ptr<T> dead) {
  static auto* const graveyard = new std::vector<T*>;
  graveyard->push_back(dead.release());
}

struct Interval {
  absl::Time from;
  absl::Time to;
  bool Meets(absl::Time first, absl::Time last) const {
    return from <= last && first <= to;
  }
};
using Intervals = std::vector<Interval>;

bool AnyMeets(const Intervals& intervals, absl::Time first, absl::Time last) {
  return std::any_of(intervals.begin(), intervals.end(),
                     [&](const Interval& i) { return i.Meets(first, last); });
}

Job MakeJob(const std::string& name, absl::string_view cron,
            const std::string& zone, CatchUp catch_up) {
  Schedule schedule = {Cron::Parse(cron).value(), LoadTimeZone(zone).value()};
  schedule.catch_up = catch_up;
  return {name, schedule};
}

std::vector<Job> MakeJobs() {
  std::vector<Job> jobs = {
      // The longest outage is shorter than its window: no slot may be lost.
      MakeJob("all", "0 6 * * *", "America/New_York", CatchUp::kAll),
      MakeJob("latest", "30 */6 * * *", "Europe/Berlin", CatchUp::kLatest),
      MakeJob("none", "30 2 * * MON-FRI", "Europe/Berlin", CatchUp::kNone),
      MakeJob("window", "0 */8 * * *", "Asia/Kathmandu", CatchUp::kAll),
      MakeJob("jitter", "0 0 1,15 * *", "", CatchUp::kAll),
      {"on-request", std::nullopt},
  };
  jobs[0].schedule->catch_up_window = 30 * kDay;
  jobs[3].schedule->catch_up_window = absl::Hours(5);
  jobs[4].schedule->jitter = absl::Hours(6);
  jobs[4].schedule->catch_up_window = 60 * kDay;
  return jobs;
}

class Simulation {
 public:
  explicit Simulation(uint64_t seed) : random_(seed) { Boot(); }
  ~Simulation() { Shutdown(); }

  void Run();
  void Check();

 private:
  struct Work {
    absl::Time done;
    std::function<void()> work;
  };

  double Uniform() {
    return std::uniform_real_distribution<double>(0, 1)(random_);
  }
  absl::Duration UpTo(absl::Duration most) { return Uniform() * most; }
  const Job& AnyJob() { return jobs_[random_() % jobs_.size()]; }

  void Boot();
  void Shutdown();
  void Crash();
  void Step();
  void FinishWork();
  void MakeFault();
  void Pause(const std::string& job);
  void ResumeThoseDue();
  std::vector<Piece> Execute(ActiveRun& run);
  absl::Status Spawn(std::function<void()> work);
  void Note(const v1::Run& run);

  void CheckLedger(const std::vector<v1::Run>& runs);
  void CheckSlots(const Job& job);
  // The first instant from `due` on at which nothing kept the scheduler from
  // serving it.
  absl::Time FirstChance(const std::string& job, absl::Time due) const;
  std::string Excuse(const Job& job, absl::Time slot, absl::Time due,
                     absl::Time next_due) const;

  std::mt19937_64 random_;
  const std::vector<Job> jobs_ = MakeJobs();
  const TempDirectory directory_;
  const absl::Time start_ =
      absl::FromCivil(absl::CivilDay(2023, 1, 1), absl::UTCTimeZone());
  const absl::Time end_ =
      absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());
  SimulatedClock clock_{start_};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Store::Subscription> commits_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Ledger::Subscription> subscription_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<Work> work_;
  absl::Time next_fault_ = start_ + kDay;
  // Commits until the crash; negative: none is due.
  int crash_after_commits_ = -1;

  // What happened, as seen from outside.
  std::map<std::string, Intervals> paused_;
  std::map<std::string, absl::Time> resume_at_;
  Intervals down_;
  std::map<std::string, Intervals> busy_;
  std::set<std::string> at_work_;
  std::map<std::string, int> ends_;                                  // by run
  std::map<std::string, std::map<absl::Time, absl::Time>> created_;  // by slot
  int crashes_ = 0;
};

void Simulation::Boot() {
  auto store = store::Store::Open(directory_.path(), &clock_, {});
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
  ledger_ = std::make_unique<Ledger>(store_.get(), &clock_);
  subscription_ = ledger_->Subscribe([this](const v1::Run& run) { Note(run); });
  scheduler_ = std::make_unique<Scheduler>(
      Scheduler::Options{.max_concurrent_runs = 3}, &clock_, store_.get(),
      ledger_.get(),
      [this](ActiveRun& run, const Piece&) { return Execute(run); },
      [this](std::function<void()> work) { return Spawn(std::move(work)); });
  ASSERT_TRUE(scheduler_->SetJobs(jobs_).ok());
  ASSERT_TRUE(scheduler_->Recover().ok());
  commits_ = store_->Subscribe([this](const store::CommitNotice&) {
    if (crash_after_commits_ > 0 && --crash_after_commits_ == 0) throw Killed();
  });
}

void Simulation::Shutdown() {
  work_.clear();
  at_work_.clear();
  Bury(std::move(scheduler_));
  subscription_.reset();
  Bury(std::move(ledger_));
  commits_.reset();
  store_.reset();
}

void Simulation::Crash() {
  ++crashes_;
  const absl::Time from = clock_.Now();
  Shutdown();
  // Mostly a restart, at times an outage.
  clock_.Advance(Uniform() < 0.5 ? UpTo(absl::Minutes(5)) : UpTo(3 * kDay));
  down_.push_back({from, clock_.Now()});
  crash_after_commits_ = -1;
  Boot();
}

// At times a piece says that the run goes on later, in up to 40 minutes.
std::vector<Piece> Simulation::Execute(ActiveRun& run) {
  if (Uniform() < 0.2) {
    Piece later;
    if (Uniform() < 0.8)
      later.not_before = clock_.Now() + UpTo(absl::Minutes(40));
    return {later};
  }
  auto* step = run.run().add_steps();
  step->set_state(Uniform() < 0.2 ? v1::RunStep::FAILED
                                  : v1::RunStep::SUCCEEDED);
  return {};
}

absl::Status Simulation::Spawn(std::function<void()> work) {
  if (Uniform() < 0.01) return absl::ResourceExhaustedError("the pool is full");
  EXPECT_LT(work_.size(), 3);
  const absl::Duration takes =
      Uniform() < 0.9 ? UpTo(absl::Minutes(20)) : UpTo(absl::Hours(10));
  work_.push_back({clock_.Now() + takes, std::move(work)});
  return absl::OkStatus();
}

void Simulation::Note(const v1::Run& run) {
  const std::string job = ParseRunName(run.name())->job;
  if (run.state() == v1::Run::RUNNING) {
    for (const std::string& other : at_work_) {
      EXPECT_TRUE(other == run.name() || ParseRunName(other)->job != job)
          << other << " and " << run.name() << " at once";
    }
    at_work_.insert(run.name());
  } else {
    at_work_.erase(run.name());
  }
}

// Noted before the call, for a crash right after the commit does not undo it.
void Simulation::Pause(const std::string& job) {
  if (*scheduler_->IsPaused(job)) return;
  paused_[job].push_back({clock_.Now(), absl::InfiniteFuture()});
  resume_at_[job] = clock_.Now() + UpTo(10 * kDay);
  EXPECT_TRUE(scheduler_->Pause(job).ok());
}

void Simulation::ResumeThoseDue() {
  for (auto it = resume_at_.begin(); it != resume_at_.end();) {
    const auto [job, at] = *it;
    if (at > clock_.Now()) {
      ++it;
      continue;
    }
    it = resume_at_.erase(it);
    paused_[job].back().to = clock_.Now();
    EXPECT_TRUE(scheduler_->Resume(job).ok());
  }
}

void Simulation::MakeFault() {
  const double kind = Uniform();
  const Job& job = AnyJob();
  if (kind < 0.2) throw Killed();
  if (kind < 0.5) {
    crash_after_commits_ = 1 + random_() % 5;
  } else if (kind < 0.7) {
    if (job.schedule.has_value()) Pause(job.name);
  } else {
    const auto trigger = kind < 0.85 ? v1::Run::MANUAL : v1::Run::ON_CHANGE;
    EXPECT_TRUE(scheduler_->Trigger(job.name, trigger).ok());
  }
}

void Simulation::FinishWork() {
  // Work may spawn work.
  for (size_t i = 0; i < work_.size();) {
    if (work_[i].done > clock_.Now()) {
      ++i;
      continue;
    }
    const std::function<void()> work = std::move(work_[i].work);
    work_.erase(work_.begin() + i);
    work();
  }
}

void Simulation::Step() {
  absl::Time next = std::min({scheduler_->Poll(), next_fault_, end_});
  for (const Work& work : work_) next = std::min(next, work.done);
  for (const auto& [job, at] : resume_at_) next = std::min(next, at);
  clock_.AdvanceTo(std::max(next, clock_.Now() + absl::Microseconds(1)));
  FinishWork();
  ResumeThoseDue();
  if (next_fault_ <= clock_.Now()) {
    next_fault_ = clock_.Now() + UpTo(8 * kDay);
    MakeFault();
  }
}

void Simulation::Run() {
  while (clock_.Now() < end_) {
    try {
      Step();
    } catch (const Killed&) {
      Crash();
    }
  }
  // Let what is at work end, so that the ledger can be judged as a whole.
  next_fault_ = absl::InfiniteFuture();
  crash_after_commits_ = -1;
  for (int i = 0; i < 1000 && !ledger_->ListActive()->empty(); ++i) {
    scheduler_->Poll();
    clock_.Advance(absl::Minutes(10));
    FinishWork();
  }
}

void Simulation::CheckLedger(const std::vector<v1::Run>& runs) {
  EXPECT_EQ(ledger_->ListActive()->size(), 0);
  for (const v1::Run& run : runs) {
    EXPECT_TRUE(messages::HasEnded(run)) << run.DebugString();
    const absl::Time created = messages::FromTimestamp(run.create_time());
    const absl::Time ended = messages::FromTimestamp(run.end_time());
    EXPECT_LE(created, messages::FromTimestamp(run.start_time()));
    EXPECT_LE(messages::FromTimestamp(run.start_time()), ended);
    const std::string job = ParseRunName(run.name())->job;
    if (run.trigger() != v1::Run::ON_CHANGE) {
      busy_[job].push_back({created, ended});
    }
    if (run.trigger() != v1::Run::SCHEDULED) continue;
    const absl::Time slot = messages::FromTimestamp(run.slot_time());
    EXPECT_TRUE(created_[job].emplace(slot, created).second)
        << job << " ran twice for the slot " << slot;
  }
}

absl::Time Simulation::FirstChance(const std::string& job,
                                   absl::Time due) const {
  absl::Time chance = due;
  const auto pauses = paused_.find(job);
  for (bool moved = true; moved;) {
    moved = false;
    const auto pass = [&](const Intervals& intervals) {
      for (const Interval& interval : intervals) {
        if (interval.from > chance || interval.to <= chance) continue;
        chance = interval.to;
        moved = true;
      }
    };
    pass(down_);
    if (pauses != paused_.end()) pass(pauses->second);
  }
  return chance;
}

std::string Simulation::Excuse(const Job& job, absl::Time slot, absl::Time due,
                               absl::Time next_due) const {
  const absl::Time chance = FirstChance(job.name, due);
  // A pool that refuses work is asked again after a while.
  const absl::Time last =
      chance + (chance > due ? 2 * kPatience : absl::ZeroDuration());
  if (last >= end_) return "the end";
  const auto pauses = paused_.find(job.name);
  if (pauses != paused_.end() && AnyMeets(pauses->second, slot, last)) {
    return "paused";
  }
  const CatchUp catch_up = job.schedule->catch_up;
  if (catch_up == CatchUp::kAll) {
    const absl::Duration window = job.schedule->catch_up_window;
    // Runs that were at work meanwhile take their time too.
    const auto busy = busy_.find(job.name);
    absl::Time free = last;
    for (const Interval& run : busy->second) {
      if (run.Meets(free, free)) free = std::max(free, run.to);
    }
    return free + 2 * kPatience - slot > window ? "beyond the window" : "";
  }
  if (catch_up == CatchUp::kNone && chance > due) return "missed";
  if (next_due <= last) return "superseded";
  const auto busy = busy_.find(job.name);
  if (AnyMeets(busy->second, due, last)) return "busy";
  return "";
}

void Simulation::CheckSlots(const Job& job) {
  const Schedule& schedule = *job.schedule;
  const std::map<absl::Time, absl::Time>& created = created_[job.name];
  const absl::Duration jitter =
      scheduler_->NextFireTimes(job.name, 1)->empty()
          ? absl::ZeroDuration()
          : scheduler_->NextFireTimes(job.name, 1)->front() -
                schedule.cron.NextAfter(
                    scheduler_->NextFireTimes(job.name, 1)->front() -
                        schedule.jitter - absl::Nanoseconds(1),
                    schedule.zone);
  std::set<absl::Time> slots;
  std::map<std::string, int> excuses;
  for (absl::Time slot = schedule.cron.NextAfter(start_, schedule.zone);
       slot < end_;) {
    slots.insert(slot);
    const absl::Time next = schedule.cron.NextAfter(slot, schedule.zone);
    if (created.count(slot) == 0) {
      const std::string excuse =
          Excuse(job, slot, slot + jitter, next + jitter);
      EXPECT_NE(excuse, "") << job.name << " lost the slot " << slot;
      ++excuses[excuse];
    }
    slot = next;
  }
  for (const auto& [slot, at] : created) {
    EXPECT_TRUE(slots.count(slot) > 0 || slot >= end_)
        << job.name << " ran for " << slot << ", which is no slot";
    EXPECT_GE(at, slot);
    // The instant itself belongs to neither side.
    EXPECT_FALSE(AnyMeets(paused_[job.name], at + absl::Nanoseconds(1),
                          at - absl::Nanoseconds(1)))
        << job.name << " fired at " << at << " though paused";
    if (schedule.catch_up == CatchUp::kAll) {
      EXPECT_LE(at - slot, schedule.catch_up_window) << job.name << slot;
    }
    if (schedule.catch_up == CatchUp::kNone) {
      EXPECT_LE(at - slot - jitter, kPatience) << job.name << slot;
    }
  }
  // The excuses must not swallow what is tested.
  EXPECT_GT(created.size(), slots.size() / 2) << job.name;
  std::cout << "  " << job.name << ": " << created.size() << " of "
            << slots.size() << " slots";
  for (const auto& [excuse, count] : excuses) {
    std::cout << ", " << count << " " << excuse;
  }
  std::cout << "\n";
}

void Simulation::Check() {
  std::vector<v1::Run> runs;
  Ledger::Query query;
  query.page_size = 1000;
  do {
    const auto page = ledger_->List(query);
    ASSERT_TRUE(page.ok()) << page.status();
    runs.insert(runs.end(), page->runs.begin(), page->runs.end());
    query.page_token = page->next_page_token;
  } while (!query.page_token.empty());
  std::cout << "  " << runs.size() << " runs, " << crashes_ << " crashes\n";
  EXPECT_GT(crashes_, 30);
  CheckLedger(runs);
  for (const Job& job : jobs_) {
    if (job.schedule.has_value()) CheckSlots(job);
  }
}

void RunSeed(uint64_t seed) {
  SCOPED_TRACE(absl::StrCat("HEADWAY_SIMULATION_SEED=", seed));
  std::cout << "seed " << seed << "\n";
  Simulation simulation(seed);
  simulation.Run();
  simulation.Check();
}

TEST(ScheduleSimulationTest, ThreeYearsOfFaultsLoseNoSlotAndRunNoneTwice) {
  RunSeed(FromEnvironment("HEADWAY_SIMULATION_SEED", 20230101));
}

}  // namespace
}  // namespace headway::schedule
