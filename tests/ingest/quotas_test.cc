// What plugins are told of how often they may ask, by a real proxy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "daemon/ingest/source/errors.h"
#include "tests/support/files.h"
#include "tests/support/http_server.h"
#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// What a plugin asks and how it says the answer, as a line of its log.
constexpr char kAsks[] = R"(
import urllib.error, urllib.request
def take(host, requests=1):
    address = (f"{os.environ['HEADWAY_QUOTA']}/take?host={host}"
               f"&requests={requests}&longest_wait=600")
    try:
        with urllib.request.urlopen(address) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return (f"{answer.code} {answer.headers.get('Retry-After')} "
                    f"{answer.read().decode()}")
)";

class QuotaTest : public PluginTest {
 protected:
  void SetUp() override {
    isolation_ = Isolation::Probe({.resolve = [](const std::string&, int port) {
      return std::vector<Address>{*ParseAddress("127.0.0.1", port)};
    }});
    if (!isolation_->lacks().empty()) {
      GTEST_SKIP() << isolation_->lacks().front().what;
    }
    ASSERT_TRUE(HardenProcess(*isolation_).ok());
    OpenStore();
  }

  void InstallAsker(absl::string_view name, absl::string_view body,
                    absl::string_view limits) {
    Install(name,
            PythonPlugin(name, absl::StrCat(kAsks, body),
                         absl::StrCat(R"(,"hosts":["api.test"],"limits":[)",
                                      limits, "]")));
  }

  // What the plugin logged, a line each.
  std::vector<std::string> Said(const std::string& name) {
    Source source = MakeSource(name);
    source.name = name;
    const auto report = host_->Pull(source, "runs/1", {});
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? report->log : std::vector<std::string>();
  }
};

constexpr char kOneASecond[] = R"({"host":"api.test","requestsPerSecond":1})";
constexpr char kThreeTimes[] =
    "for _ in range(3): print(take('api.test'), file=sys.stderr)";

TEST_F(QuotaTest, TwoPluginsAtOnceShareALimit) {
  InstallAsker("a", kThreeTimes, kOneASecond);
  InstallAsker("b", kThreeTimes, kOneASecond);
  std::vector<std::string> a, b;
  std::thread one([&] { a = Said("a"); });
  std::thread two([&] { b = Said("b"); });
  one.join();
  two.join();
  a.insert(a.end(), b.begin(), b.end());
  EXPECT_THAT(a, UnorderedElementsAre("0.000", "1.000", "2.000", "3.000",
                                      "4.000", "5.000"));
}

TEST_F(QuotaTest, ADayIsKnownAfterARestart) {
  InstallAsker("a", "print(take('api.test', 2), file=sys.stderr)",
               R"({"host":"api.test","requestsPerDay":3})");
  EXPECT_THAT(Said("a"), ElementsAre("0.000"));
  OpenStore();
  EXPECT_THAT(Said("a"), ElementsAre(AllOf(
                             HasSubstr("429 43200 "),
                             HasSubstr("the 3 requests of the day are used"))));
  clock_.Advance(absl::Hours(12));
  OpenStore();
  EXPECT_THAT(Said("a"), ElementsAre("0.000"));
}

TEST_F(QuotaTest, APluginTakesNothingFromAHostThatItDidNotDeclare) {
  InstallAsker("a", "print(take('other.test'), file=sys.stderr)", kOneASecond);
  EXPECT_THAT(Said("a"),
              ElementsAre(AllOf(HasSubstr("403 "), HasSubstr("other.test"),
                                HasSubstr("limits of its description"))));
}

TEST_F(QuotaTest, APluginWithoutLimitsIsToldOfNobodyToAsk) {
  InstallAsker("a", "print(os.environ.get('HEADWAY_QUOTA'), file=sys.stderr)",
               "");
  EXPECT_THAT(Said("a"), ElementsAre("None"));
}

TEST_F(QuotaTest, TheSdkTellsTheDaemonWhenToComeAgain) {
  HttpServer publisher(
      [](const ServedRequest&) { return ServedAnswer{.body = "ok"}; });
  const std::string port = publisher.url().substr(17);
  WriteFile(
      PathOf("headway_plugin.py"),
      ReadFile(HEADWAY_SOURCE_DIR "/plugins/sdk/python/headway_plugin.py"));
  Install("twice", R"(#!/usr/bin/python3
import headway_plugin as hp

def read(request, out):
    http = hp.Http()
    for _ in range(2):
        http.get(request.option("url"))

hp.run(hp.Plugin(
    name="twice", version="1", summary="Asks twice.", read=read,
    hosts=["api.test"], limits=[hp.Limit("api.test", per_day=1)],
    options=[hp.Option("url", "What is asked.", required=True)]))
)");
  Source source = MakeSource("twice");
  source.config["url"] = absl::StrCat("http://api.test:", port, "/x");
  source.allow_hosts = {absl::StrCat("api.test:", port)};
  const absl::Status status = host_->Pull(source, "runs/1", {}).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(RetryAfter(status), absl::Hours(12)) << status;
  EXPECT_EQ(publisher.requests().size(), 1);
}

// Asks its publisher three times, and says how often that went well.
constexpr char kAsksThrice[] = R"(#!/usr/bin/python3
import headway_plugin as hp

def read(request, out):
    http = hp.Http()
    for _ in range(3):
        http.get(request.option("url"))

hp.run(hp.Plugin(
    name="NAME", version="1", summary="Asks thrice.", read=read,
    hosts=["api.test"], limits=[hp.Limit("api.test", per_day=4)],
    options=[hp.Option("url", "What is asked.", required=True)]))
)";

TEST_F(QuotaTest, TheSdksOfTwoPluginsShareADayOverRestarts) {
  HttpServer publisher(
      [](const ServedRequest&) { return ServedAnswer{.body = "ok"}; });
  const std::string port = publisher.url().substr(17);
  WriteFile(
      PathOf("headway_plugin.py"),
      ReadFile(HEADWAY_SOURCE_DIR "/plugins/sdk/python/headway_plugin.py"));
  const auto pull = [&](const std::string& name) {
    Source source = MakeSource(name);
    source.name = name;
    source.config["url"] = absl::StrCat("http://api.test:", port, "/x");
    source.allow_hosts = {absl::StrCat("api.test:", port)};
    return host_->Pull(source, "runs/1", {}).status();
  };
  for (const char* name : {"a", "b"}) {
    Install(name, absl::StrReplaceAll(kAsksThrice, {{"NAME", name}}));
  }
  std::thread one([&] { pull("a").IgnoreError(); });
  std::thread two([&] { pull("b").IgnoreError(); });
  one.join();
  two.join();
  EXPECT_EQ(publisher.requests().size(), 4);
  OpenStore();
  EXPECT_TRUE(absl::IsUnavailable(pull("a")));
  EXPECT_EQ(publisher.requests().size(), 4);
}

TEST_F(QuotaTest, WhatWasUsedOfADayIsKnown) {
  InstallAsker("a", kThreeTimes, R"({"host":"api.test","requestsPerDay":500})");
  EXPECT_EQ(host_->RequestsToday("api.test").value_or(-1), 0);
  Said("a");
  EXPECT_EQ(host_->RequestsToday("api.test").value_or(-1), 3);
  clock_.Advance(absl::Hours(12));
  EXPECT_EQ(host_->RequestsToday("api.test").value_or(-1), 0);
}

// Without a sandbox, as nothing is sent.
class LimitsTest : public PluginTest {
 protected:
  std::string ErrorOf(absl::string_view limits) {
    Install("p", ShellPlugin("p", "",
                             absl::StrCat(R"(,"hosts":["api.test:8443"],)",
                                          R"("limits":[)", limits, "]")));
    return std::string(host_->CheckConfig(MakeSource("p")).message());
  }
};

TEST_F(LimitsTest, AreOfHostsThatThePluginDeclares) {
  EXPECT_EQ(ErrorOf(R"({"host":"api.test","requestsPerDay":3})"), "");
  EXPECT_THAT(ErrorOf(R"({"host":"other.test","requestsPerDay":3})"),
              HasSubstr("\"other.test\" is none of the hosts that the plugin "
                        "declares"));
}

TEST_F(LimitsTest, AreOfOneHostEach) {
  for (const char* host : {"*.test", "api.test:8443", ""}) {
    EXPECT_THAT(
        ErrorOf(absl::StrCat(R"({"host":")", host, R"(","requestsPerDay":3})")),
        HasSubstr("is not the name of one host"))
        << host;
  }
}

TEST_F(LimitsTest, AreNumbersThatCanBeCounted) {
  EXPECT_THAT(ErrorOf(R"({"host":"api.test"})"), HasSubstr("has no limit"));
  EXPECT_THAT(ErrorOf(R"({"host":"api.test","requestsPerSecond":-1})"),
              HasSubstr("up to 1000 requests a second"));
  EXPECT_THAT(ErrorOf(R"({"host":"api.test","requestsPerSecond":1001})"),
              HasSubstr("up to 1000 requests a second"));
}

TEST_F(LimitsTest, OfOneHostComeOnce) {
  EXPECT_THAT(ErrorOf(R"({"host":"api.test","requestsPerDay":3},)"
                      R"({"host":"API.test","requestsPerDay":4})"),
              HasSubstr("comes twice"));
}

class ContactTest : public PluginTest {
 protected:
  ContactTest() { ::unsetenv("HEADWAY_CONTACT"); }
  ~ContactTest() override { ::unsetenv("HEADWAY_CONTACT"); }

  // What the plugin finds in its environment, or the error.
  std::string Contact(const std::string& configured, absl::string_view more) {
    Install("p", ShellPlugin("p", "echo \"<$HEADWAY_CONTACT>\" >&2", more));
    PluginHost host({.directories = {plugins()}, .contact = configured},
                    &clock_, store_.get());
    const auto report = host.Pull(MakeSource("p"), "runs/1", {});
    return report.ok() ? absl::StrJoin(report->log, "\n")
                       : std::string(report.status().message());
  }
};

TEST_F(ContactTest, IsThatOfTheConfigurationOrOfTheEnvironment) {
  EXPECT_EQ(Contact("", ""), "<>");
  ::setenv("HEADWAY_CONTACT", "https://example.org/us", 1);
  EXPECT_EQ(Contact("", ""), "<https://example.org/us>");
  EXPECT_EQ(Contact("data@example.org", ""), "<data@example.org>");
}

TEST_F(ContactTest, IsAskedForWhereAPluginNeedsIt) {
  constexpr char kNeeds[] = R"(,"needs_contact":true)";
  EXPECT_THAT(Contact("", kNeeds),
              AllOf(HasSubstr("source src: the publisher of plugin p wants"),
                    HasSubstr("set HEADWAY_CONTACT"), HasSubstr("--config")));
  EXPECT_EQ(Contact("data@example.org", kNeeds), "<data@example.org>");
}

TEST_F(ContactTest, IsRefusedWhereItWouldBreakTheUserAgent) {
  ::setenv("HEADWAY_CONTACT", "a\r\nX-Evil: 1", 1);
  EXPECT_THAT(Contact("", ""), HasSubstr("HEADWAY_CONTACT: \"a\\r\\nX-Evil"));
}

}  // namespace
}  // namespace headway::ingest
