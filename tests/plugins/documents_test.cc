// Documents and replays of the plugins that ship, with a publisher on the
// loopback: what their SDKs record is what they read again.
#include "daemon/store/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/store/store.h"
#include "tests/support/files.h"
#include "tests/support/http_server.h"
#include "tests/support/plugin_runner.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace headway {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class DocumentsTest : public testing::Test {
 protected:
  DocumentsTest() {
    auto store = store::Store::Open(directory_.path(), &clock_, {});
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
    host_ = std::make_unique<ingest::PluginHost>(
        ingest::PluginHost::Options{
            .directories = {std::string(HEADWAY_BIN_DIR) + "/plugins"}},
        &clock_, store_.get());
  }

  absl::StatusOr<ingest::PullReport> Pull(const ingest::Source& source,
                                          const std::string& run) {
    clock_.Advance(absl::Hours(24));
    return host_->Pull(source, run, {});
  }

  std::vector<store::Document> Documents(const std::string& source) {
    auto pulls = store_->documents().ListPulls(source);
    EXPECT_THAT(pulls, IsOk());
    if (!pulls.ok() || pulls->empty()) return {};
    return *store_->documents().ListDocuments(source, pulls->at(0).start_time);
  }

  TempDirectory directory_;
  SimulatedClock clock_{
      absl::FromCivil(absl::CivilDay(2026, 3, 1), absl::UTCTimeZone())};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ingest::PluginHost> host_;
};

// What a publisher of one table answers, with the validator that it has.
struct Publisher {
  std::string table;
  std::string etag;

  ServedAnswer Answer(const ServedRequest& request) const {
    const auto condition = request.headers.find("if-none-match");
    if (condition != request.headers.end() && condition->second == etag) {
      return {.status = 304, .body = "", .headers = {{"ETag", etag}}};
    }
    return {.body = table,
            .content_type = "text/csv",
            .headers = {{"ETag", etag}, {"Set-Cookie", "id=1"}}};
  }
};

constexpr char kCsv[] =
    "metric,period,value,unit\n"
    "x,2025-11,7,USD\n"
    "x,2025-12,10,USD\n";
constexpr char kEpoch[] =
    "Model,Publication date,Training compute (FLOP),Country\n"
    "A,2026-01-01,1e20,China\n";

class SdkDocumentsTest
    : public DocumentsTest,
      public testing::WithParamInterface<std::pair<const char*, const char*>> {
};

TEST_P(SdkDocumentsTest, ReplaysWhatThePublisherAnsweredWithoutAskingIt) {
  const auto [plugin, table] = GetParam();
  Publisher publisher = {table, "\"1\""};
  HttpServer server(
      [&](const ServedRequest& request) { return publisher.Answer(request); });
  const ingest::Source source = {
      .name = "s",
      .plugin = plugin,
      .config = {{"url", server.url() + "/table.csv"}}};
  auto pulled = Pull(source, "r1");
  ASSERT_THAT(pulled, IsOk());
  ASSERT_GT(pulled->observations_read, 0);
  const std::vector<store::Document> documents = Documents("s");
  ASSERT_THAT(documents, SizeIs(1));
  EXPECT_EQ(documents[0].address, server.url() + "/table.csv");
  EXPECT_EQ(documents[0].status, 200);
  EXPECT_EQ(documents[0].media_type(), "text/csv");
  EXPECT_EQ(documents[0].headers.count("set-cookie"), 0u);
  EXPECT_EQ(*store_->documents().GetBody(documents[0].hash), table);

  // The table has not changed, and has then.
  ASSERT_TRUE(Pull(source, "r2").ok());
  server.Between([&] { publisher = {"gone", "\"2\""}; });
  const size_t asked = server.requests().size();
  for (const ingest::PullChoice& which :
       std::vector<ingest::PullChoice>{{}, {.run = "r1"}}) {
    auto replays = host_->Replay(source, which, false, {});
    ASSERT_THAT(replays, IsOk());
    ASSERT_THAT(*replays, SizeIs(1));
    EXPECT_EQ(replays->at(0).pull.run, "r1");
    EXPECT_EQ(replays->at(0).observations_read, pulled->observations_read);
    EXPECT_THAT(replays->at(0).values, SizeIs(0));
  }
  auto unchanged = host_->Replay(source, {.run = "r2"}, false, {});
  ASSERT_THAT(unchanged, IsOk());
  EXPECT_EQ(unchanged->at(0).observations_read, 0);
  EXPECT_EQ(server.requests().size(), asked);
}

INSTANTIATE_TEST_SUITE_P(InCppAndInPython, SdkDocumentsTest,
                         testing::Values(std::make_pair("csv", kCsv),
                                         std::make_pair("epoch", kEpoch)));

TEST_F(DocumentsTest, LocalFilesAreDocumentsToo) {
  const TempFile file("documents.csv", kCsv);
  const ingest::Source source = {
      .name = "s", .plugin = "csv", .config = {{"url", file.url()}}};
  ASSERT_TRUE(Pull(source, "r1").ok());
  const std::vector<store::Document> documents = Documents("s");
  ASSERT_THAT(documents, SizeIs(1));
  EXPECT_EQ(documents[0].address, file.url());
  EXPECT_EQ(*store_->documents().GetBody(documents[0].hash), kCsv);
  WriteFile(file.path(), "gone");
  auto replays = host_->Replay(source, {}, false, {});
  ASSERT_THAT(replays, IsOk());
  EXPECT_EQ(replays->at(0).observations_read, 2);
}

TEST_F(DocumentsTest, ADocumentThatThePluginCannotReadIsKept) {
  const std::string html = "<html>We have moved</html>";
  HttpServer server([&](const ServedRequest&) {
    return ServedAnswer{.body = html, .content_type = "text/html"};
  });
  EXPECT_FALSE(Pull({.name = "s",
                     .plugin = "csv",
                     .config = {{"url", server.url() + "/x"}}},
                    "r1")
                   .ok());
  const std::vector<store::Document> documents = Documents("s");
  ASSERT_THAT(documents, SizeIs(1));
  EXPECT_EQ(*store_->documents().GetBody(documents[0].hash), html);
}

}  // namespace
}  // namespace headway
