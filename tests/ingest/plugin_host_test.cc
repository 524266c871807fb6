// Finding plugins, giving them what they need, and what becomes of those that
// fail.
#include "daemon/ingest/plugin_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/ingest/source/errors.h"
#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class PluginHostTest : public PluginTest {
 protected:
  static std::string Message(const absl::Status& status) {
    return std::string(status.message());
  }
  // Pulls from a plugin of this shell script and expects this code.
  std::string PullError(absl::string_view body, absl::StatusCode code) {
    auto report = PullShell(body);
    EXPECT_EQ(report.status().code(), code) << report.status();
    return Message(report.status());
  }
};

class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    ::setenv(name, value, 1);
  }
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

TEST_F(PluginHostTest, ListsPluginsByFileName) {
  Install("beta.sh", ShellPlugin("beta", "exit 0", R"(,"summary":"B")"));
  Install("alpha", ShellPlugin("alpha", "exit 0"));
  Install(".hidden", ShellPlugin("hidden", ""));
  WriteFile(PathOf("readme.txt"), "no plugin");
  const std::vector<PluginInfo> plugins = host_->ListPlugins();
  ASSERT_EQ(plugins.size(), 2u);
  EXPECT_EQ(plugins[0].name, "alpha");
  EXPECT_EQ(plugins[1].name, "beta");
  EXPECT_EQ(plugins[1].path, PathOf("beta.sh"));
  EXPECT_EQ(plugins[1].description.summary(), "B");
  EXPECT_TRUE(plugins[1].status.ok()) << plugins[1].status;
}

TEST_F(PluginHostTest, HashesTheExecutableWithSha256) {
  Install("p", "#!/bin/sh\n");
  // sha256sum of these ten bytes.
  EXPECT_EQ(host_->GetPlugin("p")->hash,
            "a8076d3d28d21e02012b20eaf7dbf75409a6277134439025f282e368e3305abf");
}

TEST_F(PluginHostTest, SuggestsTheNearestName) {
  Install("census", ShellPlugin("census", ""));
  auto plugin = host_->GetPlugin("cencus");
  EXPECT_EQ(plugin.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(plugin.status()),
              AllOf(HasSubstr("cencus"), HasSubstr(plugins()),
                    HasSubstr("did you mean \"census\"?")));
}

TEST_F(PluginHostTest, SaysThatAPluginIsNotExecutable) {
  WriteFile(PathOf("p.sh"), "#!/bin/sh\n");
  auto report = Pull("p");
  EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(report.status()),
              AllOf(HasSubstr(PathOf("p.sh")), HasSubstr("chmod +x")));
}

TEST_F(PluginHostTest, PrefersTheFirstDirectory) {
  const std::string second = directory_.Join("second");
  std::filesystem::create_directory(second);
  WriteExecutable(second + "/p",
                  ShellPlugin("p", "exit 0", R"(,"summary":"2")"));
  WriteExecutable(second + "/q", ShellPlugin("q", "exit 0"));
  Install("p", ShellPlugin("p", "exit 0", R"(,"summary":"1")"));
  PluginHost host({.directories = {plugins(), second}}, &clock_, store_.get());
  EXPECT_EQ(host.GetPlugin("p")->description.summary(), "1");
  EXPECT_TRUE(host.GetPlugin("q").ok());
}

TEST_F(PluginHostTest, AsksForADescriptionOnceForEachExecutable) {
  const std::string mark = directory_.Join("described");
  const std::string plugin = absl::StrCat("#!/bin/sh\necho . >> ", mark, R"(
echo '{"description":{"name":"p","version":"1","protocol_version":1}}')");
  Install("p", plugin);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(host_->GetPlugin("p")->status.ok());
  EXPECT_EQ(ReadFile(mark), ".\n");
  Install("p", plugin + "\n");
  ASSERT_TRUE(host_->GetPlugin("p")->status.ok());
  EXPECT_EQ(ReadFile(mark), ".\n.\n");
}

// A plugin that notes in a file of its own that it was asked to describe
// itself.
std::string NotesThatItDescribes(const std::string& mark) {
  return absl::StrCat("#!/bin/sh\necho . >> ", mark, R"(
echo '{"description":{"name":"p","version":"1","protocol_version":1}}')");
}

TEST_F(PluginHostTest, RemembersDescriptionsThroughARestart) {
  const std::string mark = directory_.Join("described");
  Install("p", NotesThatItDescribes(mark));
  ASSERT_TRUE(host_->GetPlugin("p")->status.ok());
  OpenStore();
  EXPECT_TRUE(host_->LastStatusOf("p").ok());
  ASSERT_TRUE(host_->GetPlugin("p")->status.ok());
  EXPECT_EQ(host_->GetPlugin("p")->description.version(), "1");
  EXPECT_EQ(ReadFile(mark), ".\n");
  // Of another executable they say nothing.
  Install("p", NotesThatItDescribes(mark) + "\n");
  OpenStore();
  ASSERT_TRUE(host_->GetPlugin("p")->status.ok());
  EXPECT_EQ(ReadFile(mark), ".\n.\n");
}

TEST_F(PluginHostTest, AsksSeveralPluginsAtOnce) {
  // Each describes itself once all of them run.
  const std::string marks = directory_.Join("marks");
  std::filesystem::create_directory(marks);
  std::set<std::string> names;
  for (const char* name : {"a", "b", "c", "d"}) {
    names.insert(name);
    Install(name,
            absl::StrCat(
                "#!/bin/sh\ntouch ", marks, "/", name, "\nwhile [ $(ls ", marks,
                " | wc -l) -lt 4 ]; do sleep 0.01; done\n"
                "echo '{\"description\":{\"name\":\"",
                name, "\",\"version\":\"1\",\"protocol_version\":1}}'\n"));
  }
  host_->DescribePlugins(names);
  for (const std::string& name : names) {
    EXPECT_TRUE(host_->LastStatusOf(name).ok()) << host_->LastStatusOf(name);
    EXPECT_EQ(host_->GetPlugin(name)->description.name(), name);
  }
}

TEST_F(PluginHostTest, AsksAPluginThatDoesNotDescribeItselfEverMoreRarely) {
  const std::string mark = directory_.Join("asked");
  Install("p", absl::StrCat("#!/bin/sh\necho . >> ", mark, "; exit 9\n"));
  const auto asked = [&] {
    EXPECT_FALSE(host_->GetPlugin("p")->status.ok());
    return ReadFile(mark).size() / 2;
  };
  EXPECT_EQ(asked(), 1u);
  EXPECT_EQ(asked(), 1u);
  clock_.Advance(absl::Seconds(10));
  EXPECT_EQ(asked(), 2u);
  clock_.Advance(absl::Seconds(19));
  EXPECT_EQ(asked(), 2u);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(asked(), 3u);
  // At once when its file changes.
  Install("p", ShellPlugin("p", "exit 0"));
  EXPECT_TRUE(host_->GetPlugin("p")->status.ok());
}

TEST_F(PluginHostTest, KeepsAPluginWhoseDescriptionIsWrongInTheList) {
  Install("p", ShellPlugin("other", "exit 0"));
  Install("q",
          "#!/bin/sh\necho '{\"description\":{\"name\":\"q\",\"version\":"
          "\"1\",\"protocol_version\":7}}'");
  Install("r", "#!/bin/sh\nexit 0\n");
  const std::vector<PluginInfo> plugins = host_->ListPlugins();
  ASSERT_EQ(plugins.size(), 3u);
  EXPECT_THAT(Message(plugins[0].status), HasSubstr("calls itself \"other\""));
  EXPECT_THAT(Message(plugins[1].status), HasSubstr("protocol version 7"));
  EXPECT_THAT(Message(plugins[2].status), HasSubstr("without an answer"));
}

// --- Configuration and secrets ---

constexpr char kConfig[] =
    R"(,"config":[{"name":"url","required":true,"description":"where"},)"
    R"({"name":"delimiter","default_value":";"}])";

TEST_F(PluginHostTest, ChecksOptionsAgainstTheDescription) {
  Install("p", ShellPlugin("p", "exit 0", kConfig));
  Source source = MakeSource("p");
  EXPECT_THAT(
      Message(host_->CheckConfig(source)),
      AllOf(HasSubstr("source src"), HasSubstr("\"url\""), HasSubstr("where")));
  source.config = {{"url", "x"}, {"delimeter", ","}};
  EXPECT_THAT(Message(host_->CheckConfig(source)),
              HasSubstr("did you mean \"delimiter\"?"));
  source.config = {{"url", "x"}};
  EXPECT_TRUE(host_->CheckConfig(source).ok());
}

TEST_F(PluginHostTest, SendsARequestWithDefaultsFilledIn) {
  Install("p", PythonPlugin("p", R"(
say({'check': {'ok': True, 'message': verb + json.dumps(request, sort_keys=True)}})
)",
                            kConfig));
  Source source = MakeSource("p");
  source.config = {{"url", "x"}};
  auto result = host_->Check(source);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->message(),
            R"(check{"config": {"delimiter": ";", "url": "x"}, )"
            R"("now": "2025-06-15T12:00:00Z", "protocol_version": 1, )"
            R"("source": "src"})");
}

constexpr char kSecrets[] =
    R"(,"secrets":[{"name":"TEST_API_KEY","required":true,"description":"a key"},)"
    R"({"name":"TEST_OPTIONAL"}])";

TEST_F(PluginHostTest, NamesAMissingSecret) {
  Install("p", ShellPlugin("p", "exit 0", kSecrets));
  auto report = Pull("p");
  EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(report.status()),
              AllOf(HasSubstr("TEST_API_KEY"), HasSubstr("a key")));
}

TEST_F(PluginHostTest, PassesDeclaredSecretsAndNothingElseOn) {
  Variable key("TEST_API_KEY", "k3y");
  Variable undeclared("TEST_UNDECLARED", "hidden");
  Install("p", PythonPlugin("p", R"(
names = [pair.split('=')[0] for pair in open('/proc/self/environ').read().split('\0')]
given = os.environ['TEST_API_KEY'] == 'k' + '3y'
say({'check': {'ok': given, 'message': ' '.join(sorted(names))}})
)",
                            kSecrets));
  auto result = host_->Check(MakeSource("p"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->ok());
  EXPECT_EQ(result->message(), " HOME LANG PATH TEST_API_KEY TMPDIR TZ");
}

TEST_F(PluginHostTest, PassesTheSecretsOfASourceOnAndStrikesThemOut) {
  Variable key("TEST_SOURCE_KEY", "k3y-of-source");
  Install("p", PythonPlugin("p", R"(
key = os.environ['TEST_SOURCE_KEY']
say({'check': {'ok': True, 'message': 'it is ' + key}})
)"));
  Source source = MakeSource("p");
  source.secrets = {"TEST_SOURCE_KEY"};
  auto result = host_->Check(source);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->message(), "it is ***");
}

TEST_F(PluginHostTest, NamesAMissingSecretOfASource) {
  Install("p", ShellPlugin("p", "exit 0"));
  Source source = MakeSource("p");
  source.secrets = {"TEST_ABSENT_KEY"};
  EXPECT_THAT(Message(host_->Check(source).status()),
              AllOf(HasSubstr("TEST_ABSENT_KEY"), HasSubstr("not set")));
}

TEST_F(PluginHostTest, StrikesSecretsOutOfEverythingThatAPluginSays) {
  Variable key("TEST_API_KEY", "k3y/secret");
  const char leak[] = R"(
key = os.environ['TEST_API_KEY']
print('stderr', key, file=sys.stderr)
say({'log': {'message': 'log ' + key}})
say({'progress': {'message': 'progress ' + key}})
)";
  Install("p", PythonPlugin("p", absl::StrCat(leak, "checkpoint()"), kSecrets));
  std::string progress;
  PullObserver observer;
  observer.on_progress = [&](std::optional<double>, absl::string_view text) {
    progress = std::string(text);
  };
  auto report = host_->Pull(MakeSource("p"), "runs/1", observer);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->log,
              ::testing::UnorderedElementsAre("stderr ***", "log ***"));
  EXPECT_EQ(progress, "progress ***");

  for (const char* end : {"say({'error': {'message': 'url?key=' + key}})",
                          "print(key, flush=True)", "sys.exit(key)",
                          "say({'series': {'id': key}})",
                          "say({'error': {'message': 'key=k3y%2Fsecret'}})"}) {
    Install("p", PythonPlugin("p", absl::StrCat(leak, end), kSecrets));
    auto failed = Pull("p");
    EXPECT_FALSE(failed.ok());
    EXPECT_THAT(Message(failed.status()),
                AllOf(HasSubstr("***"), Not(HasSubstr("secret"))))
        << end;
  }
  Install("p",
          PythonPlugin(
              "p", "say({'check': {'message': os.environ['TEST_API_KEY']}})",
              kSecrets));
  EXPECT_EQ(host_->Check(MakeSource("p"))->message(), "***");
}

TEST_F(PluginHostTest, TellsProgramsWhichOptionThePluginLacks) {
  Install("p", ShellPlugin("p", "",
                           R"(,"config":[{"name":"url","required":true}])"));
  Source source;
  source.name = "url";
  source.plugin = "p";
  EXPECT_EQ(OptionAtFault(host_->CheckConfig(source)), std::nullopt);
  source.config = {{"url", "u"}, {"urll", "x"}};
  EXPECT_EQ(OptionAtFault(host_->CheckConfig(source)), "urll");
}

// --- Failures ---

TEST_F(PluginHostTest, MapsTheClassOfAnError) {
  using absl::StatusCode;
  const auto error = [](absl::string_view fields) {
    return absl::StrCat("echo '{\"error\":{", fields,
                        ",\"message\":\"why\"}}'\nexit 1");
  };
  EXPECT_EQ(
      PullError(error(R"("class":"CONFIG")"), StatusCode::kFailedPrecondition),
      "source src: plugin p, read: why");
  PullError(error(R"("class":"SYSTEM")"), StatusCode::kInternal);
  PullError(error(R"("class":"TRANSIENT")"), StatusCode::kUnavailable);
  // A plugin that ends with 0 has failed nonetheless.
  PullError(R"(echo '{"error":{"message":"why"}}')", StatusCode::kInternal);
}

TEST_F(PluginHostTest, CarriesWhenToRetry) {
  auto report = PullShell(
      R"(echo '{"error":{"class":"TRANSIENT","message":"busy","retry_after":"90.5s"}}'
exit 1)");
  EXPECT_EQ(report.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(RetryAfter(report.status()), absl::Milliseconds(90500));
  EXPECT_EQ(RetryAfter(absl::UnavailableError("x")), std::nullopt);
}

TEST_F(PluginHostTest, SaysHowAPluginCrashed) {
  EXPECT_THAT(PullError("echo 'cannot open it' >&2; exit 3",
                        absl::StatusCode::kInternal),
              AllOf(HasSubstr("plugin p, read: ended with status 3"),
                    HasSubstr("cannot open it")));
  EXPECT_THAT(PullError("kill -SEGV $$", absl::StatusCode::kInternal),
              HasSubstr("signal 11 (Segmentation fault)"));
}

TEST_F(PluginHostTest, NamesGarbage) {
  EXPECT_THAT(PullError("echo '<html>504</html>'", absl::StatusCode::kInternal),
              AllOf(HasSubstr("line 1"), HasSubstr("<html>504</html>")));
  EXPECT_THAT(
      PullError("printf 'HEADWAY1\\020abc'", absl::StatusCode::kInternal),
      HasSubstr("message 1 is cut short"));
  EXPECT_THAT(
      PullError("head -c 100000 /dev/zero", absl::StatusCode::kInternal),
      HasSubstr("not a message"));
}

TEST_F(PluginHostTest, EndsAPluginThatHangs) {
  Install("p", ShellPlugin("p", "trap '' TERM; while :; do sleep 60; done"));
  Source source = MakeSource("p");
  source.limits.wall_time = absl::Milliseconds(100);
  auto report = host_->Pull(source, "runs/1", {});
  EXPECT_EQ(report.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Message(report.status()),
              AllOf(HasSubstr("100ms"), HasSubstr("wall_time")));
}

TEST_F(PluginHostTest, EndsAPluginThatFloods) {
  for (const char* body :
       {"yes '{\"progress\":{}}'", "yes >&2", "yes | tr -d '\\n'"}) {
    Install("p", ShellPlugin("p", body));
    Source source = MakeSource("p");
    source.limits.output_bytes = 1 << 20;
    auto report = host_->Pull(source, "runs/1", {});
    EXPECT_EQ(report.status().code(), absl::StatusCode::kInternal);
    EXPECT_THAT(Message(report.status()),
                AllOf(HasSubstr("1048576"), HasSubstr("output_bytes")));
  }
}

TEST_F(PluginHostTest, SaysHowMuchMemoryIsAllowed) {
#ifdef HEADWAY_SANITIZED
  GTEST_SKIP() << "memory is not limited in sanitizer builds";
#endif
  Install("p", PythonPlugin("p", "x = bytearray(500 << 20)"));
  Source source = MakeSource("p");
  source.limits.memory_bytes = 128 << 20;
  auto report = host_->Pull(source, "runs/1", {});
  EXPECT_THAT(Message(report.status()),
              AllOf(HasSubstr("MemoryError"), HasSubstr("limited to 128 MiB")));
}

TEST_F(PluginHostTest, KeepsTheLastFiftyLogLines) {
  auto report = PullShell(absl::StrCat(
      "i=0; while [ $i -lt 80 ]; do i=$((i+1)); echo \"line $i\" >&2; done\n",
      kCheckpoint));
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->log.size(), 50u);
  EXPECT_EQ(report->log.back(), "line 80");
}

// --- check and discover ---

TEST_F(PluginHostTest, ReportsWhatCheckFinds) {
  Install("p", ShellPlugin(
                   "p", R"(echo '{"check":{"ok":false,"message":"no key"}}')"));
  auto result = host_->Check(MakeSource("p"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->ok());
  EXPECT_EQ(result->message(), "no key");
}

TEST_F(PluginHostTest, WantsExactlyOneCheckResult) {
  for (const char* body :
       {"exit 0", R"(echo '{"check":{}}'; echo '{"check":{}}')",
        R"(echo '{"checkpoint":{}}')"}) {
    Install("p", ShellPlugin("p", body));
    auto result = host_->Check(MakeSource("p"));
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInternal);
    EXPECT_THAT(Message(result.status()), HasSubstr("one check result"));
  }
}

TEST_F(PluginHostTest, DiscoversSeries) {
  Install("p", ShellPlugin("p", kSeries));
  auto found = host_->Discover(MakeSource("p"));
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().key.metric, "m");
  Install("p", ShellPlugin("p", kCheckpoint));
  EXPECT_THAT(Message(host_->Discover(MakeSource("p")).status()),
              HasSubstr("line 1: discover answers with series"));
}

// --- Concurrency ---

TEST_F(PluginHostTest, PullsASourceOnceAtATimeAndSeveralSourcesAtOnce) {
  // Each pull adds one to its own counter through its checkpoint.
  Install("p", PythonPlugin("p", R"(
count = int(request.get('checkpoints', {}).get('', '0'))
define(metric=request['source'])
observe({'2024-%02d' % (count + 1): count})
checkpoint(str(count + 1))
)"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([this, i] {
      Source source = MakeSource("p");
      source.name = absl::StrCat("src", i % 2);
      auto report = host_->Pull(source, "runs/1", {});
      EXPECT_TRUE(report.ok()) << report.status();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const char* source : {"src0", "src1"}) {
    auto checkpoints = store_->NewReader()->GetCheckpoints(source);
    ASSERT_EQ(checkpoints->size(), 1u);
    EXPECT_EQ(checkpoints->front().state, "3");
  }
}

}  // namespace
}  // namespace headway::ingest
