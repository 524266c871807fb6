// The HTTP server over real sockets: what a client cannot do to it.
#include "daemon/web/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/support/eventually.h"
#include "tests/support/raw_client.h"
#include "tests/support/status_matchers.h"

namespace headway::web {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

constexpr size_t kLargeBytes = 16 << 20;

int CountOf(const std::string& part, const std::string& text) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// "/quick" is answered at once, "/gate" when the gate opens, "/large" with many
// bytes, and anything else with the request.
class HttpServerTest : public ::testing::Test {
 protected:
  // No limit of time is reached by chance.
  static HttpLimits Patient() {
    HttpLimits limits;
    for (absl::Duration* time :
         {&limits.idle_time, &limits.head_time, &limits.stall_time,
          &limits.write_time, &limits.linger_time}) {
      *time = absl::Hours(1);
    }
    return limits;
  }

  ~HttpServerTest() override {
    if (!gate_.HasBeenNotified()) gate_.Notify();
  }

  void Start(const HttpLimits& limits) {
    server_ = std::make_unique<HttpServer>(
        HttpServer::Options{.host = "127.0.0.1",
                            .limits = limits,
                            .fields = {{"X-Every-Reply", "yes"}}},
        [this](const HttpRequest& request) { return Plan(request); });
    ASSERT_THAT(server_->Listen(), IsOk());
  }

  std::unique_ptr<RawClient> Connect(const std::string& from = "127.0.0.1") {
    return std::make_unique<RawClient>(server_->port(), from);
  }

  // What comes back until the server closes.
  std::string Exchange(absl::string_view bytes) {
    const auto client = Connect();
    client->Send(bytes);
    return client->ReadToEnd();
  }

  HttpAnswer Plan(const HttpRequest& request) {
    const auto reply = [](std::string body) {
      return Reply{200, kPlainText, std::move(body)};
    };
    if (request.path == "/quick") {
      return {.quick = true, .make = [=] { return reply("quick\n"); }};
    }
    if (request.path == "/gate") {
      return {.make = [=, this] {
        if (!reached_.HasBeenNotified()) reached_.Notify();
        gate_.WaitForNotification();
        return reply("open\n");
      }};
    }
    if (request.path == "/large") {
      return {.make = [=] { return reply(std::string(kLargeBytes, 'x')); }};
    }
    return {.make = [=] {
      return reply(absl::StrCat(request.path, "?", request.query));
    }};
  }

  absl::Notification gate_;
  // Somebody waits at the gate.
  absl::Notification reached_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersOnOneConnectionInOrder) {
  Start(Patient());
  const auto client = Connect();
  client->SendGet("/slow?a=1");
  client->SendGet("/quick");
  const RawReply first = client->ReadReply();
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "/slow?a=1");
  EXPECT_THAT(first.fields, AllOf(Contains(Pair("content-type", kPlainText)),
                                  Contains(Pair("connection", "keep-alive")),
                                  Contains(Pair("x-every-reply", "yes"))));
  EXPECT_EQ(client->ReadReply().body, "quick\n");
  client->SendGet("/quick", "Connection: close\r\n");
  EXPECT_THAT(client->ReadReply().fields,
              Contains(Pair("connection", "close")));
  EXPECT_EQ(client->ReadToEnd(), "");
}

TEST_F(HttpServerTest, ClosesAfterARequestOfHttp10) {
  Start(Patient());
  EXPECT_THAT(Exchange("GET /quick HTTP/1.0\r\nHost: localhost\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                    HasSubstr("Connection: close\r\n")));
}

TEST_F(HttpServerTest, HeadHasTheLengthAndNoBody) {
  Start(Patient());
  const auto client = Connect();
  for (const char* path : {"/quick", "/other"}) {
    client->Send(
        absl::StrCat("HEAD ", path, " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    const RawReply reply = client->ReadHead();
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(reply.fields,
                Contains(Pair("content-length", path[1] == 'q' ? "6" : "7")));
  }
  // No byte of a body came before this.
  EXPECT_EQ(client->Get("/quick").body, "quick\n");
}

struct Smuggling {
  const char* line;
  const char* fields;
  int status;
};

// In the name of the test, where an address would differ each time.
void PrintTo(const Smuggling& smuggling, std::ostream* out) {
  *out << absl::StrReplaceAll(smuggling.fields, {{"\r\n", "; "}})
       << smuggling.status;
}

// A second request hides in what the first calls its body.
class SmugglingTest : public HttpServerTest,
                      public ::testing::WithParamInterface<Smuggling> {};

TEST_P(SmugglingTest, TheBodyOfARefusedRequestIsNoRequest) {
  Start(Patient());
  const std::string hidden = "GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string reply = Exchange(absl::StrCat(
      GetParam().line, "\r\n",
      absl::StrReplaceAll(GetParam().fields,
                          {{"LENGTH", absl::StrCat(hidden.size())}}),
      "\r\n", hidden));
  EXPECT_THAT(
      reply,
      AllOf(StartsWith(absl::StrCat("HTTP/1.1 ", GetParam().status, " ")),
            HasSubstr("Connection: close\r\n"), Not(HasSubstr("quick"))));
  EXPECT_EQ(CountOf("HTTP/1.1 ", reply), 1) << reply;
  EXPECT_THAT(server_->counts().refusals,
              ElementsAre(Pair(GetParam().status, 1)));
}

constexpr char kGet[] = "GET / HTTP/1.1";
constexpr char kPost[] = "POST / HTTP/1.1";

INSTANTIATE_TEST_SUITE_P(
    All, SmugglingTest,
    ::testing::Values(
        Smuggling{kPost, "Host: localhost\r\nContent-Length: LENGTH\r\n", 405},
        Smuggling{kPost, "Host: localhost\r\nContent-Length: 9999999\r\n", 405},
        Smuggling{kGet, "Host: evil.example\r\nContent-Length: LENGTH\r\n",
                  403},
        Smuggling{kGet, "Host: localhost\r\nContent-Length: LENGTH\r\n", 413},
        Smuggling{kGet, "Host: localhost\r\nTransfer-Encoding: chunked\r\n",
                  400},
        Smuggling{kGet, "Host: localhost\r\nTransfer-Encoding: identity\r\n",
                  400},
        Smuggling{kGet,
                  "Host: localhost\r\nContent-Length: LENGTH\r\n"
                  "Transfer-Encoding: chunked\r\n",
                  400},
        Smuggling{kGet,
                  "Host: localhost\r\nTransfer-Encoding: chunked\r\n"
                  "Content-Length: LENGTH\r\n",
                  400},
        Smuggling{kGet, "Host: localhost\r\nTransfer-Encoding : chunked\r\n",
                  400},
        Smuggling{kGet, "Host: localhost\r\nContent-Length: -1\r\n", 400},
        Smuggling{kGet, "Host: localhost\r\nContent-Length: +LENGTH\r\n", 400},
        Smuggling{kGet, "Host: localhost\r\nContent-Length: 0, LENGTH\r\n",
                  400},
        Smuggling{kGet,
                  "Host: localhost\r\nContent-Length: 0\r\n"
                  "Content-Length: LENGTH\r\n",
                  400},
        Smuggling{kGet, "Host: localhost\r\nHost: localhost\r\n", 400},
        Smuggling{kGet, "", 400},
        Smuggling{"GET http://evil.example/ HTTP/1.1", "Host: localhost\r\n",
                  403},
        Smuggling{"GET localhost HTTP/1.1", "Host: localhost\r\n", 400},
        Smuggling{"GET / HTTP/2.0", "Host: localhost\r\n", 400},
        Smuggling{"CONNECT localhost:80 HTTP/1.1", "Host: localhost\r\n", 405},
        Smuggling{"nonsense", "", 400}));

TEST_F(HttpServerTest, IgnoresRanges) {
  Start(Patient());
  const RawReply reply =
      Connect()->Get("/large", "Range: bytes=0-,0-,0-,0-,0-\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body.size(), kLargeBytes);
  EXPECT_THAT(reply.fields, Contains(Pair("accept-ranges", "none")));
}

TEST_F(HttpServerTest, BoundsTheHead) {
  HttpLimits limits = Patient();
  limits.head_bytes = 1000;
  Start(limits);
  const std::string long_text(2000, 'x');
  const std::string host = " HTTP/1.1\r\nHost: localhost\r\n";
  for (const std::string& head :
       {absl::StrCat("GET /", long_text, host, "\r\n"),
        absl::StrCat("GET /", host, "X: ", long_text, "\r\n\r\n"),
        absl::StrCat("GET /", long_text)}) {
    EXPECT_THAT(Exchange(head),
                AllOf(StartsWith("HTTP/1.1 431 "), HasSubstr("1000 bytes")));
  }
  EXPECT_EQ(Connect()->Get(absl::StrCat("/", std::string(800, 'x'))).status,
            200);
}

TEST_F(HttpServerTest, SlowHeadsHoldUpNobody) {
  Start(Patient());
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 40; ++i) slow.push_back(Connect());
  for (const char* part :
       {"G", "ET /qu", "ick HTTP/1.1\r\n", "Host: local", "host\r\n"}) {
    for (const auto& client : slow) client->Send(part);
    EXPECT_EQ(Connect()->Get("/quick").status, 200);
  }
  for (const auto& client : slow) {
    client->Send("\r\n");
    EXPECT_EQ(client->ReadReply().status, 200);
  }
}

TEST_F(HttpServerTest, IdleConnectionsHoldUpNobody) {
  Start(Patient());
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 64; ++i) {
    idle.push_back(Connect());
    EXPECT_EQ(idle.back()->Get("/quick").status, 200);
  }
  // As many as one address may have: the oldest makes room.
  EXPECT_EQ(Connect()->Get("/quick").status, 200);
  EXPECT_EQ(idle[0]->ReadToEnd(), "");
  EXPECT_EQ(idle[1]->Get("/quick").status, 200);
  EXPECT_EQ(server_->counts().evicted_connections, 1);
}

TEST_F(HttpServerTest, BusyPagesDoNotHoldUpQuickOnes) {
  HttpLimits limits = Patient();
  limits.threads = 1;
  limits.queued = 1;
  Start(limits);
  const auto first = Connect();
  first->SendGet("/gate");
  reached_.WaitForNotification();
  const auto second = Connect();
  second->SendGet("/gate");
  // On the connection of the second, the third would come after its answer.
  const auto probe = Connect();
  EXPECT_EQ(probe->Get("/quick").body, "quick\n");
  const RawReply refused = probe->Get("/other");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.fields, AllOf(Contains(Pair("retry-after", "1")),
                                    Contains(Pair("connection", "close"))));
  gate_.Notify();
  EXPECT_EQ(first->ReadReply().body, "open\n");
  EXPECT_EQ(second->ReadReply().body, "open\n");
}

TEST_F(HttpServerTest, BoundsTheConnectionsOfAnAddress) {
  HttpLimits limits = Patient();
  limits.connections_per_address = 2;
  Start(limits);
  const auto other = Connect("127.0.0.9");
  EXPECT_EQ(other->Get("/quick").status, 200);
  const auto first = Connect();
  EXPECT_EQ(first->Get("/quick").status, 200);
  const auto second = Connect();
  // Does not ask for anything, and so has waited longer than the first.
  second->Send("GET");
  EXPECT_EQ(first->Get("/quick").status, 200);
  EXPECT_EQ(Connect()->Get("/quick").status, 200);
  EXPECT_EQ(second->ReadToEnd(), "");
  EXPECT_EQ(other->Get("/quick").status, 200);
}

TEST_F(HttpServerTest, BoundsAllConnections) {
  HttpLimits limits = Patient();
  limits.connections = 2;
  Start(limits);
  const auto first = Connect("127.0.0.2");
  EXPECT_EQ(first->Get("/quick").status, 200);
  const auto second = Connect("127.0.0.3");
  EXPECT_EQ(second->Get("/quick").status, 200);
  EXPECT_EQ(Connect("127.0.0.4")->Get("/quick").status, 200);
  EXPECT_EQ(first->ReadToEnd(), "");
}

TEST_F(HttpServerTest, WhoWaitsForAnAnswerMakesNoRoom) {
  HttpLimits limits = Patient();
  limits.connections = 1;
  Start(limits);
  const auto first = Connect();
  first->SendGet("/gate");
  reached_.WaitForNotification();
  EXPECT_EQ(Connect()->ReadToEnd(), "");
  EXPECT_EQ(server_->counts().refused_connections, 1);
  gate_.Notify();
  EXPECT_EQ(first->ReadReply().body, "open\n");
}

TEST_F(HttpServerTest, ClosesWhoSendsNothing) {
  HttpLimits limits = Patient();
  limits.idle_time = absl::Milliseconds(20);
  Start(limits);
  EXPECT_EQ(Exchange(""), "");
  EXPECT_TRUE(Eventually([&] { return server_->counts().timeouts == 1; }));
}

TEST_F(HttpServerTest, ClosesWhoDoesNotEndAHead) {
  HttpLimits limits = Patient();
  limits.head_time = absl::Milliseconds(20);
  Start(limits);
  EXPECT_EQ(Exchange("GET /quick HTTP/1.1\r\nHost: loc"), "");
  EXPECT_TRUE(Eventually([&] { return server_->counts().timeouts == 1; }));
}

TEST_F(HttpServerTest, ClosesWhoDoesNotTakeLeave) {
  HttpLimits limits = Patient();
  limits.linger_time = absl::Milliseconds(20);
  Start(limits);
  const auto client = Connect();
  client->Send("nonsense\r\n\r\n");
  EXPECT_THAT(client->ReadToEnd(), StartsWith("HTTP/1.1 400 "));
  // The connection ends although this side stays open, and makes no room.
  EXPECT_TRUE(
      Eventually([&] { return server_->counts().open_connections == 0; }));
}

TEST_F(HttpServerTest, SlowReadersHoldNoThread) {
  HttpLimits limits = Patient();
  limits.threads = 1;
  Start(limits);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 3; ++i) {
    slow.push_back(Connect());
    slow.back()->SendGet("/large");
    slow.back()->ReadHead();
  }
  EXPECT_EQ(Connect()->Get("/other").status, 200);
}

TEST_F(HttpServerTest, ClosesWhoDoesNotTakeAReply) {
  for (absl::Duration HttpLimits::*time :
       {&HttpLimits::stall_time, &HttpLimits::write_time}) {
    HttpLimits limits = Patient();
    limits.*time = absl::Milliseconds(20);
    Start(limits);
    const auto client = Connect();
    client->SendGet("/large");
    EXPECT_TRUE(Eventually([&] { return server_->counts().timeouts == 1; }));
    EXPECT_LT(client->ReadToEnd().size(), kLargeBytes);
  }
}

TEST_F(HttpServerTest, BoundsWhatWaitsToBeTaken) {
  HttpLimits limits = Patient();
  limits.unsent_bytes = kLargeBytes;
  Start(limits);
  const auto slow = Connect();
  slow->SendGet("/large");
  slow->ReadHead();
  const RawReply refused = Connect()->Get("/large");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("yet to take"));
  EXPECT_EQ(slow->Read(kLargeBytes).size(), kLargeBytes);
  EXPECT_EQ(Connect()->Get("/large").status, 200);
}

TEST_F(HttpServerTest, StopsAtOnceWhoeverIsConnected) {
  Start(Patient());
  const auto idle = Connect();
  EXPECT_EQ(idle->Get("/quick").status, 200);
  const auto half = Connect();
  half->Send("GET /qu");
  const auto slow = Connect();
  slow->SendGet("/large");
  slow->ReadHead();
  const absl::Time begin = absl::Now();
  server_->Stop();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  EXPECT_EQ(idle->ReadToEnd(), "");
  EXPECT_EQ(half->ReadToEnd(), "");
}

TEST_F(HttpServerTest, CountsConnections) {
  Start(Patient());
  const auto client = Connect();
  client->Get("/quick");
  EXPECT_EQ(server_->counts().open_connections, 1);
  EXPECT_EQ(server_->counts().accepted_connections, 1);
}

TEST_F(HttpServerTest, RefusesAPortInUse) {
  Start(Patient());
  HttpServer second({.host = "127.0.0.1", .port = server_->port()}, nullptr);
  EXPECT_THAT(second.Listen(), StatusIs(absl::StatusCode::kUnavailable,
                                        HasSubstr("Address already in use")));
}

}  // namespace
}  // namespace headway::web
