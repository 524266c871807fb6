// Long operations through the API: what they leave alone, and what they
// outlive.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/support/files.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using AdminStub = v1::AdminService::Stub;
using OperationStub = v1::OperationService::Stub;
using Plugins = v1::PluginService::Stub;

class OperationServiceTest : public ServerTest {
 protected:
  // A check that hangs until the gate opens.
  v1::Operation StartHungCheck() {
    v1::CheckSourceRequest request;
    request.set_source("gate-source");
    v1::Operation operation;
    const grpc::Status status =
        Ask(*plugin_service_, &Plugins::CheckSource, request, &operation);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return operation;
  }

  v1::Operation Verify(const std::string& request_id = "") {
    v1::VerifyStoreRequest request;
    request.set_request_id(request_id);
    v1::Operation operation;
    const grpc::Status status =
        AskToEnd(*admin_, &AdminStub::VerifyStore, request, &operation);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return operation;
  }

  grpc::Status Get(const std::string& name, v1::Operation* operation) {
    v1::GetOperationRequest request;
    request.set_name(name);
    return Ask(*operation_service_, &OperationStub::GetOperation, request,
               operation);
  }

  grpc::Status Cancel(const std::string& name, v1::Operation* operation) {
    v1::CancelOperationRequest request;
    request.set_name(name);
    return Ask(*operation_service_, &OperationStub::CancelOperation, request,
               operation);
  }

  grpc::Status List(const v1::ListOperationsRequest& request,
                    v1::ListOperationsResponse* response) {
    return Ask(*operation_service_, &OperationStub::ListOperations, request,
               response);
  }
  std::vector<std::string> Names(const std::string& filter) {
    v1::ListOperationsRequest request;
    request.set_filter(filter);
    v1::ListOperationsResponse response;
    const grpc::Status status = List(request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<std::string> names;
    for (const v1::Operation& operation : response.operations()) {
      names.push_back(operation.name());
    }
    return names;
  }
};

TEST_F(OperationServiceTest, ChecksThatHangDelayNoRead) {
  StartServer(/*threads=*/1, /*max_queued=*/100);
  for (int i = 0; i < 8; ++i) StartHungCheck();
  ASSERT_TRUE(Eventually([&] { return GateReached(); }));
  for (int i = 0; i < 100; ++i) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(10));
    v1::ListSeriesResponse response;
    const grpc::Status status = series_->ListSeries(&context, {}, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  // Nor another kind of long work.
  EXPECT_EQ(Verify().state(), v1::Operation::SUCCEEDED);
  EXPECT_EQ(Names("kind=CHECK_SOURCE AND state=QUEUED").size(), 4u);
}

TEST_F(OperationServiceTest, ABackupOutlivesTheDeadlineOfTheCallThatStartedIt) {
  // Another one, which is not done before the test says so, is in its way.
  absl::Notification begun, release;
  std::thread other([&] {
    EXPECT_TRUE(maintenance_
                    ->CreateBackup([&] {
                      if (!begun.HasBeenNotified()) begun.Notify();
                      release.WaitForNotification();
                      return absl::OkStatus();
                    })
                    .ok());
  });
  begun.WaitForNotification();
  v1::Operation operation;
  const absl::Time deadline = absl::Now() + absl::Seconds(1);
  {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    const grpc::Status status = admin_->CreateBackup(&context, {}, &operation);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  EXPECT_TRUE(Eventually([&] { return absl::Now() > deadline; }));
  release.Notify();
  other.join();
  operation = AwaitEnd(operation.name());
  EXPECT_EQ(operation.state(), v1::Operation::SUCCEEDED);
  EXPECT_EQ(operation.create_backup().name(), "backups/2");
}

TEST_F(OperationServiceTest, TheSameCallMadeAgainIsTheSameOperation) {
  const v1::Operation first = Verify("nightly");
  EXPECT_EQ(first.request_id(), "nightly");
  EXPECT_EQ(Verify("nightly").name(), first.name());
  EXPECT_NE(Verify("another").name(), first.name());
  v1::VerifyStoreRequest request;
  request.set_request_id("a\nb");
  v1::Operation operation;
  EXPECT_THAT(
      ViolationOf(Ask(*admin_, &AdminStub::VerifyStore, request, &operation)),
      StartsWith("request_id: "));
}

TEST_F(OperationServiceTest, TheNextBackupIsRefusedWhileOneIsMade) {
  absl::Notification release;
  const auto held = operations_->Start(
      {.kind = v1::Operation::CREATE_BACKUP, .subject = "", .request_id = ""},
      [&](operations::Control&, v1::Operation*) {
        release.WaitForNotification();
        return absl::OkStatus();
      });
  ASSERT_TRUE(held.ok()) << held.status();
  v1::Operation operation;
  const grpc::Status status = Ask(*admin_, &AdminStub::CreateBackup,
                                  v1::CreateBackupRequest(), &operation);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(ReasonOf(status), "ALREADY_UNDER_WAY");
  EXPECT_THAT(status.error_message(), HasSubstr(held->name()));
  release.Notify();
  AwaitEnd(held->name());
}

TEST_F(OperationServiceTest, AWatchShowsTheStatesToTheEnd) {
  const std::string name = StartHungCheck().name();
  v1::WatchOperationRequest request;
  request.set_name(name);
  grpc::ClientContext context;
  const auto reader = operation_service_->WatchOperation(&context, request);
  std::vector<v1::Operation::State> states;
  v1::Operation operation;
  while (reader->Read(&operation)) {
    states.push_back(operation.state());
    if (operation.state() == v1::Operation::RUNNING) OpenGate();
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_THAT(states, Contains(v1::Operation::RUNNING));
  EXPECT_EQ(states.back(), v1::Operation::SUCCEEDED);
  EXPECT_TRUE(operation.check_source().ok());
}

TEST_F(OperationServiceTest, AreListedNewestFirstOverPages) {
  for (int i = 0; i < 3; ++i) Verify();
  v1::ListOperationsRequest request;
  request.set_page_size(2);
  v1::ListOperationsResponse first, second;
  ASSERT_TRUE(List(request, &first).ok());
  request.set_page_token(first.next_page_token());
  ASSERT_TRUE(List(request, &second).ok());
  ASSERT_EQ(first.operations_size(), 2);
  EXPECT_EQ(first.operations(0).name(), "operations/3");
  ASSERT_EQ(second.operations_size(), 1);
  EXPECT_EQ(second.operations(0).name(), "operations/1");
  EXPECT_THAT(second.next_page_token(), IsEmpty());
  request.set_filter("state=FAILED");
  EXPECT_THAT(ViolationOf(List(request, &second)), StartsWith("page_token: "));
}

TEST_F(OperationServiceTest, AreFilteredByStateAndKind) {
  Verify();
  const std::string check = StartHungCheck().name();
  EXPECT_THAT(Names("kind=CHECK_SOURCE"), ElementsAre(check));
  EXPECT_THAT(Names("state=SUCCEEDED AND kind=VERIFY_STORE"),
              ElementsAre("operations/1"));
  v1::ListOperationsRequest request;
  v1::ListOperationsResponse response;
  for (const char* filter : {"state=BROKEN", "kind=LUNCH", "name=x",
                             "state=FAILED AND state=FAILED"}) {
    request.set_filter(filter);
    EXPECT_THAT(ViolationOf(List(request, &response)), StartsWith("filter: "))
        << filter;
  }
}

TEST_F(OperationServiceTest, WhatIsNotThereOrHasEndedIsNamed) {
  v1::Operation operation;
  EXPECT_EQ(ReasonOf(Get("operations/9", &operation)), "OPERATION_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Cancel("operations/9", &operation)),
            "OPERATION_NOT_FOUND");
  EXPECT_THAT(ViolationOf(Get("9", &operation)), StartsWith("name: "));
  const grpc::Status status = Cancel(Verify().name(), &operation);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "OPERATION_HAS_ENDED");
}

TEST_F(OperationServiceTest, StoppingEndsAPluginThatHangs) {
  const std::string name = StartHungCheck().name();
  ASSERT_TRUE(Eventually([&] { return GateReached(); }));
  const pid_t pid = std::stoi(ReadFile(directory_.Join("gate_pid")));
  const absl::Status status = operations_->Stop(absl::Minutes(1));
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_NE(::kill(pid, 0), 0);
  v1::Operation operation;
  ASSERT_TRUE(Get(name, &operation).ok());
  EXPECT_EQ(operation.state(), v1::Operation::FAILED);
  EXPECT_THAT(operation.error().message(), HasSubstr("start it again"));
}

// ---- imports ----

class ImportOperationTest : public OperationServiceTest {
 protected:
  using Stream = grpc::ClientWriter<v1::ImportSeriesRequest>;

  static bool Send(Stream& stream, const std::string& text) {
    v1::ImportSeriesRequest request;
    request.set_format(v1::CSV);
    request.set_name("history.csv");
    request.set_text(text);
    return stream.Write(request);
  }
};

constexpr char kHead[] = "metric,labels,unit,period,value,known_at\n";
constexpr char kRow[] = "m,{},1,2024,5,2025-01-01T00:00:00Z\n";

TEST_F(ImportOperationTest, AnImportIsAnOperationWhileItRunsAndAfterwards) {
  grpc::ClientContext context;
  v1::ImportSeriesResponse response;
  const auto stream = admin_->ImportSeries(&context, &response);
  ASSERT_TRUE(Send(*stream, kHead));
  ASSERT_TRUE(Eventually(
      [&] { return !Names("kind=IMPORT_SERIES AND state=RUNNING").empty(); }));
  ASSERT_TRUE(Send(*stream, kRow));
  stream->WritesDone();
  ASSERT_TRUE(stream->Finish().ok());
  v1::Operation operation;
  ASSERT_TRUE(Get("operations/1", &operation).ok());
  EXPECT_EQ(operation.subject(), "history.csv");
  EXPECT_EQ(operation.state(), v1::Operation::SUCCEEDED);
  EXPECT_EQ(operation.import_series().SerializeAsString(),
            response.SerializeAsString());
}

TEST_F(ImportOperationTest, ACancelledImportEndsItsStream) {
  grpc::ClientContext context;
  v1::ImportSeriesResponse response;
  const auto stream = admin_->ImportSeries(&context, &response);
  ASSERT_TRUE(Send(*stream, kHead));
  ASSERT_TRUE(Eventually([&] { return !Names("state=RUNNING").empty(); }));
  v1::Operation operation;
  ASSERT_TRUE(Cancel("operations/1", &operation).ok());
  Send(*stream, kRow);
  stream->WritesDone();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  ASSERT_TRUE(Get("operations/1", &operation).ok());
  EXPECT_EQ(operation.state(), v1::Operation::CANCELLED);
  EXPECT_TRUE(store_->NewReader()->SelectSeries({}).value().empty());
}

TEST_F(ImportOperationTest, AnImportThatItsClientGaveUpIsCancelled) {
  {
    grpc::ClientContext context;
    v1::ImportSeriesResponse response;
    const auto stream = admin_->ImportSeries(&context, &response);
    ASSERT_TRUE(Send(*stream, kHead));
    ASSERT_TRUE(Eventually([&] { return !Names("state=RUNNING").empty(); }));
    context.TryCancel();
    stream->Finish();
  }
  EXPECT_EQ(AwaitEnd("operations/1").state(), v1::Operation::CANCELLED);
}

TEST_F(ImportOperationTest, ABadLineIsTheErrorOfTheOperation) {
  grpc::ClientContext context;
  v1::ImportSeriesResponse response;
  const auto stream = admin_->ImportSeries(&context, &response);
  Send(*stream, absl::StrCat(kHead, "m,{},1,2024\n"));
  stream->WritesDone();
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::Operation operation;
  ASSERT_TRUE(Get("operations/1", &operation).ok());
  EXPECT_EQ(operation.state(), v1::Operation::FAILED);
  EXPECT_EQ(operation.error().message(), status.error_message());
}

}  // namespace
}  // namespace headway::service
