#include "plugins/sdk/cpp/document.h"

#include <gtest/gtest.h>

#include "tests/support/http_server.h"
#include "tests/support/status_matchers.h"

namespace headway::sdk {
namespace {

TEST(FetchIfChangedTest, ComparesTheBodyWhereTheServerKnowsNoConditions) {
  std::string body = "one";
  HttpServer server(
      [&](const ServedRequest&) { return ServedAnswer{.body = body}; });
  HttpClient http;
  auto first = FetchIfChanged(http, {.url = server.url()}, "", "f");
  ASSERT_THAT(first, IsOk());
  EXPECT_TRUE(first->changed);
  EXPECT_EQ(first->body, "one");
  auto same =
      FetchIfChanged(http, {.url = server.url()}, first->checkpoint, "f");
  EXPECT_FALSE(same->changed);
  server.Between([&] { body = "two"; });
  auto changed =
      FetchIfChanged(http, {.url = server.url()}, same->checkpoint, "f");
  EXPECT_TRUE(changed->changed);
}

TEST(FetchIfChangedTest, UsesTheEtagOfTheCheckpoint) {
  HttpServer server([](const ServedRequest& request) {
    bool known = request.headers.count("if-none-match") > 0;
    return ServedAnswer{.status = known ? 304 : 200,
                        .body = "one",
                        .headers = {{"ETag", "\"1\""}}};
  });
  HttpClient http;
  auto first = FetchIfChanged(http, {.url = server.url()}, "", "f");
  auto second =
      FetchIfChanged(http, {.url = server.url()}, first->checkpoint, "f");
  ASSERT_THAT(second, IsOk());
  EXPECT_FALSE(second->changed);
  EXPECT_EQ(second->checkpoint, first->checkpoint);
}

TEST(FetchIfChangedTest, TakesTheSameBodyForChangedWhenTheRulesChanged) {
  HttpServer server([](const ServedRequest&) {
    return ServedAnswer{.body = "one", .headers = {{"ETag", "\"1\""}}};
  });
  HttpClient http;
  auto first = FetchIfChanged(http, {.url = server.url()}, "", "rules 1");
  auto second =
      FetchIfChanged(http, {.url = server.url()}, first->checkpoint, "rules 2");
  EXPECT_TRUE(second->changed);
  EXPECT_EQ(server.requests()[1].headers.count("if-none-match"), 0);
}

TEST(FetchIfChangedTest, StartsAfreshFromAStateThatItCannotRead) {
  HttpServer server(
      [](const ServedRequest&) { return ServedAnswer{.body = "one"}; });
  HttpClient http;
  auto document = FetchIfChanged(http, {.url = server.url()}, "not JSON", "f");
  ASSERT_THAT(document, IsOk());
  EXPECT_TRUE(document->changed);
}

TEST(ContentHashTest, IsSha256) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(ContentHash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace headway::sdk
