#include "tools/bench/store/victoria_metrics.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <httplib.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/measure.h"

namespace headway::bench {
namespace {

constexpr char kProgram[] = "victoria-metrics";
constexpr auto kPause = std::chrono::milliseconds(50);
constexpr int kMostPauses = 400;
constexpr int kMostMerges = 6;

std::string FindProgram() {
  const char* path = std::getenv("PATH");
  for (absl::string_view folder :
       absl::StrSplit(path == nullptr ? "" : path, ':', absl::SkipEmpty())) {
    std::string program = absl::StrCat(folder, "/", kProgram);
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

// Nothing listens there, and the system gives the port to nobody else at once.
int UnusedPort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  int port = 0;
  if (fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port = ntohs(address.sin_port);
  }
  if (fd >= 0) close(fd);
  return port;
}

// In the child: nothing but what may be called after fork.
[[noreturn]] void BecomeServer(const char* program, char* const* arguments) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The report goes to our standard output.
  const int null = open("/dev/null", O_RDWR);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  dup2(null, STDERR_FILENO);
  execv(program, arguments);
  _exit(127);
}

}  // namespace

absl::StatusOr<std::unique_ptr<VictoriaMetrics>> VictoriaMetrics::Start(
    const std::string& directory) {
  const std::string program = FindProgram();
  if (program.empty()) {
    return absl::NotFoundError(
        "victoria-metrics is not installed: tools/setup --bench does it");
  }
  const int port = UnusedPort();
  std::vector<std::string> arguments = {
      program, absl::StrCat("-storageDataPath=", directory),
      absl::StrCat("-httpListenAddr=127.0.0.1:", port), "-retentionPeriod=100y",
      // A point imported twice is one point.
      "-dedup.minScrapeInterval=1ms", "-search.maxUniqueTimeseries=100000000",
      "-search.maxExportSeries=100000000"};
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) BecomeServer(program.c_str(), pointers.data());
  if (pid < 0) return absl::InternalError("cannot start victoria-metrics");
  std::unique_ptr<VictoriaMetrics> server(
      new VictoriaMetrics(directory, pid, port));
  RETURN_IF_ERROR(server->AwaitReady());
  return server;
}

VictoriaMetrics::VictoriaMetrics(std::string directory, pid_t pid, int port)
    : directory_(std::move(directory)),
      pid_(pid),
      client_(std::make_unique<httplib::Client>("127.0.0.1", port)) {
  client_->set_keep_alive(true);
  client_->set_tcp_nodelay(true);
  client_->set_read_timeout(120);
  client_->set_write_timeout(120);
}

VictoriaMetrics::~VictoriaMetrics() { Stop(); }

absl::Status VictoriaMetrics::AwaitReady() {
  for (int i = 0; i < kMostPauses; ++i) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return absl::InternalError("victoria-metrics ended at once");
    }
    const httplib::Result result = client_->Get("/health");
    if (result && result->status == 200) return absl::OkStatus();
    std::this_thread::sleep_for(kPause);
  }
  return absl::DeadlineExceededError("victoria-metrics does not answer");
}

absl::Status VictoriaMetrics::Import(const std::string& lines) {
  const httplib::Result result =
      client_->Post("/api/v1/import", lines, "application/json");
  if (result && result->status / 100 == 2) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("victoria-metrics: import: ",
                   result ? result->body : httplib::to_string(result.error())));
}

absl::StatusOr<std::string> VictoriaMetrics::Get(const std::string& path) {
  httplib::Result result = client_->Get(path);
  if (result && result->status == 200) return std::move(result->body);
  return absl::InternalError(
      absl::StrCat("victoria-metrics: ", path, ": ",
                   result ? result->body : httplib::to_string(result.error())));
}

absl::StatusOr<double> VictoriaMetrics::SumOfMetrics(
    const std::string& prefix) {
  ASSIGN_OR_RETURN(const std::string text, Get("/metrics"));
  double sum = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    double value = 0;
    if (absl::StartsWith(line, prefix) &&
        absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) {
      sum += value;
    }
  }
  return sum;
}

absl::Status VictoriaMetrics::AwaitAtMost(const std::string& metric,
                                          const std::function<double()>& most) {
  for (int i = 0; i < kMostPauses; ++i) {
    ASSIGN_OR_RETURN(const double value, SumOfMetrics(metric));
    if (value <= most()) return absl::OkStatus();
    std::this_thread::sleep_for(kPause);
  }
  return absl::DeadlineExceededError(
      absl::StrCat("victoria-metrics does not come to rest: ", metric));
}

absl::Status VictoriaMetrics::FlushAndMerge() {
  RETURN_IF_ERROR(Get("/internal/force_flush").status());
  RETURN_IF_ERROR(AwaitAtMost("vm_pending_rows{", [] { return 0; }));
  // The merge goes on in the background and does not say when it is over: it
  // is, when each partition is one part. It leaves out what another merge is at
  // work on, and so has to be asked for again.
  absl::Status merged;
  for (int i = 0; i < kMostMerges; ++i) {
    RETURN_IF_ERROR(Get("/internal/force_merge").status());
    merged = AwaitAtMost("vm_parts{type=\"storage/",
                         [this] { return CountPartitions(); });
    if (!absl::IsDeadlineExceeded(merged)) return merged;
  }
  return merged;
}

int64_t VictoriaMetrics::CountPartitions() const {
  std::set<std::string> names;
  for (const char* kind : {"/data/small", "/data/big"}) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(
             absl::StrCat(directory_, kind), error)) {
      // 2024_03; beside them lie snapshots.
      const std::string name = entry.path().filename();
      if (absl::ascii_isdigit(name[0])) names.insert(name);
    }
  }
  return static_cast<int64_t>(names.size());
}

absl::StatusOr<int64_t> VictoriaMetrics::DataBytes() {
  ASSIGN_OR_RETURN(const double bytes, SumOfMetrics("vm_data_size_bytes{"));
  return static_cast<int64_t>(bytes);
}

void VictoriaMetrics::Stop() {
  if (pid_ < 0) return;
  const pid_t pid = std::exchange(pid_, -1);
  // How it ends does not matter: nothing of it is used any more.
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

}  // namespace headway::bench
