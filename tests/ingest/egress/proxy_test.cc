// The proxy with real sockets, a real server and a client that sends what a
// test says.
#include "daemon/ingest/egress/proxy.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/support/http_server.h"
#include "tests/support/raw_client.h"

namespace headway::ingest {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ProxyTest : public ::testing::Test {
 protected:
  ProxyTest() {
    options_.connect_timeout = absl::Milliseconds(200);
    const std::string url = server_.url();
    EXPECT_TRUE(
        absl::SimpleAtoi(url.substr(url.rfind(':') + 1), &server_port_));
    options_.resolve = [this](
                           const std::string& host,
                           int port) -> absl::StatusOr<std::vector<Address>> {
      const int asked = asked_++;
      if (asked >= static_cast<int>(answers_.size())) {
        return absl::UnavailableError(absl::StrCat("no such name: ", host));
      }
      return std::vector<Address>{*ParseAddress(answers_[asked], port)};
    };
  }

  void Allow(const std::string& text, bool may_be_private) {
    absl::StatusOr<HostRule> rule = ParseHostRule(text);
    ASSERT_TRUE(rule.ok()) << rule.status();
    rule->may_be_private = may_be_private;
    options_.hosts.push_back(*rule);
  }

  void Start() {
    FileDescriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address),
                     sizeof(address)),
              0);
    ASSERT_EQ(::listen(listener.get(), 16), 0);
    socklen_t size = sizeof(address);
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    proxy_ = std::make_unique<EgressProxy>(std::move(listener), options_);
  }

  // A plain request for http://HOST/path, by the proxy.
  RawReply Get(const std::string& host) {
    RawClient client(port_);
    client.Send(absl::StrCat("GET http://", host,
                             "/path HTTP/1.1\r\nHost: ", host, "\r\n\r\n"));
    return client.ReadReply();
  }
  std::string Server(const std::string& host) const {
    return absl::StrCat(host, ":", server_port_);
  }

  const std::string body_ = std::string(3 << 20, 'b');
  HttpServer server_{[this](const ServedRequest&) {
    return ServedAnswer{.body = body_, .content_type = "text/plain"};
  }};
  int server_port_ = 0;
  // What the resolver says, one after the other.
  std::vector<std::string> answers_ = {"127.0.0.1"};
  std::atomic<int> asked_ = 0;
  EgressProxy::Options options_;
  int port_ = 0;
  std::unique_ptr<EgressProxy> proxy_;
};

TEST_F(ProxyTest, PassesPlainRequestsOn) {
  Allow(Server("tables.test"), true);
  Start();
  const RawReply reply = Get(Server("tables.test"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, body_);
  ASSERT_THAT(server_.requests(), SizeIs(1));
  EXPECT_EQ(server_.requests()[0].path, "/path");
  EXPECT_EQ(server_.requests()[0].headers.at("connection"), "close");
  EXPECT_THAT(proxy_->refusals(), IsEmpty());
}

TEST_F(ProxyTest, CarriesTunnels) {
  Allow(Server("tables.test"), true);
  Start();
  RawClient client(port_);
  client.Send(
      absl::StrCat("CONNECT ", Server("tables.test"), " HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(client.ReadHead().status, 200);
  const RawReply reply = client.Get("/through", "Connection: close\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, body_);
}

TEST_F(ProxyTest, RefusesOtherHostsAndSaysSoOnce) {
  Allow("tables.test", true);
  Start();
  for (int i = 0; i < 2; ++i) {
    const RawReply reply = Get("elsewhere.test");
    EXPECT_EQ(reply.status, 403);
    EXPECT_THAT(reply.body,
                AllOf(HasSubstr("elsewhere.test:80"), HasSubstr("allow_host")));
  }
  // Of a host that may be reached, too, another port.
  EXPECT_EQ(Get(Server("tables.test")).status, 403);
  EXPECT_THAT(proxy_->refusals(),
              ElementsAre(HasSubstr("elsewhere.test:80 is refused"),
                          HasSubstr("tables.test:")));
  EXPECT_EQ(asked_, 0);
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(ProxyTest, RefusesNamesThatLeadToAddressesThatAreNotPublic) {
  Allow(Server("tables.test"), false);
  Start();
  EXPECT_EQ(Get(Server("tables.test")).status, 403);
  EXPECT_THAT(proxy_->refusals(), ElementsAre(HasSubstr("127.0.0.1")));
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(ProxyTest, ResolvesANameOnceAndStaysWithWhatItWasTold) {
  // Where nobody answers; this machine, had it been asked again.
  answers_ = {"2620:4f:8000::1", "127.0.0.1"};
  Allow(Server("rebinds.test"), false);
  Start();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Get(Server("rebinds.test")).status, 502);
  }
  EXPECT_EQ(asked_, 1);
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(ProxyTest, AsksForANameAgainThatCouldNotBeResolved) {
  answers_ = {};
  Allow(Server("tables.test"), true);
  Start();
  EXPECT_EQ(Get(Server("tables.test")).status, 502);
  EXPECT_EQ(Get(Server("tables.test")).status, 502);
  EXPECT_EQ(asked_, 2);
}

TEST_F(ProxyTest, AnswersWhatIsNoRequest) {
  Start();
  RawClient client(port_);
  client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.ReadReply().status, 400);
  // It may not get to read the answer, but is not listened to for ever.
  RawClient endless(port_);
  endless.Send(std::string(4 << 20, 'x'));
  EXPECT_THAT(endless.ReadReply().status, AnyOf(0, 400));
}

TEST_F(ProxyTest, EndsAConnectionOnWhichNobodySaysAnything) {
  options_.idle_timeout = absl::Milliseconds(50);
  Start();
  RawClient client(port_);
  EXPECT_EQ(client.ReadToEnd().substr(0, 12), "HTTP/1.1 502");
}

TEST_F(ProxyTest, CarriesNoMoreThanItsBound) {
  options_.max_bytes = 1 << 20;
  Allow(Server("tables.test"), true);
  Start();
  EXPECT_LT(Get(Server("tables.test")).body.size(), body_.size());
  EXPECT_THAT(proxy_->refusals(), ElementsAre(HasSubstr("1048576 bytes")));
}

TEST_F(ProxyTest, ServesAsManyAtOnceAsItMayAndTheOthersAfterwards) {
  options_.max_connections = 2;
  Allow(Server("tables.test"), true);
  Start();
  auto first = std::make_unique<RawClient>(port_);
  auto second = std::make_unique<RawClient>(port_);
  RawClient third(port_);
  third.Send(absl::StrCat("GET http://", Server("tables.test"),
                          "/ HTTP/1.1\r\nHost: a\r\n\r\n"));
  first.reset();
  EXPECT_EQ(third.ReadReply().status, 200);
}

TEST_F(ProxyTest, EndsItsConnectionsWithItself) {
  Allow(Server("tables.test"), true);
  Start();
  RawClient idle(port_);
  RawClient tunnel(port_);
  tunnel.Send(
      absl::StrCat("CONNECT ", Server("tables.test"), " HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(tunnel.ReadHead().status, 200);
  proxy_.reset();
  EXPECT_EQ(tunnel.ReadToEnd(), "");
}

}  // namespace
}  // namespace headway::ingest
