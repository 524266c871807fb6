#include "daemon/ingest/sandbox/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/support/child_process.h"
#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::HasSubstr;

class ProcessTest : public ::testing::Test {
 protected:
  // Runs `script`, gathering what it writes.
  absl::StatusOr<ProcessResult> Run(absl::string_view script) {
    const std::string path = directory_.Join("program");
    WriteExecutable(path, script);
    options_.path = path;
    observer_.on_output = [this](absl::string_view bytes) {
      absl::StrAppend(&output_, bytes);
      return absl::OkStatus();
    };
    observer_.on_error_output = [this](absl::string_view bytes) {
      absl::StrAppend(&error_output_, bytes);
    };
    return RunProcess(options_, observer_);
  }

  TempDirectory directory_{TempDirectory::Place::kDisk};
  ProcessOptions options_{.wall_time = absl::Seconds(20),
                          .term_grace = absl::Milliseconds(50)};
  ProcessObserver observer_;
  std::string output_;
  std::string error_output_;
};

TEST_F(ProcessTest, CarriesInputOutputAndStatus) {
  options_.input = "hello\n";
  options_.arguments = {"verb"};
  auto result = Run("#!/bin/sh\ncat; echo $1; echo oops >&2; exit 3\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->end, ProcessEnd::kExited);
  EXPECT_EQ(result->exit_status, 3);
  EXPECT_EQ(output_, "hello\nverb\n");
  EXPECT_EQ(error_output_, "oops\n");
}

TEST_F(ProcessTest, CarriesMoreThanAPipeHolds) {
  options_.input = std::string(1 << 20, 'x');
  auto result = Run("#!/bin/sh\nexec cat\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(output_, options_.input);
}

TEST_F(ProcessTest, TellsTheSignal) {
  auto result = Run("#!/bin/sh\nkill -SEGV $$\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->end, ProcessEnd::kSignalled);
  EXPECT_EQ(result->signal, SIGSEGV);
}

TEST_F(ProcessTest, GivesTheEnvironmentAskedForAndNoOther) {
  ::setenv("HEADWAY_TEST_LEAK", "leaked", 1);
  options_.environment = {"A=1"};
  auto result =
      Run("#!/usr/bin/python3\n"
          "print(open('/proc/self/environ').read(), end='')\n");
  ::unsetenv("HEADWAY_TEST_LEAK");
  ASSERT_TRUE(result.ok()) << result.status();
  std::vector<std::string> names;
  for (absl::string_view line :
       absl::StrSplit(output_, '\0', absl::SkipEmpty())) {
    names.push_back(std::string(line.substr(0, line.find('='))));
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("A", "HOME", "TMPDIR"));
}

TEST_F(ProcessTest, RunsInAPrivateDirectoryThatIsRemoved) {
  auto result = Run("#!/bin/sh\ntouch left-behind\npwd\nls -A\n");
  ASSERT_TRUE(result.ok()) << result.status();
  const std::vector<std::string> lines = absl::StrSplit(output_, '\n');
  EXPECT_EQ(lines[1], "left-behind");
  EXPECT_FALSE(std::filesystem::exists(lines[0])) << lines[0];
}

TEST_F(ProcessTest, PassesNoFileDescriptorOn) {
  int leak = ::open("/dev/null", O_RDONLY);  // not close-on-exec
  ASSERT_GE(leak, 3);
  auto result = Run(
      "#!/usr/bin/python3\nimport os\n"
      "print([fd for fd in range(256) if os.path.exists(f'/dev/fd/{fd}')])\n");
  ::close(leak);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(output_, "[0, 1, 2]\n");
}

TEST_F(ProcessTest, ResetsSignalsThatTheDaemonIgnores) {
  ::signal(SIGPIPE, SIG_IGN);
  auto result = Run("#!/bin/sh\ngrep SigIgn /proc/self/status\n");
  ::signal(SIGPIPE, SIG_DFL);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(output_, "SigIgn:\t0000000000000000\n");
}

TEST_F(ProcessTest, LimitsResources) {
  options_.cpu_time = absl::Milliseconds(1500);
  auto result = Run("#!/bin/sh\ncat /proc/self/limits /proc/self/status\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(output_, ::testing::ContainsRegex("Max cpu time +2 +4 "));
  EXPECT_THAT(output_, ::testing::ContainsRegex("Max core file size +0 +0 "));
  EXPECT_THAT(output_, ::testing::ContainsRegex("Max open files +256 +256 "));
  EXPECT_THAT(output_, HasSubstr("NoNewPrivs:\t1"));
}

TEST_F(ProcessTest, LimitsMemory) {
#ifdef HEADWAY_SANITIZED
  GTEST_SKIP() << "memory is not limited in sanitizer builds";
#endif
  options_.memory_bytes = 64 << 20;
  auto result = Run("#!/usr/bin/python3\nx = bytearray(200 << 20)\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_status, 1);
  EXPECT_THAT(error_output_, HasSubstr("MemoryError"));
}

TEST_F(ProcessTest, LimitsCpuTime) {
  options_.cpu_time = absl::Seconds(1);
  auto result = Run("#!/bin/sh\nwhile :; do :; done\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->end, ProcessEnd::kSignalled);
  EXPECT_EQ(result->signal, SIGXCPU);
}

TEST_F(ProcessTest, EndsOneThatHangsAndIgnoresTerm) {
  options_.wall_time = absl::Milliseconds(200);
  auto result = Run("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 100; done\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->end, ProcessEnd::kWallTime);
  EXPECT_EQ(result->signal, SIGKILL);
}

TEST_F(ProcessTest, LetsOneThatHeedsTermCleanUp) {
  options_.wall_time = absl::Milliseconds(300);
  options_.term_grace = absl::Seconds(20);
  const std::string mark = directory_.Join("mark");
  auto result = Run(absl::StrCat("#!/bin/sh\ntrap 'touch ", mark,
                                 "; exit 0' TERM\n"
                                 "while :; do sleep 0.05; done\n"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->end, ProcessEnd::kWallTime);
  EXPECT_TRUE(std::filesystem::exists(mark));
}

TEST_F(ProcessTest, EndsOneThatFloodsAndPassesNoMoreThanTheLimitOn) {
  for (const char* script :
       {"#!/bin/sh\nexec yes\n", "#!/bin/sh\nexec yes >&2\n"}) {
    output_.clear();
    error_output_.clear();
    options_.output_bytes = 100000;
    auto result = Run(script);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->end, ProcessEnd::kOutputLimit);
    EXPECT_EQ(output_.size() + error_output_.size(), 100000u);
  }
}

TEST_F(ProcessTest, AllowsExactlyTheOutputLimit) {
  options_.output_bytes = 6;
  auto result = Run("#!/bin/sh\necho 12345\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->end, ProcessEnd::kExited);
}

TEST_F(ProcessTest, KillsChildrenThatHoldThePipe) {
  auto result = Run("#!/bin/sh\nsleep 1000 &\necho $!\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->end, ProcessEnd::kExited);
  pid_t child;
  ASSERT_TRUE(absl::SimpleAtoi(output_, &child)) << output_;
  EXPECT_TRUE(AwaitEnd(child));
}

TEST_F(ProcessTest, EndsWhenCancelled) {
  observer_.cancelled = [this] { return !output_.empty(); };
  auto result = Run("#!/bin/sh\necho started\nsleep 1000\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->end, ProcessEnd::kCancelled);
}

TEST_F(ProcessTest, EndsWhenItsOutputIsRefused) {
  const std::string path = directory_.Join("program");
  WriteExecutable(path, "#!/bin/sh\necho started\nsleep 1000\n");
  options_.path = path;
  observer_.on_output = [](absl::string_view) {
    return absl::InternalError("no");
  };
  auto result = RunProcess(options_, observer_);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->end, ProcessEnd::kRefused);
  EXPECT_EQ(result->refusal.message(), "no");
}

TEST_F(ProcessTest, SaysWhyAProgramCannotBeStarted) {
  options_.path = directory_.Join("absent");
  EXPECT_THAT(std::string(RunProcess(options_, {}).status().message()),
              HasSubstr("does not exist"));
  options_.path = directory_.Join("plain");
  WriteFile(options_.path, "#!/bin/sh\n");
  EXPECT_THAT(std::string(RunProcess(options_, {}).status().message()),
              HasSubstr("chmod +x"));
  EXPECT_THAT(std::string(Run("#!/no/such/shell\n").status().message()),
              HasSubstr("interpreter"));
  EXPECT_THAT(std::string(Run("echo hello\n").status().message()),
              HasSubstr("#!/bin/sh"));
}

TEST_F(ProcessTest, LeavesNoFileDescriptorOpen) {
  const auto count = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  };
  const auto before = count();
  ASSERT_TRUE(Run("#!/bin/sh\necho x\n").ok());
  ASSERT_FALSE(Run("#!/no/such/shell\n").ok());
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace headway::ingest
