#include "daemon/web/http/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace headway::web {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(SplitTargetTest, TakesAPathWithAndWithoutAQuery) {
  EXPECT_EQ(SplitTarget("/v1/query?expression=a?b")->path, "/v1/query");
  EXPECT_EQ(SplitTarget("/v1/query?expression=a?b")->query, "expression=a?b");
  EXPECT_EQ(SplitTarget("/v1/query")->query, "");
  EXPECT_EQ(SplitTarget("/v1/query")->authority, "");
  // No authority: the path begins with an empty part.
  EXPECT_EQ(SplitTarget("//evil.example/x")->path, "//evil.example/x");
}

TEST(SplitTargetTest, TakesAWholeUrl) {
  const auto parts = SplitTarget("HTTP://localhost:7312/a?b=c");
  EXPECT_EQ(parts->authority, "localhost:7312");
  EXPECT_EQ(parts->path, "/a");
  EXPECT_EQ(parts->query, "b=c");
  EXPECT_EQ(SplitTarget("http://[::1]")->path, "/");
  EXPECT_EQ(SplitTarget("http://evil.example?@localhost/")->authority,
            "evil.example");
  EXPECT_EQ(SplitTarget("http://a@localhost/")->authority, "a@localhost");
}

TEST(SplitTargetTest, RefusesWhatIsNoPath) {
  for (const char* target :
       {"", "*", "v1", "localhost:80", "https://localhost/", "http://",
        "http:///x", "/a#b", "http://a#/"}) {
    EXPECT_THAT(
        SplitTarget(target),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the target: ")))
        << target;
  }
}

TEST(DecodePathTest, UndoesEscapes) {
  EXPECT_EQ(DecodePath("/caf%C3%a9/%25+").value(), "/café/%+");
}

TEST(DecodePathTest, RefusesWhatIsNoText) {
  EXPECT_THAT(DecodePath("/%ff"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "the path: \"/%ff\" is not UTF-8; encode text as UTF-8, "
                       "then each byte as %XX"));
  EXPECT_THAT(DecodePath("/\xff"), StatusIs(absl::StatusCode::kInvalidArgument,
                                            HasSubstr("\"/\\xff\"")));
  // A slash in more bytes than it needs.
  EXPECT_FALSE(DecodePath("/%c0%af").ok());
  EXPECT_THAT(DecodePath("/a%00b"), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("has a NUL")));
}

TEST(DecodePathTest, RefusesEscapesThatAreNone) {
  for (const char* path : {"/%", "/%f", "/%fg", "/%-1", "/% 1", "/%u0041"}) {
    EXPECT_THAT(DecodePath(path), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("write %25")))
        << path;
  }
}

TEST(DecodeQueryTest, HasTheParameters) {
  EXPECT_THAT(*DecodeQuery("expression=2*a+%2B+%C3%A9&as_of=&x&a=b=c&&x=1"),
              ElementsAre(Pair("a", "b=c"), Pair("as_of", ""),
                          Pair("expression", "2*a + é"), Pair("x", ""),
                          Pair("x", "1")));
  EXPECT_THAT(*DecodeQuery(""), IsEmpty());
}

TEST(DecodeQueryTest, NamesTheParameterThatIsNoText) {
  EXPECT_THAT(DecodeQuery("a=1&expression=%ff"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("parameter expression: \"%ff\""),
                             HasSubstr("UTF-8"))));
  EXPECT_THAT(DecodeQuery("filter=%"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("parameter filter: ")));
  EXPECT_THAT(DecodeQuery("%ff=1"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the name of a parameter: \"%ff\"")));
}

TEST(IsLoopbackAuthorityTest, KnowsTheNamesOfThisMachine) {
  for (const char* authority : {"localhost", "LocalHost:7312", "127.0.0.1",
                                "127.0.0.1:80", "[::1]", "[::1]:7312"}) {
    EXPECT_TRUE(IsLoopbackAuthority(authority)) << authority;
  }
  for (const char* authority :
       {"", ":80", "evil.example", "localhost.evil.example",
        "127.0.0.1.evil.example", "evil.example:80", "localhost:evil",
        "a@localhost", "localhost:80@evil.example", "::1", "[::1", "[::1]x",
        "localhost, localhost", "localhost ", "localhost:80:80", "127.1",
        "0.0.0.0", "2130706433"}) {
    EXPECT_FALSE(IsLoopbackAuthority(authority)) << authority;
  }
}

}  // namespace
}  // namespace headway::web
