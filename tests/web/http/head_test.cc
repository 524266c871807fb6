#include "daemon/web/http/head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace headway::web {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

RequestHead Get(std::string target, std::vector<HttpField> fields) {
  return {"GET", std::move(target), std::move(fields)};
}

// The status of the refusal; 0 if there is none.
int Refusal(const RequestHead& head) {
  const auto read = ReadHead(head);
  const Reply* reply = std::get_if<Reply>(&read);
  return reply == nullptr ? 0 : reply->status;
}

TEST(ReadHeadTest, SaysWhatIsAskedFor) {
  const auto read = ReadHead(Get("/v1/query?a=%20b", {{"host", "localhost"}}));
  const auto* request = std::get_if<HttpRequest>(&read);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->path, "/v1/query");
  EXPECT_EQ(request->query, "a=%20b");
}

TEST(ReadHeadTest, RefusesEveryMethodButTwo) {
  for (const char* method :
       {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "X"}) {
    const auto read = ReadHead({method, "/", {{"host", "localhost"}}});
    const auto* refusal = std::get_if<Reply>(&read);
    ASSERT_NE(refusal, nullptr) << method;
    EXPECT_EQ(refusal->status, 405);
    EXPECT_THAT(refusal->fields, Contains(Pair("Allow", "GET, HEAD")));
  }
  EXPECT_EQ(Refusal({"HEAD", "/", {{"host", "localhost"}}}), 0);
}

TEST(ReadHeadTest, WantsOneHostThatIsThisMachine) {
  EXPECT_EQ(Refusal(Get("/", {})), 400);
  EXPECT_EQ(Refusal(Get("/", {{"host", "localhost"}, {"host", "localhost"}})),
            400);
  EXPECT_EQ(Refusal(Get("/", {{"host", ""}})), 403);
  EXPECT_EQ(Refusal(Get("/", {{"host", "evil.example"}})), 403);
  EXPECT_EQ(Refusal(Get("/", {{"host", "[::1]:7312"}})), 0);
}

TEST(ReadHeadTest, ChecksTheHostOfAWholeUrlToo) {
  EXPECT_EQ(Refusal(Get("http://evil.example/", {{"host", "localhost"}})), 403);
  EXPECT_EQ(Refusal(Get("http://localhost/", {{"host", "evil.example"}})), 403);
  EXPECT_EQ(Refusal(Get("http://127.0.0.1:1/", {{"host", "localhost"}})), 0);
}

TEST(ReadHeadTest, RefusesBodies) {
  const HttpField host = {"host", "localhost"};
  EXPECT_EQ(Refusal(Get("/", {host, {"content-length", "0"}})), 0);
  EXPECT_EQ(Refusal(Get("/", {host, {"content-length", "1"}})), 413);
  EXPECT_EQ(Refusal(Get("/", {host, {"content-length", "x"}})), 400);
  EXPECT_EQ(Refusal(Get("/", {host, {"transfer-encoding", "chunked"}})), 400);
  EXPECT_EQ(Refusal(Get("/", {host,
                              {"content-length", "0"},
                              {"transfer-encoding", "chunked"}})),
            400);
}

TEST(ReadHeadTest, SaysWhy) {
  const auto read = ReadHead(Get("nowhere", {{"host", "localhost"}}));
  EXPECT_THAT(std::get<Reply>(read).body, HasSubstr("\"nowhere\" is no path"));
}

}  // namespace
}  // namespace headway::web
