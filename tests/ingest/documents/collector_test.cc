// What a pull keeps of the documents that its plugin fetched.
#include "daemon/ingest/documents/collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/ingest/protocol/recording.h"
#include "daemon/store/documents.h"
#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;

// `directory` and keep(name, text) for documents, in front of a Python body.
constexpr char kKeep[] = R"(
directory = os.environ.get('HEADWAY_HTTP_RECORD', '')
def keep(name, text):
    with open(os.path.join(directory, name), 'w') as file:
        file.write(text)
def record(name, **more):
    keep(name, json.dumps({'url': 'https://x/1', 'status': 200, 'headers': {},
                           'body': 'abc', **more}))
def deliver():
    define()
    observe({'2024-01': 1})
    checkpoint('next')
)";

class DocumentsTest : public PluginTest {
 protected:
  absl::StatusOr<PullReport> PullKeeping(absl::string_view body,
                                         absl::string_view more = "") {
    Install("p", PythonPlugin("p", absl::StrCat(kKeep, body), more));
    Source source = MakeSource("p");
    source.documents = policy_;
    return host_->Pull(source, "runs/1", observer_);
  }

  std::vector<store::Pull> Pulls() {
    auto pulls = store_->documents().ListPulls("src");
    EXPECT_TRUE(pulls.ok()) << pulls.status();
    return pulls.value_or(std::vector<store::Pull>());
  }

  // Of the newest pull.
  std::vector<store::Document> Documents() {
    const std::vector<store::Pull> pulls = Pulls();
    if (pulls.empty()) return {};
    auto documents =
        store_->documents().ListDocuments("src", pulls[0].start_time);
    EXPECT_TRUE(documents.ok()) << documents.status();
    return documents.value_or(std::vector<store::Document>());
  }

  std::vector<std::string> Files() {
    std::vector<std::string> files;
    for (const store::Document& document : Documents()) {
      files.push_back(document.file);
    }
    return files;
  }

  std::string Body(const store::Document& document) {
    auto body = store_->documents().GetBody(document.hash);
    return body.ok() ? *body : body.status().ToString();
  }

  DocumentPolicy policy_;
  PullObserver observer_;
};

TEST_F(DocumentsTest, KeepsAFileThatAScriptWritesUnderItsName) {
  auto report = PullShell(
      absl::StrCat("printf 'a,b\\n' > \"$HEADWAY_HTTP_RECORD/table.csv\"\n",
                   kSeries, "\n", kOnePoint, "\n", kCheckpoint));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->log, IsEmpty());
  const std::vector<store::Document> documents = Documents();
  ASSERT_THAT(documents, SizeIs(1));
  EXPECT_EQ(documents[0].file, "table.csv");
  EXPECT_EQ(documents[0].address, "table.csv");
  EXPECT_EQ(documents[0].status, 0);
  EXPECT_EQ(documents[0].fetched_at, clock_.Now());
  EXPECT_EQ(Body(documents[0]), "a,b\n");
}

TEST_F(DocumentsTest, KeepsWhatARecordingHolds) {
  ASSERT_TRUE(PullKeeping(R"(
record('1.json', status=203, headers={'Content-Type': 'text/csv', 'etag': 'e'})
record('2.json', url='https://x/2', body='tail')
deliver()
)")
                  .ok());
  const std::vector<store::Document> documents = Documents();
  ASSERT_THAT(documents, SizeIs(2));
  EXPECT_EQ(documents[0].address, "https://x/1");
  EXPECT_EQ(documents[0].status, 203);
  EXPECT_EQ(documents[0].media_type(), "text/csv");
  EXPECT_EQ(documents[0].headers.at("etag"), "e");
  EXPECT_EQ(Body(documents[0]), "abc");
  EXPECT_EQ(Body(documents[1]), "tail");
}

TEST_F(DocumentsTest, KeepsWhatThePullBeganWithAndCameTo) {
  const char body[] = R"(
record('1.json')
define()
observe({'2024-01': 1, '2024-02': 2})
checkpoint('a1', stream='a')
checkpoint('b1', stream='b')
)";
  ASSERT_TRUE(PullKeeping(body).ok());
  const absl::Time first = clock_.Now();
  clock_.Advance(absl::Hours(1));
  ASSERT_TRUE(PullKeeping(body).ok());
  const std::vector<store::Pull> pulls = Pulls();
  ASSERT_THAT(pulls, SizeIs(2));
  EXPECT_EQ(pulls[0].start_time, first + absl::Hours(1));
  EXPECT_EQ(pulls[0].run, "runs/1");
  EXPECT_EQ(pulls[0].plugin, "p");
  EXPECT_EQ(pulls[0].plugin_version, "1.2");
  EXPECT_EQ(pulls[0].plugin_hash, host_->GetPlugin("p")->hash);
  EXPECT_THAT(pulls[0].checkpoints,
              ElementsAre(Pair("a", "a1"), Pair("b", "b1")));
  EXPECT_THAT(pulls[0].commits,
              ElementsAre(Pair("a", clock_.Now()), Pair("b", clock_.Now())));
  EXPECT_EQ(pulls[0].observations, 2);
  EXPECT_TRUE(pulls[0].ended);
  EXPECT_EQ(pulls[0].error, "");
  EXPECT_THAT(pulls[1].checkpoints, IsEmpty());
}

TEST_F(DocumentsTest, KeepsTheDocumentsOfAPullWhosePluginFails) {
  EXPECT_FALSE(PullKeeping(R"(
record('1.json', body='<html>moved</html>')
say({'error': {'class': 'SYSTEM', 'message': 'no table in it'}})
sys.exit(1)
)")
                   .ok());
  const std::vector<store::Document> documents = Documents();
  ASSERT_THAT(documents, SizeIs(1));
  EXPECT_EQ(Body(documents[0]), "<html>moved</html>");
  EXPECT_THAT(Pulls()[0].error, HasSubstr("no table in it"));
}

TEST_F(DocumentsTest, KeepsTheDocumentsOfAPullWhosePluginIsKilled) {
  EXPECT_FALSE(
      PullKeeping("record('1.json')\nos.kill(os.getpid(), signal.SIGKILL)")
          .ok());
  EXPECT_THAT(Files(), ElementsAre("1.json"));
}

TEST_F(DocumentsTest, StoresDocumentsBeforeTheDataThatTheyLedTo) {
  std::vector<std::string> seen;
  observer_.on_progress = [&](std::optional<double>, absl::string_view) {
    seen = Files();
    EXPECT_EQ(store_->last_commit(), store_->last_series_commit());
  };
  ASSERT_TRUE(PullKeeping(R"(
record('1.json')
deliver()
say({'progress': {'done': 1}})
)")
                  .ok());
  EXPECT_THAT(seen, ElementsAre("1.json"));
}

TEST_F(DocumentsTest, KeepsBothOfTwoAnswersUnderOneNameBetweenCheckpoints) {
  ASSERT_TRUE(PullKeeping(R"(
record('1.json', body='first')
checkpoint()
while os.path.exists(os.path.join(directory, '1.json')):
    time.sleep(0.001)
record('1.json', body='second')
checkpoint()
)")
                  .ok());
  const std::vector<store::Document> documents = Documents();
  ASSERT_THAT(documents, SizeIs(2));
  EXPECT_EQ(Body(documents[0]), "first");
  EXPECT_EQ(Body(documents[1]), "second");
}

TEST_F(DocumentsTest, TakesNothingAtACheckpointThatIsStillBeingWritten) {
  ASSERT_TRUE(PullKeeping(R"(
with open(os.path.join(directory, '1.json'), 'w') as one, \
     open(os.path.join(directory, '2.csv'), 'w') as two:
    one.write('{"url": "https://x/1", "status": 200,')
    one.flush()
    two.write('a,')
    two.flush()
    record('0.json')
    checkpoint()
    while os.path.exists(os.path.join(directory, '0.json')):
        time.sleep(0.001)
    one.write('"headers": {}, "body": "abc"}')
    two.write('b')
)")
                  .ok());
  const std::vector<store::Document> documents = Documents();
  ASSERT_THAT(documents, SizeIs(3));
  EXPECT_EQ(documents[1].address, "https://x/1");
  EXPECT_EQ(Body(documents[1]), "abc");
  EXPECT_EQ(Body(documents[2]), "a,b");
}

TEST_F(DocumentsTest, LeavesNoTraceOfAPullWithoutDocuments) {
  ASSERT_TRUE(PullKeeping("deliver()").ok());
  EXPECT_THAT(Pulls(), IsEmpty());
}

TEST_F(DocumentsTest, KeepsNothingWhereTheSourceSaysSo) {
  policy_.disabled = true;
  auto report = PullKeeping(R"(
say({'log': {'message': 'directory "' + directory + '"'}})
deliver()
)");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->log, ElementsAre("directory \"\""));
  EXPECT_THAT(Pulls(), IsEmpty());
}

TEST_F(DocumentsTest, StrikesSecretsOutOfWhatIsSaidOfADocument) {
  ASSERT_EQ(setenv("DOCUMENTS_TEST_KEY", "k3y/&", 1), 0);
  ASSERT_TRUE(PullKeeping(R"(
record('1.json', url='https://user:pass@x/a@b?key=k3y%2F%26&to=me@home',
       headers={'link': '<https://x/2?key=k3y/&>', 'set-cookie': 'id=1'})
deliver()
)",
                          R"(,"secrets":[{"name":"DOCUMENTS_TEST_KEY"}])")
                  .ok());
  unsetenv("DOCUMENTS_TEST_KEY");
  const std::vector<store::Document> documents = Documents();
  ASSERT_THAT(documents, SizeIs(1));
  EXPECT_EQ(documents[0].address, "https://***@x/a@b?key=***&to=me@home");
  EXPECT_THAT(documents[0].headers,
              ElementsAre(Pair("link", "<https://x/2?key=***>")));
}

TEST_F(DocumentsTest, RetentionIsEnforcedAfterThePull) {
  policy_.keep = absl::Hours(24);
  ASSERT_TRUE(PullKeeping("record('1.json')\ndeliver()").ok());
  clock_.Advance(absl::Hours(25));
  ASSERT_TRUE(PullKeeping("record('2.json')\ndeliver()").ok());
  EXPECT_THAT(Pulls(), SizeIs(1));
  policy_.keep_bytes = 1;
  ASSERT_TRUE(PullKeeping("record('3.json')\ndeliver()").ok());
  EXPECT_THAT(Pulls(), IsEmpty());
}

// ---- What a plugin must not get away with ----

TEST_F(DocumentsTest, NotesADocumentThatIsTooLargeAndGoesOn) {
  policy_.max_document_bytes = 1000;
  auto report = PullKeeping(R"(
keep('large.csv', 'x' * 1001)
keep('largest.csv', 'x' * 1000)
record('body.json', body='y' * 1001)
os.truncate(os.open(os.path.join(directory, 'huge.csv'), os.O_CREAT | os.O_RDWR),
            1 << 28)
deliver()
)");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->observations_changed, 1);
  const std::vector<store::Document> documents = Documents();
  ASSERT_THAT(documents, SizeIs(4));
  EXPECT_EQ(documents[0].address, "https://x/1");
  EXPECT_EQ(documents[0].not_kept, "it has 1001 bytes, more than 1000");
  EXPECT_EQ(documents[1].not_kept, "it has 268435456 bytes, more than 1000");
  EXPECT_EQ(documents[2].not_kept, "it has 1001 bytes, more than 1000");
  EXPECT_EQ(documents[2].hash, "");
  EXPECT_EQ(documents[3].not_kept, "");
  EXPECT_THAT(report->log, Contains("warning: document \"large.csv\" was not "
                                    "kept: it has 1001 bytes, more than 1000"));
}

TEST_F(DocumentsTest, NotesDocumentsBeyondTheBytesOfAPull) {
  policy_.max_pull_bytes = 1000;
  ASSERT_TRUE(PullKeeping(R"(
keep('1', 'x' * 600)
keep('2', 'y' * 600)
keep('3', 'z' * 400)
deliver()
)")
                  .ok());
  const std::vector<store::Document> documents = Documents();
  ASSERT_THAT(documents, SizeIs(3));
  EXPECT_EQ(documents[0].size, 600);
  EXPECT_THAT(documents[1].not_kept, HasSubstr("more than 1000 bytes"));
  EXPECT_EQ(documents[2].size, 400);
}

TEST_F(DocumentsTest, KeepsNoMoreThanSoManyDocumentsOfTenThousand) {
  auto report = PullKeeping(R"(
for i in range(10000):
    keep('%05d' % i, 'x')
deliver()
)");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(Documents(), SizeIs(kMaxDocuments));
  EXPECT_THAT(report->log,
              ElementsAre(HasSubstr("more than 2000 in one pull")));
}

TEST_F(DocumentsTest, FollowsNoLinksAndReadsNoSpecialFiles) {
  const std::string secret = directory_.Join("secret");
  WriteFile(secret, "s3cret");
  auto report =
      PullKeeping(absl::StrCat(R"(
os.symlink(')",
                               secret, R"(', os.path.join(directory, 'link'))
os.mkfifo(os.path.join(directory, 'fifo'))
os.mkdir(os.path.join(directory, 'folder'))
keep('folder/inside', 'x')
import socket
socket.socket(socket.AF_UNIX).bind(os.path.join(directory, 'socket'))
keep('good', 'x')
deliver()
)"));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(Files(), ElementsAre("good"));
  EXPECT_THAT(
      report->log,
      ElementsAre("warning: document \"fifo\" was not kept: it is not a "
                  "regular file",
                  "warning: document \"folder\" was not kept: it is not a "
                  "regular file",
                  "warning: document \"link\" was not kept: it is a symbolic "
                  "link",
                  StartsWith("warning: document \"socket\" was not kept: ")));
  EXPECT_EQ(ReadFile(secret), "s3cret");
}

TEST_F(DocumentsTest, ReadsNoOtherDirectoryThatIsPutInThePlaceOfItsOwn) {
  const std::string other = directory_.Join("other");
  std::filesystem::create_directory(other);
  WriteFile(other + "/secret", "s3cret");
  ASSERT_TRUE(PullKeeping(absl::StrCat(R"(
os.rmdir(directory)
os.symlink(')",
                                       other, R"(', directory)
deliver()
)"))
                  .ok());
  EXPECT_THAT(Pulls(), IsEmpty());
  EXPECT_EQ(ReadFile(other + "/secret"), "s3cret");
}

TEST_F(DocumentsTest, WritesNothingOutsideTheDirectoryOfAReplay) {
  // Only names without a way out of a directory are taken.
  auto report = PullKeeping(R"(
for name in ('..name', '.hidden', 'a b', 'a\n', 'n\u00e4me', 'x' * 201):
    keep(name, 'x')
deliver()
)");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(Pulls(), IsEmpty());
  EXPECT_THAT(report->log, AllOf(SizeIs(6), Each(StartsWith("warning: "))));
}

TEST_F(DocumentsTest, LeavesAFileThatIsBeingWritten) {
  ASSERT_TRUE(PullKeeping("keep('1.json.part', '{')\ndeliver()").ok());
  EXPECT_THAT(Pulls(), IsEmpty());
}

// ---- Recordings ----

TEST(RecordingTest, GivesBackWhatWasWritten) {
  const Recording recording = {
      "https://x/\"1\"", 404, {{"etag", "\"e\""}}, std::string("\xff\0\n", 3)};
  EXPECT_EQ(ParseRecording(FormatRecording(recording)), recording);
}

TEST(RecordingTest, TakesABodyAsTextOrAsBase64) {
  const std::string head = R"({"url":"u","status":200,"headers":{"A":"b"},)";
  const Recording recording = {"u", 200, {{"a", "b"}}, "\xc3\xa9"};
  EXPECT_EQ(ParseRecording(head + R"("body":"é"})"), recording);
  EXPECT_EQ(ParseRecording(head + R"("body_base64":"w6k="})"), recording);
}

TEST(RecordingTest, AnythingElseIsNone) {
  const std::string bomb(1 << 20, '[');
  for (const std::string& text : std::vector<std::string>{
           "", "{}", "[]", "7", "{\"url\":", bomb,
           absl::StrCat("{\"url\":", bomb),
           R"({"url":"u","status":200,"headers":{}})",
           R"({"status":200,"headers":{},"body":"x"})",
           R"({"url":"u","status":-1,"headers":{},"body":"x"})",
           R"({"url":"u","status":1000,"headers":{},"body":"x"})",
           R"({"url":"u","status":200,"headers":{"a":[]},"body":"x"})",
           R"({"url":"u","status":200,"headers":{"a":{}},"body":"x"})",
           R"({"url":"u","status":200,"body":"x","body_base64":"eA=="})",
           R"({"url":"u","status":200,"body_base64":"?"})",
           R"({"url":"u","status":200,"body":"x","rows":[1,2]})",
           R"({"url":"u","status":200,"body":"x"} more)"}) {
    EXPECT_EQ(ParseRecording(text), std::nullopt) << text.substr(0, 80);
  }
}

}  // namespace
}  // namespace headway::ingest
