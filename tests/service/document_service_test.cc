// Raw documents and replays over a real channel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/support/files.h"
#include "tests/support/plugin_scripts.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Plugins = v1::PluginService::Stub;

class DocumentServiceTest : public ServerTest {
 protected:
  // Ships that are counted from a table, wrongly by a factor.
  void InstallPlugin(int factor) {
    WriteExecutable(directory_.Join("plugins/ships"),
                    PythonPlugin("ships", absl::StrCat(R"(
replay = os.environ.get('HEADWAY_HTTP_REPLAY')
if replay:
    with open(replay + '/table') as file:
        count = int(file.read())
else:
    count = 7
    record = os.environ['HEADWAY_HTTP_RECORD']
    for name, text in (('note', 'x' * 3000000), ('table', str(count))):
        with open(record + '/' + name, 'w') as file:
            file.write(text)
define(metric='ships', unit='1')
observe({'2024-01': count * )",
                                                       factor, R"(})
checkpoint()
)")));
  }

  v1::ListDocumentsResponse List(int page_size = 0,
                                 const std::string& token = "") {
    v1::ListDocumentsRequest request;
    request.set_source("ship-count");
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::ListDocumentsResponse response;
    const grpc::Status status =
        Ask(*plugin_service_, &Plugins::ListDocuments, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  grpc::Status Replay(const v1::ReplaySourceRequest& request,
                      v1::ReplaySourceResponse* response) {
    v1::Operation operation;
    grpc::Status status =
        AskToEnd(*plugin_service_, &Plugins::ReplaySource, request, &operation);
    *response = operation.replay_source();
    return status;
  }

  grpc::Status ReadPart(const std::string& name, int64_t offset,
                        v1::ReadDocumentResponse* response) {
    v1::ReadDocumentRequest request;
    request.set_name(name);
    request.set_offset(offset);
    return Ask(*plugin_service_, &Plugins::ReadDocument, request, response);
  }
};

TEST_F(DocumentServiceTest, ListsDocumentsNewestPullFirstOverPages) {
  InstallPlugin(1);
  const v1::Run first = RunToEnd("pipelines/harbour");
  clock_.Advance(absl::Hours(1));
  const v1::Run second = RunToEnd("pipelines/harbour");
  std::vector<std::string> listed;
  std::string token;
  do {
    const v1::ListDocumentsResponse page = List(1, token);
    for (const v1::Document& document : page.documents()) {
      listed.push_back(absl::StrCat(document.run(), " ", document.address()));
    }
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(listed,
              ElementsAre(second.name() + " note", second.name() + " table",
                          first.name() + " note", first.name() + " table"));
}

TEST_F(DocumentServiceTest, SaysWhatIsKnownOfADocument) {
  InstallPlugin(1);
  const v1::Run run = RunToEnd("pipelines/harbour");
  const v1::Document document = List().documents(1);
  // SHA-256 of "7".
  EXPECT_EQ(document.name(),
            "documents/"
            "7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451");
  EXPECT_EQ(document.size(), 1);
  EXPECT_GT(document.stored_size(), 0);
  EXPECT_EQ(document.run(), run.name());
  EXPECT_EQ(document.plugin_version(), "1.2");
  EXPECT_EQ(document.fetch_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_EQ(document.pull_error(), "");
}

TEST_F(DocumentServiceTest, ReadsADocumentInParts) {
  InstallPlugin(1);
  RunToEnd("pipelines/harbour");
  const std::string name = List().documents(0).name();
  v1::ReadDocumentResponse first, second, end;
  ASSERT_TRUE(ReadPart(name, 0, &first).ok());
  EXPECT_EQ(first.size(), 3000000);
  EXPECT_EQ(first.data().size(), size_t{2} << 20);
  ASSERT_TRUE(ReadPart(name, 2 << 20, &second).ok());
  EXPECT_EQ(first.data() + second.data(), std::string(3000000, 'x'));
  ASSERT_TRUE(ReadPart(name, 3000000, &end).ok());
  EXPECT_EQ(end.data(), "");
  EXPECT_EQ(ViolationOf(ReadPart(name, 3000001, &end)),
            "offset: must be 0 to 3000000, the document's size, is 3000001");
}

TEST_F(DocumentServiceTest, RefusesWhatIsNoHash) {
  v1::ReadDocumentResponse response;
  for (const std::string& name :
       {std::string("documents/abc"), "documents/" + std::string(64, 'g')}) {
    EXPECT_THAT(ViolationOf(ReadPart(name, 0, &response)), StartsWith("name: "))
        << name;
  }
  const grpc::Status status =
      ReadPart("documents/" + std::string(64, '0'), 0, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "DOCUMENT_NOT_FOUND");
}

TEST_F(DocumentServiceTest, ReplaysTheRunThatIsNamed) {
  InstallPlugin(10);
  const v1::Run run = RunToEnd("pipelines/harbour");
  clock_.Advance(absl::Hours(1));
  InstallPlugin(1);
  v1::ReplaySourceRequest request;
  request.set_source("ship-count");
  request.set_run(run.name());
  request.set_dry_run(true);
  v1::ReplaySourceResponse dry, wet;
  ASSERT_TRUE(Replay(request, &dry).ok());
  request.set_dry_run(false);
  const grpc::Status status = Replay(request, &wet);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(wet.replays_size(), 1);
  EXPECT_EQ(dry.SerializeAsString(), wet.SerializeAsString());
  const v1::Replay& replay = wet.replays(0);
  EXPECT_EQ(replay.run(), run.name());
  EXPECT_EQ(replay.observations_read(), 1);
  EXPECT_EQ(replay.values_changed(), 1);
  ASSERT_EQ(replay.changes_size(), 1);
  EXPECT_EQ(replay.changes(0).series_key(), "ships{}");
  EXPECT_EQ(replay.changes(0).period(), "2024-01");
  EXPECT_EQ(replay.changes(0).before(), 70);
  EXPECT_EQ(replay.changes(0).after(), 7);
}

TEST_F(DocumentServiceTest, SaysWhatIsWrongWithAReplay) {
  v1::ReplaySourceRequest request;
  v1::ReplaySourceResponse response;
  EXPECT_THAT(ViolationOf(Replay(request, &response)), StartsWith("source: "));
  request.set_source("ship-cuont");
  EXPECT_EQ(ReasonOf(Replay(request, &response)), "SOURCE_NOT_FOUND");
  request.set_source("ship-count");
  request.set_run("yesterday");
  EXPECT_THAT(ViolationOf(Replay(request, &response)), StartsWith("run: "));
  *request.mutable_at() = Midnight("2024-01-01");
  const grpc::Status status = Replay(request, &response);
  EXPECT_EQ(ReasonOf(status), "PULL_NOT_FOUND");
  EXPECT_THAT(status.error_message(),
              AllOf(HasSubstr("ship-count"), HasSubstr("kept")));
}

}  // namespace
}  // namespace headway::service
