// Which hosts and addresses count as what, and what of a request is passed on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "daemon/ingest/egress/address.h"
#include "daemon/ingest/egress/hosts.h"
#include "daemon/ingest/egress/request_head.h"

namespace headway::ingest {
namespace {

using ::testing::HasSubstr;

bool IsPublicText(const std::string& text) {
  const std::optional<Address> address = ParseAddress(text, 80);
  EXPECT_TRUE(address.has_value()) << text;
  return address.has_value() && IsPublic(*address);
}

TEST(AddressTest, IsPublicUnlessItsRangeIsSetApart) {
  for (const char* text :
       {"8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255",
        "172.32.0.1", "192.167.255.255", "198.17.0.1", "198.20.0.1",
        "223.255.255.255", "2600::1", "2001:4860:4860::8888",
        "64:ff9b::808:808"}) {
    EXPECT_TRUE(IsPublicText(text)) << text;
  }
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.2.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:8.8.8.8",
                           "::127.0.0.1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "2001:db8::1",
                           "2002:7f00:1::",
                           "2001::1",
                           "64:ff9b::7f00:1"}) {
    EXPECT_FALSE(IsPublicText(text)) << text;
  }
}

TEST(AddressTest, IsWrittenWithItsPort) {
  EXPECT_EQ(FormatAddress(*ParseAddress("127.0.0.1", 80)), "127.0.0.1:80");
  EXPECT_EQ(FormatAddress(*ParseAddress("::1", 443)), "[::1]:443");
  EXPECT_FALSE(ParseAddress("example.org", 80).has_value());
}

// "HOST PORT" of the rule, or "-".
std::string Rule(const std::string& text) {
  const auto rule = ParseHostRule(text);
  return rule.ok() ? rule->host + " " + std::to_string(rule->port) : "-";
}

TEST(HostRuleTest, IsAHostWithOrWithoutAPort) {
  EXPECT_EQ(Rule("Example.ORG"), "example.org 0");
  EXPECT_EQ(Rule("example.org."), "example.org 0");
  EXPECT_EQ(Rule("example.org:8443"), "example.org 8443");
  EXPECT_EQ(Rule("*.example.org"), "*.example.org 0");
  EXPECT_EQ(Rule("[::1]:8080"), "::1 8080");
  EXPECT_EQ(Rule("[::1]"), "::1 0");
  for (const char* text :
       {"", "*.", "a b", "a:", "a:0", "a:65536", "a:x", "::1", "[::1",
        "[::1]8080", "[a]:1", "https://a", "a/b", "a*b", "u@a"}) {
    EXPECT_EQ(Rule(text), "-") << text;
  }
}

TEST(HostRuleTest, IsThatOfAnAddressOfHttp) {
  const auto text = [](const char* url) {
    const auto rule = HostOfUrl(url);
    return rule ? rule->host + " " + std::to_string(rule->port) : "-";
  };
  EXPECT_EQ(text("https://api.example.org/a?b=http://c"),
            "api.example.org 443");
  EXPECT_EQ(text("HTTP://example.org:8080"), "example.org 8080");
  EXPECT_EQ(text("http://user:word@example.org/x@y"), "example.org 80");
  EXPECT_EQ(text("http://[::1]:1/"), "::1 1");
  for (const char* url :
       {"ftp://a", "file:///a", "https://", "a", "https://*"}) {
    EXPECT_EQ(text(url), "-") << url;
  }
}

TEST(HostRuleTest, OfAFileIsItsPath) {
  EXPECT_EQ(PathOfUrl("file:///data/a%20b.csv"), "/data/a b.csv");
  EXPECT_EQ(PathOfUrl("/data/a%20b.csv"), "/data/a%20b.csv");
  EXPECT_EQ(PathOfUrl("file://host/data"), std::nullopt);
  EXPECT_EQ(PathOfUrl("data/a.csv"), std::nullopt);
}

TEST(HostRuleTest, LetsThroughItsHostAndPortsAlone) {
  const std::vector<HostRule> rules = {
      *ParseHostRule("api.example.org"), *ParseHostRule("*.example.net"),
      *ParseHostRule("tables.example.org:8080")};
  EXPECT_NE(FindRule(rules, "api.example.org", 443), nullptr);
  EXPECT_NE(FindRule(rules, "api.example.org", 80), nullptr);
  EXPECT_NE(FindRule(rules, "a.b.example.net", 443), nullptr);
  EXPECT_NE(FindRule(rules, "tables.example.org", 8080), nullptr);
  EXPECT_EQ(FindRule(rules, "api.example.org", 8080), nullptr);
  EXPECT_EQ(FindRule(rules, "example.org", 443), nullptr);
  EXPECT_EQ(FindRule(rules, "xapi.example.org", 443), nullptr);
  EXPECT_EQ(FindRule(rules, "example.net", 443), nullptr);
  EXPECT_EQ(FindRule(rules, "badexample.net", 443), nullptr);
  EXPECT_EQ(FindRule(rules, "tables.example.org", 443), nullptr);
}

TEST(HostRuleTest, PrefersOneThatLetsPrivateAddressesIn) {
  std::vector<HostRule> rules = {*ParseHostRule("a"), *ParseHostRule("a"),
                                 *ParseHostRule("a")};
  rules[1].may_be_private = true;
  EXPECT_EQ(FindRule(rules, "a", 80), &rules[1]);
}

TEST(RequestHeadTest, AsksForATunnel) {
  const auto head = ParseRequestHead(
      "CONNECT API.example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_TRUE(head->is_tunnel);
  EXPECT_EQ(head->host, "api.example.org");
  EXPECT_EQ(head->port, 443);
}

TEST(RequestHeadTest, IsPassedOnInTheOriginFormForOneRequest) {
  const auto head = ParseRequestHead(
      "GET http://example.org:8080/a?b=c HTTP/1.1\r\nHost: example.org:8080\r\n"
      "Proxy-Connection: keep-alive\r\nconnection: keep-alive\r\n"
      "Proxy-Authorization: x\r\nAccept: */*\r\n\r\n");
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_FALSE(head->is_tunnel);
  EXPECT_EQ(head->host, "example.org");
  EXPECT_EQ(head->port, 8080);
  EXPECT_EQ(head->forwarded,
            "GET /a?b=c HTTP/1.1\r\nHost: example.org:8080\r\nAccept: */*\r\n"
            "Connection: close\r\n\r\n");
  EXPECT_THAT(ParseRequestHead("GET http://a?b HTTP/1.1\r\n\r\n")->forwarded,
              HasSubstr("GET /?b HTTP/1.1"));
}

TEST(RequestHeadTest, OfAnotherFormIsRefused) {
  for (const char* head :
       {"\r\n\r\n", "GET /path HTTP/1.1\r\n\r\n", "CONNECT a HTTP/1.1\r\n\r\n",
        "CONNECT a:1\r\n\r\n", "GET https://a/ HTTP/1.1\r\n\r\n",
        "GET ftp://a/ HTTP/1.1\r\n\r\n", "GET http://a/ SPDY/3\r\n\r\n",
        "GET http://a/ b HTTP/1.1\r\n\r\n"}) {
    EXPECT_FALSE(ParseRequestHead(head).ok()) << head;
  }
}

}  // namespace
}  // namespace headway::ingest
