// A scheduler whose loop and threads are the test.
#ifndef HEADWAY_TESTS_SCHEDULE_SCHEDULER_FIXTURE_H_
#define HEADWAY_TESTS_SCHEDULE_SCHEDULER_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/messages/timestamp.h"
#include "daemon/schedule/scheduler.h"
#include "tests/support/store_fixture.h"

namespace headway::schedule {

inline Job MakeJob(const std::string& name, absl::string_view cron,
                   CatchUp catch_up = CatchUp::kLatest) {
  Schedule schedule = {Cron::Parse(cron).value(), absl::UTCTimeZone()};
  schedule.catch_up = catch_up;
  return {name, schedule};
}

// The test is the scheduler's loop: time passes by PassTo, and runs work when
// Work is called, unless they work at once.
class SchedulerTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    StartDaemon();
  }

  void StartDaemon() {
    ledger_ = std::make_unique<Ledger>(store_.get(), &clock_);
    scheduler_ = std::make_unique<Scheduler>(
        options_, &clock_, store_.get(), ledger_.get(),
        [this](ActiveRun& run, const Piece&) {
          execute_(run);
          return std::exchange(next_, {});
        },
        [this](std::function<void()> work) {
          work_.push_back(std::move(work));
          return absl::OkStatus();
        });
  }

  // Takes effect at once, as kill -9 does: nothing is written on the way out.
  void Crash() {
    // Not even their destructors do anything more.
    static auto* const graveyard = new std::vector<
        std::pair<std::unique_ptr<Scheduler>, std::unique_ptr<Ledger>>>;
    graveyard->emplace_back(std::move(scheduler_), std::move(ledger_));
    work_.clear();
    Open();
    StartDaemon();
  }

  void SetJobs(std::vector<Job> jobs) {
    ASSERT_TRUE(scheduler_->SetJobs(std::move(jobs)).ok());
  }

  void Work() {
    while (!work_.empty()) {
      const auto work = std::move(work_.front());
      work_.pop_front();
      work();
      scheduler_->Poll();
    }
  }

  // Polls whenever the scheduler wants to be polled, and lets runs work.
  void PassTo(absl::Time end) {
    while (true) {
      const absl::Time next = scheduler_->Poll();
      if (at_once_) Work();
      if (next > end) break;
      clock_.AdvanceTo(std::max(next, clock_.Now() + absl::Microseconds(1)));
    }
    clock_.AdvanceTo(end);
    scheduler_->Poll();
    if (at_once_) Work();
  }
  void Pass(absl::Duration duration) { PassTo(clock_.Now() + duration); }

  // Slots of the scheduled runs, oldest first, as hours since the start.
  std::vector<double> SlotHours(absl::string_view job = "a") {
    Ledger::Query query;
    query.job = std::string(job);
    query.trigger = v1::Run::SCHEDULED;
    query.page_size = 1000;
    std::vector<double> hours;
    const std::vector<v1::Run> runs = ledger_->List(query)->runs;
    for (const v1::Run& run : runs) {
      hours.insert(hours.begin(),
                   absl::ToDoubleHours(
                       messages::FromTimestamp(run.slot_time()) - start_));
    }
    return hours;
  }

  std::vector<v1::Run> Runs() { return ledger_->List({})->runs; }

  const absl::Time start_ = clock_.Now();  // midnight
  Scheduler::Options options_;
  std::function<void(ActiveRun&)> execute_ = [](ActiveRun&) {};
  // What comes after the next piece that is executed.
  std::vector<Piece> next_;
  bool at_once_ = true;
  std::deque<std::function<void()>> work_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Scheduler> scheduler_;
};

}  // namespace headway::schedule

#endif  // HEADWAY_TESTS_SCHEDULE_SCHEDULER_FIXTURE_H_
