// Raw documents: one copy of each, kept as long as the retention says, whole
// after a crash.
#include "daemon/store/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/document.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// SHA-256 of "abc", from FIPS 180-2.
constexpr char kHashOfAbc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

// Text that does not compress to less than half of its length.
std::string Noise(size_t size, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

DocumentArchive::Fetched Fetched(absl::string_view address,
                                 absl::string_view body) {
  Document document;
  document.fetched_at = At("2024-02-01");
  document.file = absl::StrCat(address, ".json");
  document.address = std::string(address);
  document.status = 200;
  document.headers = {{"content-type", "text/csv"}, {"etag", "\"1\""}};
  return {document, std::string(body)};
}

// Every key of a family in the store in `directory`, which must be closed.
std::vector<std::string> Keys(const std::string& directory, Family family) {
  auto engine = Store::OpenEngine(directory, {});
  EXPECT_TRUE(engine.ok()) << engine.status();
  std::vector<std::string> keys;
  auto view = (*engine)->NewView();
  const std::unique_ptr<Cursor> it = view->NewCursor(family);
  for (it->SeekToFirst(); it->Valid(); it->Next()) keys.emplace_back(it->key());
  EXPECT_TRUE(it->status().ok()) << it->status();
  return keys;
}

class DocumentsTest : public StoreTest {
 protected:
  DocumentArchive& archive() { return store_->documents(); }

  Pull PullAt(absl::string_view day, absl::string_view source = "census") {
    Pull pull;
    pull.source = std::string(source);
    pull.start_time = At(day);
    pull.end_time = At(day) + absl::Minutes(1);
    pull.run = absl::StrCat("pipelines/trade/runs/", day);
    return pull;
  }

  // Stores a whole pull of these bodies.
  Pull Store(absl::string_view day, const std::vector<std::string>& bodies,
             absl::string_view source = "census") {
    Pull pull = PullAt(day, source);
    std::vector<DocumentArchive::Fetched> documents;
    for (const std::string& body : bodies) {
      documents.push_back(
          Fetched(absl::StrCat("https://x/", documents.size()), body));
    }
    const absl::Status status = archive().Put(documents, &pull);
    EXPECT_TRUE(status.ok()) << status;
    return pull;
  }

  std::vector<Document> Documents(const Pull& pull) {
    auto documents = archive().ListDocuments(pull.source, pull.start_time);
    EXPECT_TRUE(documents.ok()) << documents.status();
    return documents.value_or(std::vector<Document>());
  }

  std::vector<std::string> Days(absl::string_view source = "census") {
    auto pulls = archive().ListPulls(source);
    EXPECT_TRUE(pulls.ok()) << pulls.status();
    std::vector<std::string> days;
    for (const Pull& pull : *pulls) {
      days.push_back(
          absl::FormatTime("%Y-%m-%d", pull.start_time, absl::UTCTimeZone()));
    }
    return days;
  }

  RetentionResult Enforce(const Retention& retention,
                          absl::string_view source = "census") {
    auto result = archive().Enforce(source, retention);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.value_or(RetentionResult());
  }

  std::string Body(const Pull& pull, size_t index = 0) {
    auto body = archive().GetBody(Documents(pull).at(index).hash);
    return body.ok() ? *body : body.status().ToString();
  }
};

TEST_F(DocumentsTest, GivesBackBodiesByteForByteUnderTheirSha256) {
  const std::string binary = Noise(100000, 1) + std::string("\0\n", 2);
  const Pull pull = Store("2024-02-01", {"abc", "", binary});
  const std::vector<Document> documents = Documents(pull);
  ASSERT_THAT(documents, SizeIs(3));
  EXPECT_EQ(documents[0].hash, kHashOfAbc);
  EXPECT_EQ(documents[2].size, 100002);
  EXPECT_EQ(Body(pull, 0), "abc");
  EXPECT_EQ(Body(pull, 1), "");
  EXPECT_EQ(Body(pull, 2), binary);
}

TEST_F(DocumentsTest, KeepsWhatIsSaidOfAPullAndItsDocuments) {
  Pull pull = PullAt("2024-02-01");
  pull.ended = true;
  pull.plugin = "census";
  pull.plugin_version = "1.2";
  pull.plugin_hash = "ab";
  pull.checkpoints = {{"", "2024-01"}, {"b", ""}};
  pull.commits = {{"b", At("2024-02-01")}, {"", At("2024-02-02")}};
  pull.observations = 7;
  pull.error = "line 3 is no number";
  DocumentArchive::Fetched kept = Fetched("https://x/1", "abc");
  DocumentArchive::Fetched too_large;
  too_large.document.file = "large";
  too_large.document.fetched_at = At("2024-02-01");
  too_large.document.not_kept = "too large";
  ASSERT_TRUE(archive().Put({kept, too_large}, &pull).ok());
  EXPECT_EQ(pull.documents, 2);
  Open();
  auto pulls = archive().ListPulls("census");
  ASSERT_TRUE(pulls.ok()) << pulls.status();
  EXPECT_THAT(*pulls, ElementsAre(pull));
  const std::vector<Document> documents = Documents(pull);
  ASSERT_THAT(documents, SizeIs(2));
  kept.document.hash = kHashOfAbc;
  kept.document.size = 3;
  kept.document.stored_size = documents[0].stored_size;
  EXPECT_EQ(documents[0], kept.document);
  EXPECT_EQ(documents[0].media_type(), "text/csv");
  EXPECT_EQ(documents[1], too_large.document);
}

TEST_F(DocumentsTest, KeepsOneCopyHoweverOftenADocumentWasFetched) {
  const std::string body = Noise(10000, 2);
  for (int day = 1; day <= 9; ++day) {
    Store(absl::StrCat("2024-02-0", day), {body, body});
    Store(absl::StrCat("2024-02-0", day), {body}, "other");
  }
  const std::string path = directory_.path();
  store_.reset();
  EXPECT_THAT(Keys(path, Family::kBodies), SizeIs(1));
  EXPECT_THAT(Keys(path, Family::kDocuments), SizeIs(27));
}

TEST_F(DocumentsTest, CompressesBodies) {
  std::string table = "period,value\n";
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&table, "2024-01,1.25\n");
  const Pull pull = Store("2024-02-01", {table});
  EXPECT_LT(Documents(pull)[0].stored_size, 1000);
  EXPECT_EQ(Body(pull), table);
}

TEST_F(DocumentsTest, ListsThePullsOfASourceNewestFirstOverPages) {
  for (const char* day : {"2024-02-02", "2024-02-03", "2024-02-01"}) {
    Store(day, {day});
    // A name that begins with the other's.
    Store("2024-03-01", {day}, "census2");
  }
  EXPECT_THAT(Days(), ElementsAre("2024-02-03", "2024-02-02", "2024-02-01"));
  auto page = archive().ListPulls("census", At("2024-02-03"), 1);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_THAT(*page, SizeIs(1));
  EXPECT_EQ((*page)[0].start_time, At("2024-02-02"));
}

TEST_F(DocumentsTest, TellsPullsApartWhenTheClockStandsStillOrIsSetBack) {
  Store("2024-02-02", {"a"});
  for (const char* now : {"2024-02-02", "2024-01-01"}) {
    auto start = archive().NextStartTime("census", At(now));
    ASSERT_TRUE(start.ok()) << start.status();
    EXPECT_EQ(*start, At("2024-02-02") + absl::Microseconds(1));
  }
  EXPECT_EQ(*archive().NextStartTime("census", At("2024-02-03")),
            At("2024-02-03"));
}

TEST_F(DocumentsTest, AddsDocumentsToAPullUnderWay) {
  Pull pull = Store("2024-02-01", {"a"});
  ASSERT_TRUE(archive().Put({Fetched("https://x/b", "b")}, &pull).ok());
  EXPECT_EQ(Body(pull, 0), "a");
  EXPECT_EQ(Body(pull, 1), "b");
  EXPECT_EQ(pull.documents, 2);
}

TEST_F(DocumentsTest, RetentionDeletesPullsThatStartedBeforeItsBegin) {
  Store("2024-02-01", {"a"});
  Store("2024-02-02", {"b"});
  Store("2024-02-03", {"c"});
  const RetentionResult result = Enforce({.not_before = At("2024-02-02")});
  EXPECT_EQ(result.pulls, 1);
  EXPECT_EQ(result.bodies, 1);
  EXPECT_THAT(Days(), ElementsAre("2024-02-03", "2024-02-02"));
  EXPECT_EQ(Enforce({.not_before = At("2024-02-02")}), RetentionResult());
}

TEST_F(DocumentsTest, RetentionDeletesTheOldestUntilTheRestFitsItsBytes) {
  for (int day = 1; day <= 4; ++day) {
    Store(absl::StrCat("2024-02-0", day), {Noise(1000, day)});
  }
  const Pull newest = PullAt("2024-02-04");
  const int64_t each = Documents(newest)[0].stored_size;
  EXPECT_EQ(Enforce({.max_bytes = 2 * each}).bytes, 2 * each);
  EXPECT_THAT(Days(), ElementsAre("2024-02-04", "2024-02-03"));
  Enforce({.max_bytes = 2 * each - 1});
  EXPECT_THAT(Days(), ElementsAre("2024-02-04"));
  Enforce({.max_bytes = 0});
  EXPECT_THAT(Days(), IsEmpty());
}

TEST_F(DocumentsTest, RetentionCountsABodyThatOccursTwiceOnce) {
  const std::string body = Noise(1000, 5);
  Store("2024-02-01", {body});
  const Pull newest = Store("2024-02-02", {body, body});
  Enforce({.max_bytes = Documents(newest)[0].stored_size});
  EXPECT_THAT(Days(), ElementsAre("2024-02-02", "2024-02-01"));
}

TEST_F(DocumentsTest, RetentionKeepsABodyThatAnotherPullNames) {
  Store("2024-02-01", {"shared", "own"});
  const Pull newer = Store("2024-02-02", {"shared"});
  EXPECT_EQ(Enforce({.not_before = At("2024-02-02")}).bodies, 1);
  EXPECT_EQ(Body(newer), "shared");
}

TEST_F(DocumentsTest, RetentionKeepsABodyThatAnotherSourceNames) {
  const Pull gone = Store("2024-02-01", {"shared"});
  const Pull other = Store("2024-02-01", {"shared"}, "other");
  const std::string hash = Documents(gone)[0].hash;
  EXPECT_EQ(Enforce({.max_bytes = 0}).bodies, 0);
  EXPECT_EQ(Body(other), "shared");
  EXPECT_EQ(Enforce({.max_bytes = 0}, "other").bodies, 1);
  EXPECT_EQ(archive().GetBody(hash).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(DocumentsTest, AnUnknownHashIsNotFound) {
  EXPECT_EQ(archive().GetBody(kHashOfAbc).status().code(),
            absl::StatusCode::kNotFound);
}

class DamagedDocumentsTest : public DocumentsTest {
 protected:
  // Writes past the archive.
  void Overwrite(Family family, absl::string_view key,
                 absl::string_view value) {
    store_.reset();
    {
      auto engine = Store::OpenEngine(directory_.path(), {});
      ASSERT_TRUE(engine.ok()) << engine.status();
      WriteBatch batch;
      batch.Put(family, key, value);
      ASSERT_TRUE((*engine)->Write(batch).ok());
    }
    Open();
  }
};

TEST_F(DamagedDocumentsTest, ABodyThatDoesNotFitItsHashIsDataLoss) {
  const Pull pull = Store("2024-02-01", {"abc"});
  for (const std::string& value :
       {CompressBody("abd"), CompressBody("abc").substr(1), std::string()}) {
    Overwrite(Family::kBodies, HashOf("abc"), value);
    const absl::Status status = archive().GetBody(kHashOfAbc).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(kHashOfAbc));
  }
}

TEST_F(DamagedDocumentsTest, ADamagedEntryIsDataLoss) {
  const Pull pull = Store("2024-02-01", {"abc"});
  std::string value = EncodePull(pull);
  value.back() ^= 1;
  Overwrite(Family::kPulls, EncodePullKey("census", pull.start_time), value);
  EXPECT_EQ(archive().ListPulls("census").status().code(),
            absl::StatusCode::kDataLoss);
}

// ---- Crashes ----

// Puts and deletes for ever, a byte into `pipe` after each; never returns.
[[noreturn]] void WriteUntilKilled(const std::string& directory, uint64_t seed,
                                   int pipe) {
  SimulatedClock clock(At("2024-01-01"));
  auto store = Store::Open(directory, &clock, {});
  if (!store.ok()) _exit(1);
  DocumentArchive& archive = (*store)->documents();
  std::mt19937_64 random(seed);
  while (true) {
    const std::string source = random() % 2 == 0 ? "a" : "b";
    Pull pull;
    pull.source = source;
    auto start = archive.NextStartTime(source, clock.Now());
    if (!start.ok()) _exit(2);
    pull.start_time = *start;
    for (int part = 0; part < 2; ++part) {
      std::vector<DocumentArchive::Fetched> documents;
      for (uint64_t i = random() % 4; i > 0; --i) {
        // Few bodies, so that many are shared.
        documents.push_back(Fetched("https://x/", Noise(8000, random() % 6)));
      }
      if (!archive.Put(documents, &pull).ok()) _exit(3);
    }
    if (!archive.Enforce(source, {.max_bytes = 20000}).ok()) _exit(4);
    if (write(pipe, "x", 1) != 1) _exit(5);
  }
}

TEST_F(DocumentsTest, EveryNamedBodyIsThereAndNoOtherAfterKillMinusNine) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the thread sanitizer allows no threads after a fork";
#endif
  const std::string path = directory_.path();
  store_.reset();
  std::random_device seeder;
  const uint64_t seed = seeder();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20; ++round) {
    int fds[2];
    ASSERT_EQ(pipe(fds), 0);
    const uint64_t child_seed = random();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) WriteUntilKilled(path, child_seed, fds[1]);
    close(fds[1]);
    char byte;
    for (uint64_t wait = 1 + random() % 20; wait > 0; --wait) {
      ASSERT_EQ(read(fds[0], &byte, 1), 1) << "the writer failed";
    }
    usleep(random() % 3000);  // anywhere within the next round of writes
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(fds[0]);

    std::map<std::string, int> named;
    Open();
    for (const char* source : {"a", "b"}) {
      auto pulls = archive().ListPulls(source);
      ASSERT_TRUE(pulls.ok()) << pulls.status();
      for (const Pull& pull : *pulls) {
        EXPECT_EQ(static_cast<int64_t>(Documents(pull).size()), pull.documents);
        for (const Document& document : Documents(pull)) {
          ++named[document.hash];
          EXPECT_TRUE(archive().GetBody(document.hash).ok());
        }
      }
    }
    store_.reset();
    EXPECT_EQ(Keys(path, Family::kBodies).size(), named.size());
  }
}

}  // namespace
}  // namespace headway::store
