#include "daemon/ingest/protocol/redaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace headway::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(RedactorTest, StrikesOutSecretsAsTheyAreAndEncoded) {
  Redactor redactor({"p@ss\"word"});
  EXPECT_EQ(redactor.Clean("key=p@ss\"word!"), "key=***!");
  EXPECT_EQ(redactor.Clean("GET /?key=p%40ss%22word"), "GET /?key=***");
  EXPECT_EQ(redactor.Clean("line \"p@ss\\\"word\""), "line \"***\"");
}

TEST(RedactorTest, StrikesOutTheLongerOfTwoSecrets) {
  EXPECT_EQ(Redactor({"abc", "abcdef"}).Clean("abcdef abc"), "*** ***");
}

TEST(RedactorTest, StrikesOutEachLineOfALongSecret) {
  Redactor redactor({"BEGIN KEY\n0123456789\nEND KEY"});
  EXPECT_THAT(redactor.Clean("it read 0123456789 from the key"),
              Not(HasSubstr("0123456789")));
}

TEST(RedactorTest, LeavesTextWithoutSecretsAlone) {
  EXPECT_EQ(Redactor({""}).Clean("Ünlaute stay"), "Ünlaute stay");
}

TEST(RedactorTest, MakesTextPrintable) {
  EXPECT_EQ(Redactor().Clean("a\x1b[31m\xff"
                             "b\xed\xa0\x80"),
            "a [31m?b???");
}

TEST(RedactorTest, CutsLongText) {
  EXPECT_LT(Redactor().Clean(std::string(5000, 'x')).size(), 1010u);
}

// A secret that straddles the place where Quote cuts must not show in part.
TEST(RedactorTest, ShowsNoPartOfASecretThatQuotingCut) {
  Redactor redactor({"0123456789abcdef"});
  for (size_t before : {4080u, 4085u, 4090u, 990u, 995u}) {
    const std::string quoted =
        Quote(absl::StrCat(std::string(before, 'x'), "0123456789abcdef"));
    EXPECT_THAT(redactor.Clean(quoted), Not(HasSubstr("012"))) << before;
  }
}

TEST(RedactorTest, CleansAStatusAndKeepsItsPayload) {
  absl::Status status = absl::InternalError("token t0k3n");
  status.SetPayload("url", absl::Cord("kept"));
  absl::Status cleaned = Redactor({"t0k3n"}).Clean(status);
  EXPECT_EQ(cleaned.message(), "token ***");
  EXPECT_EQ(cleaned.GetPayload("url"), absl::Cord("kept"));
}

TEST(LogTailTest, JoinsBytesIntoLinesAndEndsTheLast) {
  Redactor redactor;
  LogTail tail(&redactor);
  tail.Append("one\ntw");
  tail.Append("o\n\nthree");
  tail.Finish();
  EXPECT_THAT(tail.lines(), ElementsAre("one", "two", "three"));
  EXPECT_EQ(tail.Last(2), "two | three");
}

TEST(LogTailTest, FindsASecretThatCameInTwoPieces) {
  Redactor redactor({"s3cret"});
  LogTail tail(&redactor);
  tail.Append("my s3c");
  tail.Append("ret\n");
  EXPECT_THAT(tail.lines(), ElementsAre("my ***"));
}

TEST(LogTailTest, KeepsTheLastFiftyLines) {
  Redactor redactor;
  LogTail tail(&redactor);
  for (int i = 0; i < 200; ++i) tail.AddLine(absl::StrCat("line ", i));
  EXPECT_EQ(tail.lines().size(), 50u);
  EXPECT_EQ(tail.lines().back(), "line 199");
}

}  // namespace
}  // namespace headway::ingest
