// headwayd: reads flags, builds the parts, joins them.
//
// Exits with 0 after SIGTERM or SIGINT, with 1 if it cannot start, with 2 if a
// flag is wrong, with 3 if the store can take no more commits until the process
// is started again. SIGHUP reads the pipeline definitions again.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/thread_pool.h"
#include "daemon/health/file_limit.h"
#include "daemon/health/health.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/operations/operations.h"
#include "daemon/pipeline/definitions/daemon_config.h"
#include "daemon/pipeline/manager.h"
#include "daemon/service/address_file.h"
#include "daemon/service/admin/maintenance.h"
#include "daemon/service/listen_address.h"
#include "daemon/service/server.h"
#include "daemon/store/store.h"
#include "daemon/store/upkeep/backup.h"
#include "daemon/web/web_server.h"

namespace headway {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kStoreLost = 3;
// Sent to the process by itself when the store was lost.
constexpr int kStoreLostSignal = SIGUSR1;
// From one look at the daemon's health to the next.
constexpr absl::Duration kBetweenLooks = absl::Seconds(10);
// What operations are given to end in when the daemon stops.
constexpr absl::Duration kOperationsGrace = absl::Seconds(5);

struct Flags {
  std::string data_dir;
  std::string pipelines;
  std::string listen = "127.0.0.1:7311";
  std::string http;
  std::string config;
  std::vector<std::string> plugins;
  std::string backup_dir;
  bool accept_clock = false;
  std::string plugin_isolation = "best-effort";
};

void AddFlags(CLI::App& app, Flags& flags) {
  app.set_version_flag("--version", "headwayd " HEADWAY_VERSION);
  app.add_option("--data-dir", flags.data_dir,
                 "Where everything is kept; made if it is not there")
      ->type_name("DIR")
      ->required();
  app.add_option("--pipelines", flags.pipelines,
                 "The pipeline definitions, *.textproto")
      ->type_name("DIR")
      ->required();
  app.add_option("--listen", flags.listen,
                 "Where gRPC is served: 127.0.0.1:PORT or unix:PATH; with port "
                 "0, DATA_DIR/address says which")
      ->type_name("ADDR")
      ->capture_default_str();
  app.add_option("--http", flags.http,
                 "Where the dashboard, JSON and /metrics are served: "
                 "127.0.0.1:PORT; not served without it")
      ->type_name("ADDR");
  app.add_option("--config", flags.config, "Limits, in protobuf text format")
      ->type_name("FILE");
  app.add_option("--backup-dir", flags.backup_dir,
                 "Where backups of the store go; made if it is not there. "
                 "Without it there are none")
      ->type_name("DIR");
  app.add_flag("--accept-clock", flags.accept_clock,
               "The machine's clock is right, though the last commit is long "
               "ago and no time server vouches for it");
  app.add_option("--plugin-isolation", flags.plugin_isolation,
                 "require: no plugin runs unless this machine can isolate it; "
                 "best-effort: health says what is missing")
      ->check(CLI::IsMember({"best-effort", "require"}))
      ->capture_default_str();
  app.add_option(
         "--plugins", flags.plugins,
         "Searched for plugins before those beside this program; may be "
         "given again")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
}

// Blocked before there is a thread, so that only sigwait sees them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGTERM, SIGINT, SIGHUP, kStoreLostSignal}) {
    sigaddset(&signals, signal);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A client or plugin that goes away is an error of its write alone.
  signal(SIGPIPE, SIG_IGN);
  // As a file that may grow no further is.
  signal(SIGXFSZ, SIG_IGN);
  return signals;
}

// Each error has been logged by itself.
void LogReload(const absl::Status& status,
               const pipeline::Definitions& definitions) {
  if (!status.ok()) {
    Log(LogLevel::kError,
        "cannot read the pipeline definitions again; the old ones stay",
        {{"error", std::string(status.message())}});
    return;
  }
  const size_t errors = definitions.errors.size();
  Log(errors == 0 ? LogLevel::kInfo : LogLevel::kError,
      "read the pipeline definitions again",
      {{"pipelines", absl::StrCat(definitions.pipelines.size())},
       {"errors", absl::StrCat(errors)},
       {"first_error",
        errors == 0 ? "" : definitions.errors.front().ToString()}});
}

void ServeUntilStopped(const sigset_t& signals,
                       pipeline::PipelineManager& pipelines,
                       service::Server& server) {
  int signal = 0;
  while (true) {
    sigwait(&signals, &signal);
    if (signal != SIGHUP) break;
    const absl::Status status = pipelines.Reload();
    LogReload(status, *pipelines.definitions());
    server.PokeWatches();
  }
  Log(LogLevel::kInfo, "stopping", {{"signal", strsignal(signal)}});
  // A second one of an operator ends the process at once.
  sigset_t at_once = signals;
  sigdelset(&at_once, kStoreLostSignal);
  pthread_sigmask(SIG_UNBLOCK, &at_once, nullptr);
}

// Locks, descriptors and the clock.
void PrepareProcess(Clock& clock) {
  // Debian builds Abseil with its checks for debugging: every lock, gRPC's too,
  // would be entered into one graph behind one spinlock, and two that were ever
  // taken in both orders would abort the process. Tests keep that.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  if (absl::Status status = health::RaiseFileLimit(); !status.ok()) {
    Log(LogLevel::kWarning, "too few files may be open for many clients",
        {{"error", std::string(status.message())}});
  }
  if (!clock.IsSynchronised()) {
    Log(LogLevel::kWarning,
        "the machine does not say that its clock is synchronised; run a time "
        "service: a wrong clock makes wrong vintages and schedules");
  }
}

std::vector<std::string> PluginDirectories(
    const Flags& flags, const config::v1::DaemonConfig& config) {
  std::vector<std::string> directories = flags.plugins;
  directories.insert(directories.end(), config.plugin_directory().begin(),
                     config.plugin_directory().end());
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) directories.push_back(self.parent_path() / "plugins");
  return directories;
}

std::unique_ptr<ingest::Isolation> IsolatePlugins(
    const Flags& flags, const config::v1::DaemonConfig& config) {
  using ingest::Isolation;
  Isolation::Options options;
  if (flags.plugin_isolation == "require") {
    options.mode = Isolation::Mode::kRequire;
  }
  options.readable.assign(config.plugin_readable().begin(),
                          config.plugin_readable().end());
  options.first_user = static_cast<uid_t>(config.plugin_first_user());
  options.user_count = config.plugin_user_count();
  std::unique_ptr<Isolation> isolation = Isolation::Probe(std::move(options));
  for (const Isolation::Lack& lack : isolation->lacks()) {
    Log(LogLevel::kWarning, "plugins are not isolated as they should be",
        {{"missing", lack.what}, {"remedy", lack.remedy}});
  }
  if (absl::Status status = ingest::HardenProcess(*isolation); !status.ok()) {
    Log(LogLevel::kWarning, "the process is open to others of its user",
        {{"error", std::string(status.message())}});
  }
  return isolation;
}

absl::StatusOr<config::v1::DaemonConfig> ReadConfig(const Flags& flags) {
  config::v1::DaemonConfig config = pipeline::DefaultDaemonConfig();
  if (!flags.config.empty()) {
    ASSIGN_OR_RETURN(config, pipeline::ReadDaemonConfig(flags.config));
  }
  if (!flags.backup_dir.empty()) {
    config.set_backup_directory(flags.backup_dir);
  }
  return config;
}

absl::StatusOr<std::unique_ptr<store::Store>> OpenStore(
    const Flags& flags, const config::v1::DaemonConfig& config, Clock* clock,
    store::Store::Options options) {
  options.keep_log_bytes = 0;
  options.clock_guard.max_gap = absl::Hours(24 * config.max_clock_gap_days());
  options.clock_guard.accept_clock = flags.accept_clock;
  options.on_final_error = [](const absl::Status& status) {
    Log(LogLevel::kError,
        "the store can take no more commits; ending, to be started again",
        {{"error", std::string(status.message())}});
    kill(getpid(), kStoreLostSignal);
  };
  if (!config.backup_directory().empty()) {
    // Now, and not when the first backup is to be made.
    RETURN_IF_ERROR(
        store::CheckBackupDirectory(flags.data_dir, config.backup_directory()));
    options.keep_log_bytes = static_cast<uint64_t>(config.keep_log_bytes());
  }
  return store::Store::Open(flags.data_dir, clock, options);
}

// What listens, and the files that say where. Stops in the reverse order.
struct Front {
  service::AddressFile grpc_file;
  service::AddressFile http_file;
  std::unique_ptr<service::Server> grpc;
  std::unique_ptr<web::WebServer> http;

  explicit Front(const std::string& data_dir)
      : grpc_file(data_dir + "/address"),
        http_file(data_dir + "/http_address") {}
};

absl::Status Open(const Flags& flags, const service::Server::Options& options,
                  const service::Parts& parts, Front& front) {
  ASSIGN_OR_RETURN(front.grpc, service::Server::Start(options, parts));
  if (!flags.http.empty()) {
    ASSIGN_OR_RETURN(service::ListenAddress listen,
                     service::ParseListenAddress(flags.http));
    ASSIGN_OR_RETURN(front.http,
                     web::WebServer::Start(listen, front.grpc.get()));
    RETURN_IF_ERROR(front.http_file.Write(front.http->address()));
  }
  return front.grpc_file.Write(front.grpc->address());
}

void Announce(const Flags& flags, const Front& front) {
  const std::string http = front.http ? front.http->address() : "";
  Log(LogLevel::kInfo, "serving",
      {{"address", front.grpc->address()},
       {"http", http},
       {"data_dir", flags.data_dir},
       {"pipelines", flags.pipelines}});
  std::printf("listening on %s\n", front.grpc->address().c_str());
  if (!http.empty()) std::printf("dashboard at http://%s/\n", http.c_str());
  std::fflush(stdout);
}

// Ends the process without waiting for work that came to no place to stop at:
// as by kill -9, which the store and its backups are made for.
void BreakOff(const absl::Status& why, int exit_code) {
  Log(LogLevel::kWarning, "ending without waiting for operations",
      {{"operations", std::string(why.message())}});
  std::_Exit(exit_code);
}

// Sets `exit_code` if it is not that of the status.
absl::Status Serve(const Flags& flags, int* exit_code) {
  const sigset_t signals = BlockSignals();
  service::Server::Options options;
  ASSIGN_OR_RETURN(options.listen, service::ParseListenAddress(flags.listen));
  ASSIGN_OR_RETURN(config::v1::DaemonConfig config, ReadConfig(flags));
  options.threads = config.worker_threads();
  options.max_queued = config.max_concurrent_requests();

  RealClock clock;
  PrepareProcess(clock);
  // Outlives the store, whose commits it helps with.
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  ThreadPool helpers({.threads = std::max(1, cores - 1)});
  ASSIGN_OR_RETURN(
      std::unique_ptr<store::Store> store,
      OpenStore(flags, config, &clock,
                {.commit_threads = std::max(1, cores), .pool = &helpers}));
  service::Maintenance maintenance(
      store.get(), {.backup_directory = config.backup_directory(),
                    .keep_backups = config.keep_backups()});
  const std::unique_ptr<ingest::Isolation> isolation =
      IsolatePlugins(flags, config);
  ingest::PluginHost plugins(
      {.directories = PluginDirectories(flags, config),
       .isolation = isolation.get(),
       .require_approval =
           config.plugin_approval() == config::v1::PLUGIN_APPROVAL_REQUIRED,
       .contact = config.contact()},
      &clock, store.get());
  ASSIGN_OR_RETURN(std::unique_ptr<pipeline::PipelineManager> pipelines,
                   pipeline::PipelineManager::Create(
                       {.pipelines_directory = flags.pipelines,
                        .max_concurrent_runs = config.max_concurrent_runs(),
                        .keep_runs = absl::Hours(24) * config.keep_runs_days(),
                        .keep_all_forecasts =
                            absl::Hours(24) * config.thin_forecasts_days()},
                       &clock, store.get(), &plugins));
  // Before there is a port, so that no run is asked for that is taken up too.
  RETURN_IF_ERROR(pipelines->Recover());
  health::Health health(&clock, {.store = store.get(),
                                 .pipelines = pipelines.get(),
                                 .plugins = &plugins});
  // After what their work uses.
  ASSIGN_OR_RETURN(const std::unique_ptr<operations::Operations> operations,
                   operations::Operations::Create(store.get(), &clock, {}));
  Front front(flags.data_dir);
  RETURN_IF_ERROR(Open(flags, options,
                       {.clock = &clock,
                        .store = store.get(),
                        .plugins = &plugins,
                        .pipelines = pipelines.get(),
                        .maintenance = &maintenance,
                        .operations = operations.get(),
                        .health = &health},
                       front));
  // Last, so that a daemon that cannot listen has run nothing.
  pipelines->Start();
  health.Start(kBetweenLooks);
  Announce(flags, front);
  ServeUntilStopped(signals, *pipelines, *front.grpc);
  health.Stop();
  // First, so that who watches them learns what became of them.
  const absl::Status ended = operations->Stop(kOperationsGrace);
  if (front.http) front.http->Stop();
  front.grpc->Shutdown();
  pipelines->Stop();
  Log(LogLevel::kInfo, "stopped");
  const std::optional<store::WriteError> error = store->write_error();
  const bool is_lost = error.has_value() && error->is_final;
  if (is_lost) *exit_code = kStoreLost;
  if (!ended.ok()) BreakOff(ended, is_lost ? kStoreLost : 0);
  return is_lost ? error->status : absl::OkStatus();
}

int Run(int argc, char** argv) {
  Flags flags;
  CLI::App app(
      "Keeps time series with their revisions, derives indicators, forecasts "
      "them, and serves all of it over gRPC.",
      "headwayd");
  AddFlags(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  int exit_code = kFailed;
  const absl::Status status = Serve(flags, &exit_code);
  if (status.ok()) return 0;
  std::fprintf(stderr, "headwayd: %s\n", std::string(status.message()).c_str());
  return exit_code;
}

}  // namespace
}  // namespace headway

int main(int argc, char** argv) { return headway::Run(argc, argv); }
