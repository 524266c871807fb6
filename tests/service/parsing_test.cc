// What the services read out of texts: tokens, filters, addresses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/service/calls/filter.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/listen_address.h"

namespace headway::service {
namespace {

using ::testing::HasSubstr;

std::string MessageOf(const absl::Status& status) {
  return std::string(status.message());
}

TEST(PagingTest, TokenGivesTheCursorBack) {
  const std::string cursor("a\0b\xff", 4);
  EXPECT_EQ(
      ParseToken("page_token", MakeToken("scope", cursor), "scope").value(),
      cursor);
}

TEST(PagingTest, TokenIsTheSameInEveryProcess) {
  // Clients keep tokens over restarts: this text, computed elsewhere, must
  // never change.
  EXPECT_EQ(MakeToken("ListSeries\n", "series/7"),
            "OTI0YjY3MjM3ZTg0ZjY0NXNlcmllcy83");
}

TEST(PagingTest, RefusesATokenOfAnotherScopeOrOneThatWasChanged) {
  std::string token = MakeToken("scope", "cursor");
  EXPECT_FALSE(ParseToken("page_token", token, "another").ok());
  token.back() = token.back() == 'A' ? 'B' : 'A';
  EXPECT_FALSE(ParseToken("page_token", token, "scope").ok());
  EXPECT_FALSE(ParseToken("page_token", "", "scope").ok());
  EXPECT_FALSE(ParseToken("page_token", "?", "scope").ok());
}

TEST(PagingTest, SizeHasADefaultAndALimit) {
  EXPECT_EQ(ParsePage(0, "", "scope")->size, 100u);
  EXPECT_EQ(ParsePage(7, "", "scope")->size, 7u);
  EXPECT_EQ(ParsePage(5000, "", "scope")->size, 1000u);
  EXPECT_FALSE(ParsePage(-1, "", "scope").ok());
}

TEST(FilterTest, ParsesTermsWithWordsAndQuotedTexts) {
  const auto terms = ParseFilter(R"( a=x  AND b:"two \"words\"" )");
  ASSERT_TRUE(terms.ok()) << terms.status();
  ASSERT_EQ(terms->size(), 2u);
  EXPECT_EQ((*terms)[0].field, "a");
  EXPECT_EQ((*terms)[0].op, '=');
  EXPECT_EQ((*terms)[0].value, "x");
  EXPECT_EQ((*terms)[0].column, 2);
  EXPECT_EQ((*terms)[1].field, "b");
  EXPECT_EQ((*terms)[1].op, ':');
  EXPECT_EQ((*terms)[1].value, "two \"words\"");
  EXPECT_EQ((*terms)[1].column, 11);
}

TEST(FilterTest, EmptyTextHasNoTerms) {
  EXPECT_TRUE(ParseFilter("  ")->empty());
}

TEST(FilterTest, ErrorsNameTheColumn) {
  const auto error = [](absl::string_view text) {
    return MessageOf(ParseFilter(text).status());
  };
  EXPECT_EQ(error("=x"), "filter: column 1: expected a field's name");
  EXPECT_EQ(error("a x"), "filter: column 2: expected = or : after a");
  EXPECT_EQ(error("a="), "filter: column 3: expected a value");
  EXPECT_EQ(error("a=\"x"), "filter: column 3: the quotes are not closed");
  EXPECT_EQ(error("a=x AND"), "filter: column 8: expected a field's name");
  EXPECT_THAT(error("a=x OR b=y"), HasSubstr("column 5: expected AND"));
}

TEST(ListenAddressTest, ParsesLoopbackAndUnixSockets) {
  for (const char* text :
       {"127.0.0.1:7311", "127.9.9.9:0", "[::1]:7311", "unix:/run/x.sock"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->ToString(), text);
  }
  EXPECT_EQ(ParseListenAddress("localhost:1")->ToString(), "127.0.0.1:1");
}

TEST(ListenAddressTest, RefusesPublicAddressesAndSaysWhy) {
  for (const char* text : {"0.0.0.0:7311", "[::]:7311", "192.0.2.1:7311",
                           "10.0.0.1:7311", "example.org:7311", ":7311",
                           "[::ffff:127.0.0.1]:7311", "127.0.0.1.evil:1"}) {
    EXPECT_THAT(MessageOf(ParseListenAddress(text).status()),
                HasSubstr("is not a loopback address; the API has no "
                          "authentication"))
        << text;
  }
}

TEST(ListenAddressTest, RefusesWhatIsNoAddress) {
  for (const char* text :
       {"", "7311", "127.0.0.1", "127.0.0.1:", "unix:", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.1:http"}) {
    EXPECT_THAT(MessageOf(ParseListenAddress(text).status()),
                HasSubstr("is no address; give 127.0.0.1:PORT or unix:PATH"))
        << text;
  }
}

TEST(ListenAddressTest, RefusesAPathThatIsTooLongForASocket) {
  EXPECT_THAT(
      MessageOf(ParseListenAddress("unix:/" + std::string(200, 'x')).status()),
      HasSubstr("has 201 bytes; the system allows 107"));
}

}  // namespace
}  // namespace headway::service
