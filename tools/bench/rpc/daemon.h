// A headwayd of the benchmark's own, beside this program, in a process of its
// own; it ends with this object.
#ifndef HEADWAY_TOOLS_BENCH_RPC_DAEMON_H_
#define HEADWAY_TOOLS_BENCH_RPC_DAEMON_H_

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tools/bench/rpc/child_process.h"

namespace headway::bench {

// Belongs to the thread that started it.
class Daemon {
 public:
  struct Options {
    // Holds `data`, `pipelines`, `plugins`, `log` and, with over_unix, the
    // socket. What is not there is made.
    std::string directory;
    // gRPC over a Unix socket, and not over TCP.
    bool over_unix = false;
  };

  // Serves when this returns.
  static absl::StatusOr<std::unique_ptr<Daemon>> Start(const Options& options);

  // For gRPC: 127.0.0.1:PORT or unix:PATH.
  const std::string& address() const { return address_; }
  // 127.0.0.1:PORT
  const std::string& http_address() const { return http_address_; }
  pid_t pid() const { return process_->pid(); }
  bool Runs() { return process_->Runs(); }

  // With SIGTERM. DEADLINE_EXCEEDED if it still runs after `patience`.
  absl::Status Stop(absl::Duration patience);

 private:
  Daemon(std::unique_ptr<ChildProcess> process, std::string address,
         std::string http_address)
      : process_(std::move(process)),
        address_(std::move(address)),
        http_address_(std::move(http_address)) {}

  std::unique_ptr<ChildProcess> process_;
  std::string address_;
  std::string http_address_;
};

// Writes a definitions file into the `pipelines` of a daemon's directory.
absl::Status WriteDefinitions(const std::string& directory,
                              const std::string& file, absl::string_view text);
// Writes a plugin into its `plugins`.
absl::Status WritePlugin(const std::string& directory, const std::string& name,
                         absl::string_view script);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_RPC_DAEMON_H_
