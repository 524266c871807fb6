// AdminService over gRPC, on a real store with real backups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/format.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;

using AdminStub = v1::AdminService::Stub;

class AdminServiceTest : public ServerTest {
 protected:
  AdminServiceTest() { Write("cargo_tonnes", "A", {{"2025-01", 5}}); }

  v1::Backup MakeBackup() {
    v1::Operation operation;
    const grpc::Status status = AskToEnd(*admin_, &AdminStub::CreateBackup,
                                         v1::CreateBackupRequest(), &operation);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return operation.create_backup();
  }

  v1::ListBackupsResponse List(const v1::ListBackupsRequest& request = {}) {
    v1::ListBackupsResponse response;
    const grpc::Status status =
        Ask(*admin_, &AdminStub::ListBackups, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  std::vector<std::string> Names() {
    std::vector<std::string> names;
    const v1::ListBackupsResponse response = List();
    for (const v1::Backup& backup : response.backups()) {
      names.push_back(backup.name());
    }
    return names;
  }
};

TEST_F(AdminServiceTest, StatsCountWhatIsStored) {
  // The daemon commits the states of runs beside us.
  const auto before = static_cast<int64_t>(store_->last_commit());
  v1::StoreStats stats;
  const grpc::Status status = Ask(*admin_, &AdminStub::GetStoreStats,
                                  v1::GetStoreStatsRequest(), &stats);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(stats.series(), 1);
  EXPECT_THAT(
      stats.commits(),
      AllOf(Ge(before), Le(static_cast<int64_t>(store_->last_commit()))));
  EXPECT_EQ(stats.format(), store::kFormatVersion);
  EXPECT_GT(stats.log_bytes(), 0);
  EXPECT_TRUE(stats.has_newest_recorded_at());
  EXPECT_FALSE(stats.has_last_backup());
}

TEST_F(AdminServiceTest, StatsTellTheLastBackup) {
  MakeBackup();
  const v1::Backup second = MakeBackup();
  v1::StoreStats stats;
  ASSERT_TRUE(Ask(*admin_, &AdminStub::GetStoreStats,
                  v1::GetStoreStatsRequest(), &stats)
                  .ok());
  EXPECT_EQ(stats.last_backup().name(), second.name());
}

TEST_F(AdminServiceTest, AWholeStoreVerifies) {
  v1::Operation operation;
  const grpc::Status status = AskToEnd(*admin_, &AdminStub::VerifyStore,
                                       v1::VerifyStoreRequest(), &operation);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const v1::VerifyStoreResponse& response = operation.verify_store();
  EXPECT_THAT(response.problems(), IsEmpty());
  EXPECT_EQ(response.problem_count(), 0);
  EXPECT_EQ(response.series(), 1);
}

TEST_F(AdminServiceTest, ProblemsOfTheStoreAreNamed) {
  store::WriteBatch batch;
  batch.Delete(store::Family::kCurrent, store::EncodeId(1));
  ASSERT_TRUE(store_->engine().Write(batch).ok());
  v1::Operation operation;
  ASSERT_TRUE(AskToEnd(*admin_, &AdminStub::VerifyStore,
                       v1::VerifyStoreRequest(), &operation)
                  .ok());
  const v1::VerifyStoreResponse& response = operation.verify_store();
  ASSERT_GT(response.problem_count(), 0);
  EXPECT_EQ(response.problems(0).thing(), "series 1");
  EXPECT_THAT(response.problems(0).remedy(), HasSubstr("backup"));
}

TEST_F(AdminServiceTest, CompactionTellsTheBytesOfTables) {
  v1::Operation operation;
  const grpc::Status status = AskToEnd(*admin_, &AdminStub::CompactStore,
                                       v1::CompactStoreRequest(), &operation);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_GT(operation.compact_store().table_bytes_after(), 0);
}

TEST_F(AdminServiceTest, BackupsAreMadeListedAndPurged) {
  EXPECT_THAT(Names(), IsEmpty());
  const auto before = static_cast<int64_t>(store_->last_commit());
  const v1::Backup first = MakeBackup();
  EXPECT_EQ(first.name(), "backups/1");
  EXPECT_GE(first.commit(), before);
  EXPECT_FALSE(first.continuous());
  for (int i = 0; i < 3; ++i) MakeBackup();
  EXPECT_THAT(Names(), ElementsAre("backups/2", "backups/3", "backups/4"));
}

TEST_F(AdminServiceTest, BackupsAreListedInPages) {
  for (int i = 0; i < 3; ++i) MakeBackup();
  v1::ListBackupsRequest request;
  request.set_page_size(2);
  const v1::ListBackupsResponse first = List(request);
  ASSERT_EQ(first.backups_size(), 2);
  request.set_page_token(first.next_page_token());
  const v1::ListBackupsResponse second = List(request);
  ASSERT_EQ(second.backups_size(), 1);
  EXPECT_EQ(second.backups(0).name(), "backups/3");
  EXPECT_THAT(second.next_page_token(), IsEmpty());
}

TEST_F(AdminServiceTest, ABackupIsDeletedByItsName) {
  MakeBackup();
  MakeBackup();
  v1::DeleteBackupRequest request;
  request.set_name("backups/1");
  v1::DeleteBackupResponse response;
  EXPECT_TRUE(Ask(*admin_, &AdminStub::DeleteBackup, request, &response).ok());
  EXPECT_THAT(Names(), ElementsAre("backups/2"));
  const grpc::Status again =
      Ask(*admin_, &AdminStub::DeleteBackup, request, &response);
  EXPECT_EQ(again.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(again), "BACKUP_NOT_FOUND");
}

TEST_F(AdminServiceTest, ANameThatIsNoBackupIsRefused) {
  for (const char* name : {"", "1", "backups/", "backups/one", "series/1"}) {
    v1::DeleteBackupRequest request;
    request.set_name(name);
    v1::DeleteBackupResponse response;
    EXPECT_THAT(
        ViolationOf(Ask(*admin_, &AdminStub::DeleteBackup, request, &response)),
        HasSubstr("name: "))
        << name;
  }
}

TEST_F(AdminServiceTest, ADamagedBackupIsNamed) {
  MakeBackup();
  std::string damaged;
  for (const auto& entry : std::filesystem::directory_iterator(
           directory_.Join("backups/shared_checksum"))) {
    damaged = entry.path();
  }
  std::fstream(damaged, std::ios::in | std::ios::out | std::ios::binary)
      .put('!');
  v1::Operation operation;
  const grpc::Status status = AskToEnd(*admin_, &AdminStub::VerifyBackups,
                                       v1::VerifyBackupsRequest(), &operation);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const v1::VerifyBackupsResponse& response = operation.verify_backups();
  ASSERT_EQ(response.problem_count(), 1);
  EXPECT_EQ(response.problems(0).thing(), "backup 1");
  EXPECT_THAT(response.problems(0).what(), HasSubstr(damaged));
}

TEST_F(AdminServiceTest, ACheckOfABackupThatIsNotThereFails) {
  MakeBackup();
  v1::VerifyBackupsRequest request;
  request.set_name("backups/7");
  v1::Operation operation;
  const grpc::Status status =
      AskToEnd(*admin_, &AdminStub::VerifyBackups, request, &operation);
  EXPECT_EQ(operation.state(), v1::Operation::FAILED);
  EXPECT_EQ(operation.subject(), "backups/7");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "BACKUP_NOT_FOUND");
}

TEST_F(AdminServiceTest, WithoutADirectoryBackupsSayHowToSetOne) {
  server_.reset();
  maintenance_ =
      std::make_unique<Maintenance>(store_.get(), Maintenance::Options());
  StartServer(4, 100);
  v1::Operation operation;
  const grpc::Status status = Ask(*admin_, &AdminStub::CreateBackup,
                                  v1::CreateBackupRequest(), &operation);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "NO_BACKUP_DIRECTORY");
  EXPECT_THAT(status.error_message(), HasSubstr("--backup-dir"));
}

}  // namespace
}  // namespace headway::service
