// Operations on a real store, with work that waits for what the test says.
#include "daemon/operations/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "daemon/base/clock_guard.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/operation.h"
#include "tests/support/store_fixture.h"

namespace headway::operations {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = v1::Operation;

// What was told of each operation.
class Told {
 public:
  void Add(const v1::Operation& operation) {
    absl::MutexLock lock(&mutex_);
    states_[operation.name()].push_back(operation);
  }

  std::vector<v1::Operation> AwaitEnd(const std::string& name) {
    const auto ended = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      const auto& states = states_[name];
      return !states.empty() && messages::HasEnded(states.back());
    };
    absl::MutexLock lock(&mutex_);
    EXPECT_TRUE(
        mutex_.AwaitWithTimeout(absl::Condition(&ended), absl::Minutes(1)));
    return states_[name];
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::vector<v1::Operation>> states_
      ABSL_GUARDED_BY(mutex_);
};

class OperationsTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    Begin();
  }
  void TearDown() override { End(); }

  // A daemon begins, and ends.
  void Begin(const Operations::Options& options = {}) {
    auto operations = Operations::Create(store_.get(), &clock_, options);
    ASSERT_TRUE(operations.ok()) << operations.status();
    operations_ = *std::move(operations);
    subscription_ = operations_->Subscribe(
        [this](const v1::Operation& operation) { told_.Add(operation); });
  }
  void End() {
    subscription_.reset();
    operations_.reset();
  }

  // As a daemon that dies does.
  void LeaveOneUnderWay() {
    v1::Operation left;
    left.set_name("operations/41");
    left.set_kind(Kind::CREATE_BACKUP);
    left.set_state(Kind::QUEUED);
    End();
    ASSERT_TRUE(OperationLog(store_.get()).Write({left}, {}).ok());
  }

  static Operations::Request Request(v1::Operation::Kind kind,
                                     const std::string& request_id = "") {
    return {.kind = kind, .subject = "", .request_id = request_id};
  }

  // Work that goes on until the gate opens or it is asked to stop.
  Work Gated() {
    return [this](Control& control, v1::Operation*) -> absl::Status {
      ++begun_;
      while (!gate_.WaitForNotificationWithTimeout(absl::Milliseconds(1))) {
        RETURN_IF_ERROR(control.CheckAlive());
      }
      return absl::OkStatus();
    };
  }
  static Work Quick() {
    return [](Control&, v1::Operation*) { return absl::OkStatus(); };
  }

  std::string Start(const Operations::Request& request, Work work) {
    const absl::StatusOr<v1::Operation> operation =
        operations_->Start(request, std::move(work));
    EXPECT_TRUE(operation.ok()) << operation.status();
    return operation.ok() ? operation->name() : "";
  }
  std::string Start(v1::Operation::Kind kind, Work work) {
    return Start(Request(kind), std::move(work));
  }
  v1::Operation StartToEnd(v1::Operation::Kind kind, Work work) {
    return told_.AwaitEnd(Start(kind, std::move(work))).back();
  }
  // One with work of its own, which has begun.
  std::string StartGated(v1::Operation::Kind kind) {
    const int before = begun_;
    std::string name = Start(kind, Gated());
    while (begun_ == before) absl::SleepFor(absl::Milliseconds(1));
    return name;
  }

  v1::Operation Get(const std::string& name) {
    const absl::StatusOr<v1::Operation> operation = operations_->Get(name);
    EXPECT_TRUE(operation.ok()) << operation.status();
    return operation.value_or(v1::Operation());
  }
  v1::Operation::State StateOf(const std::string& name) {
    return Get(name).state();
  }

  std::vector<std::string> List(const Operations::Query& query = {}) {
    std::vector<std::string> names;
    const absl::StatusOr<Operations::Page> page = operations_->List(query);
    EXPECT_TRUE(page.ok()) << page.status();
    for (const v1::Operation& operation : page->operations) {
      names.push_back(operation.name());
    }
    return names;
  }

  absl::Notification gate_;
  std::atomic<int> begun_ = 0;
  Told told_;
  std::unique_ptr<Operations> operations_;
  std::unique_ptr<Operations::Subscription> subscription_;
};

// ---- one from its start to its end ----

TEST_F(OperationsTest, AResultIsKeptAcrossARestart) {
  const Operations::Request request = {
      .kind = Kind::CHECK_SOURCE, .subject = "census", .request_id = "mine"};
  const std::string name = Start(request, [](Control&, v1::Operation* done) {
    done->mutable_check_source()->set_message("fine");
    return absl::OkStatus();
  });
  EXPECT_EQ(name, "operations/1");
  told_.AwaitEnd(name);
  End();
  Begin();
  const v1::Operation operation = Get(name);
  EXPECT_EQ(operation.state(), Kind::SUCCEEDED);
  EXPECT_EQ(operation.kind(), Kind::CHECK_SOURCE);
  EXPECT_EQ(operation.subject(), "census");
  EXPECT_EQ(operation.request_id(), "mine");
  EXPECT_EQ(operation.progress(), 1);
  EXPECT_TRUE(operation.has_create_time());
  EXPECT_TRUE(operation.has_start_time());
  EXPECT_TRUE(operation.has_end_time());
  EXPECT_EQ(operation.check_source().message(), "fine");
  EXPECT_FALSE(operation.has_error());
}

TEST_F(OperationsTest, AFailureKeepsItsStatusWithItsDetails) {
  const v1::Operation operation =
      StartToEnd(Kind::VERIFY_BACKUPS, [](Control&, v1::Operation* done) {
        done->mutable_verify_backups()->set_files(3);
        return messages::WithReason(absl::NotFoundError("no such backup"),
                                    "BACKUP_NOT_FOUND", {});
      });
  EXPECT_EQ(operation.state(), Kind::FAILED);
  EXPECT_EQ(operation.error().code(),
            static_cast<int>(absl::StatusCode::kNotFound));
  EXPECT_EQ(operation.error().message(), "no such backup");
  EXPECT_THAT(operation.error().details(), SizeIs(1));
  EXPECT_FALSE(operation.has_verify_backups());
}

TEST_F(OperationsTest, ListenersAreToldOfStatesAndProgress) {
  const std::vector<v1::Operation> told = told_.AwaitEnd(
      Start(Kind::REPLAY_SOURCE, [](Control& control, v1::Operation*) {
        control.Report(0.25, "a quarter");
        // Soon after, so not told apart.
        control.Report(0.5, "half");
        return absl::OkStatus();
      }));
  ASSERT_THAT(told, SizeIs(3));
  EXPECT_EQ(told[0].state(), Kind::RUNNING);
  EXPECT_EQ(told[1].progress(), 0.25);
  EXPECT_EQ(told[1].message(), "a quarter");
  EXPECT_EQ(told[2].state(), Kind::SUCCEEDED);
  EXPECT_EQ(told[2].message(), "half");
}

// ---- lanes ----

TEST_F(OperationsTest, ChecksThatHangKeepNoOtherKindWaiting) {
  for (int i = 0; i < 6; ++i) Start(Kind::CHECK_SOURCE, Gated());
  for (int i = 0; i < 3; ++i) Start(Kind::REPLAY_SOURCE, Gated());
  for (const auto kind : {Kind::VERIFY_STORE, Kind::COMPACT_STORE,
                          Kind::CREATE_BACKUP, Kind::VERIFY_BACKUPS}) {
    EXPECT_EQ(StartToEnd(kind, Quick()).state(), Kind::SUCCEEDED);
  }
  gate_.Notify();
}

TEST_F(OperationsTest, AFifthCheckWaitsForItsTurn) {
  for (int i = 0; i < 4; ++i) StartGated(Kind::CHECK_SOURCE);
  const std::string fifth = Start(Kind::CHECK_SOURCE, Quick());
  EXPECT_EQ(StateOf(fifth), Kind::QUEUED);
  gate_.Notify();
  EXPECT_EQ(told_.AwaitEnd(fifth).back().state(), Kind::SUCCEEDED);
}

TEST_F(OperationsTest, ASecondBackupIsRefusedAndTheFirstIsNamed) {
  const std::string first = StartGated(Kind::CREATE_BACKUP);
  for (const auto kind : {Kind::CREATE_BACKUP, Kind::VERIFY_BACKUPS}) {
    const absl::Status status =
        operations_->Start(Request(kind), Quick()).status();
    EXPECT_TRUE(absl::IsAborted(status)) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(first), HasSubstr("create backup")));
    v1::ErrorInfo info;
    ASSERT_TRUE(
        messages::UnpackDetail(messages::ToProto(status).details(0), &info));
    EXPECT_EQ(info.reason(), "ALREADY_UNDER_WAY");
    EXPECT_EQ(info.metadata().at("operation"), first);
  }
  gate_.Notify();
  told_.AwaitEnd(first);
  StartToEnd(Kind::CREATE_BACKUP, Quick());
}

TEST_F(OperationsTest, TooManyThatWaitAreRefused) {
  End();
  Begin({.keep = 1000, .max_waiting = 2});
  for (int i = 0; i < 4; ++i) StartGated(Kind::CHECK_SOURCE);
  for (int i = 0; i < 2; ++i) Start(Kind::CHECK_SOURCE, Quick());
  const absl::Status status =
      operations_->Start(Request(Kind::CHECK_SOURCE), Quick()).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("cancel some"));
  gate_.Notify();
}

// ---- request ids ----

TEST_F(OperationsTest, TheSameRequestIdIsTheSameOperationAcrossARestart) {
  const Operations::Request request = Request(Kind::CREATE_BACKUP, "nightly");
  const std::string name = Start(request, Gated());
  EXPECT_EQ(Start(request, Quick()), name);
  gate_.Notify();
  told_.AwaitEnd(name);
  EXPECT_EQ(Start(request, Quick()), name);
  End();
  Begin();
  EXPECT_EQ(Start(request, Quick()), name);
  EXPECT_THAT(List(), ElementsAre(name));
}

TEST_F(OperationsTest, ARequestIdOfAnotherCallIsRefused) {
  const std::string name =
      Start(Request(Kind::CREATE_BACKUP, "nightly"), Quick());
  told_.AwaitEnd(name);
  const absl::Status status =
      operations_->Start(Request(Kind::VERIFY_STORE, "nightly"), Quick())
          .status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("request_id: "), HasSubstr(name)));
}

TEST_F(OperationsTest, ARequestIdIsShortAndPrintable) {
  for (const std::string& id : {std::string(101, 'x'), std::string("a\nb")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        operations_->Start(Request(Kind::VERIFY_STORE, id), Quick()).status()));
  }
}

// ---- cancelling ----

TEST_F(OperationsTest, ACancelledOneStopsAtItsNextPlace) {
  const std::string name = StartGated(Kind::CREATE_BACKUP);
  ASSERT_TRUE(operations_->Cancel(name).ok());
  const v1::Operation operation = told_.AwaitEnd(name).back();
  EXPECT_EQ(operation.state(), Kind::CANCELLED);
  EXPECT_EQ(operation.error().code(),
            static_cast<int>(absl::StatusCode::kCancelled));
  EXPECT_EQ(StateOf(name), Kind::CANCELLED);
}

TEST_F(OperationsTest, OneThatWaitsIsCancelledAtOnce) {
  for (int i = 0; i < 4; ++i) StartGated(Kind::CHECK_SOURCE);
  const std::string fifth = Start(Kind::CHECK_SOURCE, Gated());
  const absl::StatusOr<v1::Operation> cancelled = operations_->Cancel(fifth);
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(cancelled->state(), Kind::CANCELLED);
  gate_.Notify();
  EXPECT_EQ(begun_, 4);
}

TEST_F(OperationsTest, OneThatIsDoneAllTheSameHasSucceeded) {
  absl::Notification begun, cancelled;
  const std::string name =
      Start(Kind::VERIFY_STORE, [&](Control&, v1::Operation*) {
        begun.Notify();
        cancelled.WaitForNotification();
        return absl::OkStatus();
      });
  begun.WaitForNotification();
  ASSERT_TRUE(operations_->Cancel(name).ok());
  cancelled.Notify();
  EXPECT_EQ(told_.AwaitEnd(name).back().state(), Kind::SUCCEEDED);
}

TEST_F(OperationsTest, OneThatHasEndedCannotBeCancelled) {
  const std::string name = StartToEnd(Kind::VERIFY_STORE, Quick()).name();
  const absl::Status status = operations_->Cancel(name).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("operations/1 has ended: it succeeded"));
}

TEST_F(OperationsTest, AnUnknownOneIsNotFoundAndAMalformedNameIsWrong) {
  EXPECT_TRUE(absl::IsNotFound(operations_->Get("operations/7").status()));
  EXPECT_TRUE(absl::IsNotFound(operations_->Cancel("operations/7").status()));
  for (const char* name : {"", "7", "operations/", "operations/07",
                           "operations/-7", "runs/7", "operations/7/8"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(operations_->Get(name).status()))
        << name;
  }
}

// ---- the end of the daemon ----

TEST_F(OperationsTest, OneThatWasUnderWayWhenTheDaemonDiedHasFailed) {
  LeaveOneUnderWay();
  Begin();
  const v1::Operation operation = Get("operations/41");
  EXPECT_EQ(operation.state(), Kind::FAILED);
  EXPECT_TRUE(operation.has_end_time());
  EXPECT_EQ(operation.error().code(),
            static_cast<int>(absl::StatusCode::kUnavailable));
  EXPECT_EQ(operation.error().message(),
            "the daemon ended while this was under way; start it again");
  // And it is in nobody's way.
  EXPECT_EQ(StartToEnd(Kind::CREATE_BACKUP, Quick()).name(), "operations/42");
}

TEST_F(OperationsTest, ItHasFailedTooWhileTheClockIsInDoubt) {
  LeaveOneUnderWay();
  clock_.SetSynchronised(false);
  clock_.SetWallClock(store::At("2090-01-01"));
  Begin();
  EXPECT_EQ(Get("operations/41").state(), Kind::FAILED);
  EXPECT_TRUE(IsClockInDoubt(
      operations_->Start(Request(Kind::CREATE_BACKUP), Gated()).status()));
}

TEST_F(OperationsTest, StoppingAsksAllToStopAndRefusesMore) {
  const std::string running = StartGated(Kind::CREATE_BACKUP);
  for (int i = 0; i < 4; ++i) StartGated(Kind::CHECK_SOURCE);
  const std::string waiting = Start(Kind::CHECK_SOURCE, Gated());
  const absl::Status status = operations_->Stop(absl::Minutes(1));
  EXPECT_TRUE(status.ok()) << status;
  for (const std::string& name : {running, waiting}) {
    EXPECT_EQ(StateOf(name), Kind::FAILED);
    EXPECT_THAT(Get(name).error().message(), HasSubstr("start it again"));
  }
  EXPECT_TRUE(absl::IsUnavailable(
      operations_->Start(Request(Kind::VERIFY_STORE), Quick()).status()));
}

TEST_F(OperationsTest, StoppingWaitsNoLongerThanItsGrace) {
  absl::Notification release, begun;
  const std::string name =
      Start(Kind::VERIFY_STORE, [&](Control&, v1::Operation*) {
        begun.Notify();
        release.WaitForNotification();
        return absl::OkStatus();
      });
  begun.WaitForNotification();
  const absl::Status status = operations_->Stop(absl::Milliseconds(10));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("operations/1 (verify store)"));
  release.Notify();
  told_.AwaitEnd(name);
}

// ---- what is kept ----

TEST_F(OperationsTest, TheNewestAreKeptAndThoseUnderWay) {
  End();
  Begin({.keep = 3, .max_waiting = 100});
  const std::string slow = StartGated(Kind::CREATE_BACKUP);
  const Operations::Request first = Request(Kind::VERIFY_STORE, "first");
  told_.AwaitEnd(Start(first, Quick()));
  for (int i = 0; i < 3; ++i) StartToEnd(Kind::VERIFY_STORE, Quick());
  EXPECT_THAT(List(), ElementsAre("operations/5", "operations/4", slow));
  EXPECT_TRUE(absl::IsNotFound(operations_->Get("operations/2").status()));
  gate_.Notify();
  told_.AwaitEnd(slow);
  // Its request id is free again, and numbers go on after a restart.
  EXPECT_EQ(Start(first, Quick()), "operations/6");
  told_.AwaitEnd("operations/6");
  EXPECT_THAT(List(),
              ElementsAre("operations/6", "operations/5", "operations/4"));
  End();
  Begin();
  EXPECT_EQ(StartToEnd(Kind::VERIFY_STORE, Quick()).name(), "operations/7");
}

TEST_F(OperationsTest, ADamagedRecordKeepsNothingFromStarting) {
  End();
  store::Batch batch;
  batch.records.push_back(
      {store::RecordKind::kRuns, "operation/00000000000000000005", "garbage"});
  Commit(batch);
  Begin();
  EXPECT_EQ(Get("operations/5").state(), Kind::FAILED);
  EXPECT_EQ(Get("operations/5").error().code(),
            static_cast<int>(absl::StatusCode::kDataLoss));
  EXPECT_EQ(StartToEnd(Kind::VERIFY_STORE, Quick()).name(), "operations/6");
  EXPECT_THAT(List(), ElementsAre("operations/6", "operations/5"));
}

// ---- listing ----

TEST_F(OperationsTest, AreListedNewestFirstByStateAndKind) {
  StartToEnd(Kind::VERIFY_STORE, Quick());
  const std::string running = StartGated(Kind::CREATE_BACKUP);
  StartToEnd(Kind::VERIFY_STORE, [](Control&, v1::Operation*) {
    return absl::InternalError("no");
  });
  EXPECT_THAT(List(), ElementsAre("operations/3", running, "operations/1"));
  EXPECT_THAT(List({.state = Kind::RUNNING}), ElementsAre(running));
  EXPECT_THAT(List({.kind = Kind::VERIFY_STORE}),
              ElementsAre("operations/3", "operations/1"));
  EXPECT_THAT(List({.state = Kind::FAILED, .kind = Kind::CREATE_BACKUP}),
              IsEmpty());
  gate_.Notify();
}

TEST_F(OperationsTest, APageEndsByNumberAndByBytes) {
  for (int i = 0; i < 5; ++i) {
    StartToEnd(Kind::CHECK_SOURCE, [](Control&, v1::Operation* done) {
      done->mutable_check_source()->set_message(std::string(1000, 'x'));
      return absl::OkStatus();
    });
  }
  Operations::Query query;
  query.page_size = 2;
  auto page = operations_->List(query);
  ASSERT_TRUE(page.ok() && page->before.has_value());
  query.before = *page->before;
  EXPECT_THAT(List(query), ElementsAre("operations/3", "operations/2"));
  query = {.page_bytes = 3500};
  EXPECT_THAT(List(query), SizeIs(3));
  query = {.page_bytes = 10};
  EXPECT_THAT(List(query), SizeIs(1));
  query = {.before = 2};
  page = operations_->List(query);
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(page->operations, SizeIs(1));
  EXPECT_FALSE(page->before.has_value());
}

// ---- attended ones ----

TEST_F(OperationsTest, AnAttendedOneRunsUntilItsHolderEndsIt) {
  auto import = operations_->Attend({.kind = Kind::IMPORT_SERIES,
                                     .subject = "history.csv",
                                     .request_id = ""});
  ASSERT_TRUE(import.ok()) << import.status();
  EXPECT_EQ(Get("operations/1").state(), Kind::RUNNING);
  (*import)->control().Report(std::nullopt, "bytes read: 7");
  EXPECT_EQ(Get("operations/1").message(), "bytes read: 7");
  v1::Operation done;
  done.mutable_import_series()->set_commits(2);
  (*import)->End(absl::OkStatus(), done);
  import->reset();
  EXPECT_EQ(Get("operations/1").state(), Kind::SUCCEEDED);
  EXPECT_EQ(Get("operations/1").import_series().commits(), 2);
}

TEST_F(OperationsTest, AnAttendedOneThatIsGivenUpIsCancelled) {
  auto import = operations_->Attend(Request(Kind::IMPORT_SERIES));
  ASSERT_TRUE(import.ok()) << import.status();
  import->reset();
  EXPECT_EQ(Get("operations/1").state(), Kind::CANCELLED);
}

TEST_F(OperationsTest, AnAttendedOneIsToldThatItIsCancelled) {
  auto import = operations_->Attend(Request(Kind::IMPORT_SERIES));
  ASSERT_TRUE(import.ok()) << import.status();
  EXPECT_TRUE((*import)->control().CheckAlive().ok());
  ASSERT_TRUE(operations_->Cancel("operations/1").ok());
  const absl::Status status = (*import)->control().CheckAlive();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  (*import)->End(status, {});
  EXPECT_EQ(Get("operations/1").state(), Kind::CANCELLED);
}

}  // namespace
}  // namespace headway::operations
