// Plugins that mean harm: each is contained, reported in one line, and leaves
// nothing running, and the daemon's memory stays what it was. The suite runs as
// whoever builds, and, where that is root, as an ordinary user as well: see
// CMakeLists.txt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "daemon/ingest/source/errors.h"
#include "tests/support/http_server.h"
#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What a plugin may make this process grow by.
constexpr int64_t kFlat = int64_t{96} << 20;

int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

// Processes of the machine in whose command line there is this text.
std::vector<std::string> ProcessesWith(const std::string& text) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    int pid;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    std::ifstream file(entry.path() / "cmdline", std::ios::binary);
    const std::string line((std::istreambuf_iterator<char>(file)), {});
    if (absl::StrContains(line, text)) {
      found.push_back(absl::StrReplaceAll(line, {{std::string(1, '\0'), " "}}));
    }
  }
  return found;
}

class HostileTest : public PluginTest {
 protected:
  void SetUp() override {
    isolation_ =
        Isolation::Probe({.resolve = [this](const std::string& host, int port) {
          return Resolve(host, port);
        }});
    if (!isolation_->lacks().empty()) {
      GTEST_SKIP() << isolation_->lacks().front().what << "; "
                   << isolation_->lacks().front().remedy;
    }
    ASSERT_TRUE(HardenProcess(*isolation_).ok());
    OpenStore();
    before_ = ResidentBytes();
  }

  void TearDown() override {
    if (IsSkipped()) return;
    EXPECT_LT(ResidentBytes() - before_, kFlat);
    // Neither processes of ours nor orphans that fell to us, dead or alive.
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_THAT(ProcessesWith(plugins()), IsEmpty());
  }

  Source SmallSource() const {
    Source source = MakeSource("p");
    source.limits.max_processes = 64;
    source.limits.scratch_bytes = 16 << 20;
    source.limits.memory_bytes = 128 << 20;
    source.limits.max_series = 1000;
    return source;
  }

  // How the plugin's pull fails: one line of a sensible length.
  std::string FailureOf(absl::string_view body, const Source& source,
                        absl::string_view more = "") {
    Install("p", PythonPlugin("p", body, more));
    const auto report = host_->Pull(source, "runs/1", {});
    EXPECT_FALSE(report.ok());
    std::string message(report.status().message());
    EXPECT_THAT(message, Not(HasSubstr("\n")));
    EXPECT_LT(message.size(), 2000u);
    EXPECT_THAT(message, HasSubstr("source src: plugin p, read"));
    return message;
  }

  // What a plugin says of itself.
  std::string Says(absl::string_view body, const Source& source,
                   absl::string_view more = "") {
    Install("p", PythonPlugin("p",
                              absl::StrCat("said = ''\n", body,
                                           "\nsay({'check': {'ok': True, "
                                           "'message': str(said)}})"),
                              more));
    const auto result = host_->Check(source);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->message() : "";
  }

  absl::StatusOr<std::vector<Address>> Resolve(const std::string& host,
                                               int port) {
    const int asked = asked_++;
    // At the first time it leads to the public internet.
    if (host == "rebinds.test" && asked == 0) {
      return std::vector<Address>{*ParseAddress("2620:4f:8000::1", port)};
    }
    if (const auto address = ParseAddress(host, port)) {
      return std::vector<Address>{*address};
    }
    return std::vector<Address>{*ParseAddress("127.0.0.1", port)};
  }

  HttpServer server_{[](const ServedRequest&) {
    return ServedAnswer{.body = "secret of this machine"};
  }};
  std::string server() const { return server_.url().substr(7); }

  std::atomic<int> asked_ = 0;
  int64_t before_ = 0;
};

// --- What it uses up ---

TEST_F(HostileTest, ForksWithoutEnd) {
  Source source = SmallSource();
  source.limits.wall_time = absl::Seconds(1);
  EXPECT_THAT(FailureOf("while True:\n"
                        "    try: os.fork()\n"
                        "    except OSError: time.sleep(0.01)",
                        source),
              HasSubstr("wall_time"));
}

TEST_F(HostileTest, ForksNoMoreThanItMay) {
  Source source = SmallSource();
  EXPECT_THAT(FailureOf("for i in range(1000):\n"
                        "    if os.fork() == 0: time.sleep(60)",
                        source),
              AllOf(HasSubstr("status 1"),
                    HasSubstr("Resource temporarily unavailable")));
}

TEST_F(HostileTest, IgnoresTerm) {
  Source source = SmallSource();
  source.limits.wall_time = absl::Milliseconds(300);
  EXPECT_THAT(FailureOf("signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                        "while True: time.sleep(60)",
                        source),
              AllOf(HasSubstr("300ms"), HasSubstr("wall_time")));
}

TEST_F(HostileTest, WritesAGigabyte) {
  EXPECT_THAT(FailureOf("file = open('large', 'wb')\n"
                        "for i in range(1024): file.write(bytes(1 << 20))",
                        SmallSource()),
              HasSubstr("No space left on device"));
}

TEST_F(HostileTest, FillsItsScratchDirectoryWithFiles) {
  EXPECT_THAT(FailureOf("for i in range(100000):\n"
                        "    with open(str(i), 'wb') as file: "
                        "file.write(bytes(4096))",
                        SmallSource()),
              HasSubstr("No space left on device"));
}

TEST_F(HostileTest, FillsTheDirectoryOfItsDocuments) {
  Source source = SmallSource();
  source.documents.max_pull_bytes = 1 << 20;
  source.documents.max_document_bytes = 1 << 20;
  EXPECT_THAT(
      FailureOf("for i in range(1000):\n"
                "    with open(os.environ['HEADWAY_HTTP_RECORD'] + f'/{i}', "
                "'wb') as file: file.write(os.urandom(4 << 20))",
                source),
      HasSubstr("max_pull_bytes"));
}

TEST_F(HostileTest, OpensTenThousandFiles) {
  EXPECT_THAT(FailureOf("files = [open('/dev/null') for i in range(10000)]",
                        SmallSource()),
              HasSubstr("Too many open files"));
}

TEST_F(HostileTest, AllocatesWithoutEnd) {
#ifdef HEADWAY_SANITIZED
  GTEST_SKIP() << "memory is not limited in sanitizer builds";
#endif
  EXPECT_THAT(FailureOf("blocks = []\n"
                        "while True: blocks.append(bytearray(8 << 20))",
                        SmallSource()),
              AllOf(HasSubstr("MemoryError"), HasSubstr("128 MiB")));
}

TEST_F(HostileTest, NamesTenMillionSeries) {
  EXPECT_THAT(
      FailureOf("for i in range(10000000):\n"
                "    print('{\"series\":{\"id\":\"%d\",\"metric\":\"m\","
                "\"frequency\":\"ANNUAL\",\"unit\":\"1\",\"labels\":"
                "{\"n\":\"%d\"}}}' % (i, i))",
                SmallSource()),
      AllOf(HasSubstr("1000"), HasSubstr("max_series")));
}

TEST_F(HostileTest, PrintsNoise) {
  EXPECT_THAT(
      FailureOf("import random\n"
                "noise = random.Random(7)\n"
                "while True: sys.stdout.buffer.write(noise.randbytes(1 << 16))",
                SmallSource()),
      HasSubstr("message"));
}

// --- What it leaves ---

TEST_F(HostileTest, LeavesADaemonBehind) {
  Install("p", PythonPlugin("p", R"(
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for fd in (0, 1, 2): os.close(fd)
        while True: time.sleep(60)
    os._exit(0)
os.wait()
checkpoint()
)"));
  // It did all that it should, and nothing is left: see TearDown.
  const auto report = host_->Pull(SmallSource(), "runs/1", {});
  EXPECT_TRUE(report.ok()) << report.status();
}

// --- What it reads ---

TEST_F(HostileTest, ReadsFilesOfTheMachine) {
  WriteFile(directory_.Join("beside"), "secret");
  EXPECT_EQ(Says(absl::StrCat(R"(
said = []
for path in ('/etc/shadow', '/etc/passwd', '/root', '/home', '/var/lib', ')",
                              directory_.Join("store"), "', '",
                              directory_.Join("beside"), R"('):
    if os.path.exists(path): said.append(path)
)"),
                 SmallSource()),
            "[]");
}

TEST_F(HostileTest, ReadsProcessesAndTheSecretOfAnother) {
  ::setenv("TEST_OTHERS_KEY", "0th3rs-k3y", 1);
  Install("keeper", PythonPlugin("keeper", R"(
say({'progress': {'message': 'it is here'}})
while True: time.sleep(60)
)",
                                 R"(,"secrets":[{"name":"TEST_OTHERS_KEY"}])"));
  absl::Notification started;
  std::atomic<bool> over = false;
  std::thread keeper([&] {
    Source source = MakeSource("keeper");
    source.name = "other";
    PullObserver observer;
    observer.on_progress = [&](std::optional<double>, absl::string_view) {
      started.Notify();
    };
    observer.cancelled = [&] { return over.load(); };
    const auto report = host_->Pull(source, "runs/1", observer);
    EXPECT_TRUE(absl::IsCancelled(report.status())) << report.status();
  });
  started.WaitForNotification();
  EXPECT_FALSE(ProcessesWith(PathOf("keeper")).empty());
  const std::string said = Says(R"(
pids = [int(name) for name in os.listdir('/proc') if name.isdigit()]
found = []
for root, folders, files in os.walk('/proc'):
    for name in files:
        if name in ('environ', 'cmdline', 'maps'):
            try:
                text = open(os.path.join(root, name), 'rb').read()
            except OSError: continue
            if b'0th3rs' in text or b'keeper' in text: found.append(root)
said = [len(pids) <= 4, found]
)",
                                SmallSource());
  over = true;
  keeper.join();
  ::unsetenv("TEST_OTHERS_KEY");
  EXPECT_EQ(said, "[True, []]");
}

TEST_F(HostileTest, SignalsProcessesThatAreNotItsOwn) {
  EXPECT_EQ(Says(absl::StrCat("try: os.kill(", ::getpid(),
                              ", 0)\n"
                              "except OSError as e: said = e.strerror"),
                 SmallSource()),
            "No such process");
}

// --- Whom it reaches ---

constexpr char kFetch[] = R"(
import urllib.request, urllib.error
def fetch(url):
    try:
        return urllib.request.urlopen(url, timeout=10).read().decode()
    except urllib.error.HTTPError as e:
        return e.read().decode().strip()
    except OSError as e:
        return str(e)
)";

TEST_F(HostileTest, ReachesNobodyDirectly) {
  EXPECT_EQ(Says(absl::StrCat(R"(
import socket
said = []
for host, port in (('192.0.2.1', 80), ('169.254.169.254', 80), ('127.0.0.1', )",
                              server().substr(server().rfind(':') + 1), R"()):
    try: said.append(bool(socket.create_connection((host, port), 5)))
    except OSError as e: said.append(e.strerror)
)"),
                 SmallSource()),
            "['Network is unreachable', 'Network is unreachable', "
            "'Connection refused']");
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(HostileTest, AsksTheProxyForHostsThatItDoesNotDeclare) {
  const std::string body = absl::StrCat(
      kFetch, "fetch('http://", server(), "/')\n",
      "fetch('http://169.254.169.254/latest/meta-data/')\n",
      "sys.exit('nothing to be had: ' + fetch('https://elsewhere.test/'))");
  // One line that names the first of them.
  const std::string message =
      FailureOf(body, SmallSource(), R"(,"hosts":["declared.test"])");
  EXPECT_THAT(message, HasSubstr(absl::StrCat("the connection to ", server(),
                                              " is refused")));
  const auto report = host_->Pull(SmallSource(), "runs/1", {});
  EXPECT_THAT(LogOf(report.status()),
              AllOf(Contains(HasSubstr("169.254.169.254:80 is refused")),
                    Contains(HasSubstr("elsewhere.test:443 is refused"))));
  EXPECT_THAT(server_.requests(), IsEmpty());
  EXPECT_EQ(asked_, 0);
}

TEST_F(HostileTest, DeclaresAnAddressOfThisMachine) {
  const std::string port = server().substr(server().rfind(':'));
  for (const std::string& host :
       {server(), absl::StrCat("localhost", port),
        absl::StrCat("home.test", port), std::string("169.254.169.254")}) {
    EXPECT_THAT(
        Says(absl::StrCat(kFetch, "said = fetch('http://", host, "/')"),
             SmallSource(), absl::StrCat(R"(,"hosts":[")", host, R"("])")),
        HasSubstr("not an address of the public internet"))
        << host;
  }
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(HostileTest, DeclaresANameThatLeadsToThisMachineTheSecondTime) {
  const std::string host =
      absl::StrCat("rebinds.test", server().substr(server().rfind(':')));
  const std::string said =
      Says(absl::StrCat(kFetch, "for i in range(3): said += fetch('http://",
                        host, "/')"),
           SmallSource(), absl::StrCat(R"(,"hosts":[")", host, R"("])"));
  EXPECT_THAT(said, AllOf(HasSubstr("cannot connect"),
                          Not(HasSubstr("secret of this machine"))));
  EXPECT_EQ(asked_, 1);
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(HostileTest, GivesAnAddressOfThisMachineAsTheDefaultOfAnOption) {
  EXPECT_THAT(
      Says(
          absl::StrCat(kFetch, "said = fetch('http://", server(), "/') + ",
                       "str(os.path.exists('", directory_.Join("store"), "'))"),
          SmallSource(),
          absl::StrCat(R"(,"config":[{"name":"url","default_value":"http://)",
                       server(),
                       R"(/"},{"name":"path","kind":"PATH","default_value":")",
                       directory_.Join("store"), R"("}])")),
      AllOf(HasSubstr("not an address of the public internet"),
            HasSubstr("False")));
  EXPECT_THAT(server_.requests(), IsEmpty());
}

// --- And one that means well ---

TEST_F(HostileTest, IsGivenWhatTheOperatorNames) {
  const std::string table = directory_.Join("table.csv");
  WriteFile(table, "a,b");
  std::filesystem::permissions(table, std::filesystem::perms(0644));
  Source source = SmallSource();
  source.config = {{"url", server_.url() + "/x"},
                   {"table", "file://" + table},
                   {"folder", directory_.Join("folder")}};
  std::filesystem::create_directory(directory_.Join("folder"));
  WriteFile(directory_.Join("folder/inner"), "c");
  source.allow_hosts = {
      absl::StrCat("tables.test", server().substr(server().rfind(':')))};
  const std::string more =
      R"(,"config":[{"name":"url"},{"name":"table"},{"name":"folder","kind":"PATH"}])";
  EXPECT_EQ(
      Says(absl::StrCat(kFetch, "config = request['config']\n",
                        "said = [fetch(config['url']), fetch('http://",
                        source.allow_hosts[0],
                        "/y'), open(config['table'][7:]).read(), "
                        "os.listdir(config['folder'])]"),
           source, more),
      "['secret of this machine', 'secret of this machine', 'a,b', ['inner']]");
  EXPECT_EQ(server_.requests().size(), 2u);
}

}  // namespace
}  // namespace headway::ingest
