// What a program finds in its isolation, and what of its start and end is told.
#include "daemon/ingest/sandbox/isolation.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/ingest/sandbox/process.h"
#include "tests/support/files.h"
#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class IsolationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    isolation_ = Isolation::Probe({});
    if (!isolation_->lacks().empty()) {
      GTEST_SKIP() << isolation_->lacks().front().what;
    }
    ASSERT_TRUE(HardenProcess(*isolation_).ok());
    options_.isolation = isolation_.get();
  }

  absl::StatusOr<ProcessResult> Run(absl::string_view script) {
    const std::string path = directory_.Join("program/program");
    std::filesystem::create_directories(directory_.Join("program"));
    WriteExecutable(path, script);
    options_.path = path;
    output_.clear();
    error_output_.clear();
    ProcessObserver observer;
    observer.on_output = [this](absl::string_view bytes) {
      absl::StrAppend(&output_, bytes);
      return absl::OkStatus();
    };
    observer.on_error_output = [this](absl::string_view bytes) {
      absl::StrAppend(&error_output_, bytes);
    };
    return RunProcess(options_, observer);
  }
  // The output of a script that ends well.
  std::string OutputOf(absl::string_view script) {
    const auto result = Run(script);
    EXPECT_TRUE(result.ok()) << result.status();
    if (result.ok()) {
      EXPECT_EQ(result->end, ProcessEnd::kExited) << error_output_;
      EXPECT_EQ(result->exit_status, 0) << error_output_;
    }
    return output_;
  }
  std::string Python(absl::string_view script) {
    return OutputOf(
        absl::StrCat("#!/usr/bin/python3\nimport os, sys\n", script, "\n"));
  }

  TempDirectory directory_{TempDirectory::Place::kDisk};
  std::unique_ptr<Isolation> isolation_;
  ProcessOptions options_{.wall_time = absl::Seconds(20),
                          .term_grace = absl::Milliseconds(50)};
  std::string output_;
  std::string error_output_;
};

TEST_F(IsolationTest, CarriesInputOutputAndStatus) {
  options_.input = "hello\n";
  options_.arguments = {"verb"};
  auto result = Run("#!/bin/sh\ncat; echo $1; echo oops >&2; exit 3\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->end, ProcessEnd::kExited);
  EXPECT_EQ(result->exit_status, 3);
  EXPECT_EQ(output_, "hello\nverb\n");
  EXPECT_EQ(error_output_, "oops\n");
}

TEST_F(IsolationTest, TellsTheSignal) {
  auto result = Run("#!/bin/sh\nkill -SEGV $$\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->end, ProcessEnd::kSignalled);
  EXPECT_EQ(result->signal, SIGSEGV);
}

TEST_F(IsolationTest, SaysWhyAProgramCannotBeStarted) {
  EXPECT_THAT(std::string(Run("#!/no/such/shell\n").status().message()),
              HasSubstr("interpreter"));
  EXPECT_THAT(std::string(Run("echo hello\n").status().message()),
              HasSubstr("#!/bin/sh"));
  options_.path = directory_.Join("absent");
  EXPECT_THAT(std::string(RunProcess(options_, {}).status().message()),
              HasSubstr("does not exist"));
}

TEST_F(IsolationTest, LetsOneThatHeedsTermCleanUp) {
  options_.wall_time = absl::Milliseconds(500);
  options_.term_grace = absl::Seconds(20);
  auto result =
      Run("#!/bin/sh\ntrap 'echo cleaned; exit 0' TERM\n"
          "while :; do sleep 0.05; done\n");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->end, ProcessEnd::kWallTime);
  // Nobody reads what it says from then on, but it was not killed.
  EXPECT_EQ(result->signal, 0);
  EXPECT_EQ(result->exit_status, 0);
}

TEST_F(IsolationTest, GivesTheEnvironmentAskedForAndNoOther) {
  ::setenv("HEADWAY_TEST_LEAK", "leaked", 1);
  options_.environment = {"A=1"};
  const std::string text =
      Python("print(open('/proc/self/environ').read(), end='')");
  ::unsetenv("HEADWAY_TEST_LEAK");
  std::vector<std::string> names;
  for (absl::string_view line : absl::StrSplit(text, '\0', absl::SkipEmpty())) {
    names.push_back(std::string(line.substr(0, line.find('='))));
  }
  EXPECT_THAT(names, UnorderedElementsAre("A", "HOME", "TMPDIR"));
}

TEST_F(IsolationTest, PassesNoFileDescriptorOn) {
  const int leak = ::open("/dev/null", O_RDONLY);  // not close-on-exec
  options_.hosts = {{.host = "localhost"}};
  EXPECT_EQ(Python("print([fd for fd in range(256) if os.path.exists("
                   "f'/dev/fd/{fd}')])"),
            "[0, 1, 2]\n");
  ::close(leak);
}

TEST_F(IsolationTest, ShowsWhatItNeedsAndNothingElse) {
  WriteFile(directory_.Join("secret"), "x");
  const std::string roots = Python("print(*sorted(os.listdir('/')))");
  for (const char* hidden :
       {"home", "root", "var", "boot", "opt", "srv", "sys"}) {
    EXPECT_THAT(roots,
                Not(ContainsRegex(absl::StrCat("(^| )", hidden, "( |$)"))))
        << roots;
  }
  EXPECT_EQ(Python("print(os.path.exists('/etc/shadow'), "
                   "os.path.exists('/etc/passwd'))"),
            "False False\n");
  EXPECT_EQ(
      Python(absl::StrCat("print(os.listdir('", directory_.Join(""), "'))")),
      "['program']\n");
}

TEST_F(IsolationTest, ShowsWhatItIsGivenUnderItsOwnPath) {
  const std::string file = directory_.Join("table.csv");
  const std::string folder = directory_.Join("folder");
  WriteFile(file, "a,b\n");
  std::filesystem::create_directory(folder);
  WriteFile(folder + "/inner", "c");
  options_.readable = {file, folder + "/", directory_.Join("absent"),
                       "/",  "/proc",      "relative"};
  EXPECT_EQ(Python(absl::StrCat("print(open('", file, "').read(), open('",
                                folder, "/inner').read())")),
            "a,b\n c\n");
  EXPECT_EQ(Python(absl::StrCat("try: open('", file,
                                "', 'w')\nexcept OSError as e: print(e.errno "
                                "in (13, 30))")),
            "True\n");
}

TEST_F(IsolationTest, WritesToItsScratchAndItsDirectoryAlone) {
  options_.scratch_bytes = 1 << 20;
  options_.writable = directory_.Join("record");
  std::filesystem::create_directory(options_.writable);
  EXPECT_EQ(Python(R"(
print(os.getcwd() == os.environ['HOME'] == os.environ['TMPDIR'], os.listdir())
open('here', 'w').write('x')
open('/tmp/there', 'w').write('x')
good = []
for root, folders, files in os.walk('/'):
    if root.startswith(('/proc', '/scratch', '/tmp', '/dev/shm')): continue
    if root == '/usr': folders.clear()
    try:
        open(root + '/written', 'w').close()
        good.append(root)
    except OSError: pass
print(good)
)"),
            "True []\n[]\n");
  EXPECT_EQ(Python(absl::StrCat("open('", options_.writable,
                                "/document', 'w').write('kept')")),
            "");
  EXPECT_EQ(ReadFile(options_.writable + "/document"), "kept");
  // Nothing of the scratch directory is left or seen by the next.
  EXPECT_EQ(Python("print(os.listdir(), os.path.exists('/tmp/there'))"),
            "[] False\n");
}

TEST_F(IsolationTest, HasNoRightsAndMayGetNone) {
  const std::string status = OutputOf("#!/bin/sh\ncat /proc/self/status\n");
  EXPECT_THAT(status,
              AllOf(HasSubstr("CapEff:\t0000000000000000"),
                    HasSubstr("CapPrm:\t0000000000000000"),
                    HasSubstr("NoNewPrivs:\t1"), HasSubstr("Seccomp:\t2")));
  const std::string ids =
      Python("print(os.getuid(), os.getgid(), os.getgroups())");
  if (::geteuid() == 0) {
    EXPECT_THAT(ids, ContainsRegex("^19000000.. 19000000.. \\[\\]"));
  } else {
    EXPECT_THAT(ids, HasSubstr(absl::StrCat(::geteuid(), " ")));
  }
}

TEST_F(IsolationTest, LimitsResources) {
  options_.cpu_time = absl::Milliseconds(1500);
  options_.processes = 30;
  const std::string limits = OutputOf("#!/bin/sh\ncat /proc/self/limits\n");
  EXPECT_THAT(limits, ContainsRegex("Max cpu time +2 +4 "));
  EXPECT_THAT(limits, ContainsRegex("Max core file size +0 +0 "));
  EXPECT_THAT(limits, ContainsRegex("Max open files +256 +256 "));
  EXPECT_THAT(limits, ContainsRegex("Max file size +536870912 +536870912 "));
  EXPECT_THAT(limits, ContainsRegex("Max processes +30 +30 "));
}

TEST_F(IsolationTest, IsRefusedSystemCallsThatItDoesNotNeed) {
  EXPECT_EQ(Python(R"(
import ctypes, socket
libc = ctypes.CDLL(None, use_errno=True)
def errno_of(*call):
    return 0 if libc.syscall(*call) >= 0 else ctypes.get_errno()
# ptrace, unshare, mount, bpf, keyctl, userfaultfd, io_uring_setup, setns
calls = [(101, 0, 0, 0, 0), (272, 0x10000000), (165, 0, 0, 0, 0, 0),
         (321, 0, 0, 0), (250, 0, 0), (323, 0), (425, 1, 0), (308, 0, 0)]
print([errno_of(*call) for call in calls])
def family(number):
    try: socket.socket(number, socket.SOCK_DGRAM).close()
    except OSError as e: return e.errno
print([family(number) for number in (1, 2, 10, 16, 17, 40)])
)"),
            "[1, 1, 1, 1, 1, 1, 1, 1]\n[None, None, None, 97, 97, 97]\n");
}

TEST_F(IsolationTest, ReachesTheProxyWhereItHasHosts) {
  const char script[] = R"(
import socket
try:
    socket.create_connection(('127.0.0.1', 3128), 5).close()
    print('there')
except OSError as e: print(e.strerror)
print(os.environ.get('https_proxy'))
)";
  EXPECT_EQ(Python(script), "Connection refused\nNone\n");
  options_.hosts = {{.host = "example.org"}};
  // Another is out of reach.
  options_.environment = {"https_proxy=http://10.0.0.1:1"};
  EXPECT_EQ(Python(script), "there\nhttp://127.0.0.1:3128\n");
}

TEST_F(IsolationTest, LeavesNoFileDescriptorOpen) {
  const auto count = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  };
  options_.hosts = {{.host = "example.org"}};
  const auto before = count();
  ASSERT_TRUE(Run("#!/bin/sh\necho x\n").ok());
  ASSERT_FALSE(Run("#!/no/such/shell\n").ok());
  EXPECT_EQ(count(), before);
}

TEST(IsolationProbeTest, NamesWhatIsMissingWithTheRemedy) {
  const auto isolation = Isolation::Probe({.bubblewrap = "/no/such/bwrap"});
  EXPECT_EQ(isolation->level(), Isolation::Level::kLimits);
  ASSERT_THAT(isolation->lacks(), SizeIs(1));
  EXPECT_THAT(isolation->lacks()[0].what, HasSubstr("/no/such/bwrap"));
  EXPECT_THAT(isolation->lacks()[0].remedy, HasSubstr("install"));
  EXPECT_TRUE(isolation->CheckUsable().ok());
}

TEST(IsolationProbeTest, SaysWhyASandboxCannotBeMade) {
  // Any program that is not bubblewrap.
  const auto isolation = Isolation::Probe({.bubblewrap = "/usr/bin/ls"});
  ASSERT_FALSE(isolation->lacks().empty());
  EXPECT_THAT(isolation->lacks().back().what, HasSubstr("ls: "));
  EXPECT_EQ(isolation->level(), Isolation::Level::kLimits);
}

TEST(IsolationProbeTest, RequiredAndMissingRunsNothing) {
  const auto isolation = Isolation::Probe(
      {.mode = Isolation::Mode::kRequire, .bubblewrap = "/no/such/bwrap"});
  ProcessOptions options{.path = "/usr/bin/true", .isolation = isolation.get()};
  const auto result = RunProcess(options, {});
  EXPECT_TRUE(absl::IsFailedPrecondition(result.status())) << result.status();
  EXPECT_THAT(std::string(result.status().message()),
              AllOf(HasSubstr("--plugin-isolation=require"),
                    HasSubstr("/no/such/bwrap")));
}

TEST(IsolationProbeTest, WithoutNamespacesStillFiltersSystemCalls) {
  const auto isolation = Isolation::Probe({.bubblewrap = "/no/such/bwrap"});
  ProcessOptions options{.path = "/bin/cat",
                         .arguments = {"/proc/self/status"},
                         .isolation = isolation.get()};
  std::string output;
  ProcessObserver observer;
  observer.on_output = [&](absl::string_view bytes) {
    absl::StrAppend(&output, bytes);
    return absl::OkStatus();
  };
  ASSERT_TRUE(RunProcess(options, observer).ok());
  EXPECT_THAT(output, HasSubstr("Seccomp:\t2"));
}

TEST(UserIdsTest, GoRoundAndAreGivenBack) {
  UserIds ids(100, 2);
  auto first = ids.Take();
  EXPECT_EQ(first->id(), 100u);
  {
    auto second = ids.Take();
    EXPECT_EQ(second->id(), 101u);
    EXPECT_FALSE(ids.Take().ok());
  }
  EXPECT_EQ(ids.Take()->id(), 101u);
}

}  // namespace
}  // namespace headway::ingest
