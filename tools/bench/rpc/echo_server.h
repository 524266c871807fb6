// The peer: a gRPC server of callbacks that answers every call of a method with
// the same bytes, and does nothing else. Run in a process of its own.
#ifndef HEADWAY_TOOLS_BENCH_RPC_ECHO_SERVER_H_
#define HEADWAY_TOOLS_BENCH_RPC_ECHO_SERVER_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/bench/rpc/child_process.h"

namespace headway::bench {

// The name of rpc_bench's hidden command: `rpc_bench echo ANSWERS LISTEN`.
inline constexpr char kEchoCommand[] = "echo";

// In the process that serves: answers are the files below the directory
// `answers`, SERVICE/METHOD each. Does not return unless it fails.
absl::Status ServeEcho(const std::string& answers, const std::string& listen);

class EchoProcess {
 public:
  // `answers` by path: "/headway.v1.SeriesService/Query". They are kept in
  // files in `directory`, which also holds the socket, if there is one.
  static absl::StatusOr<std::unique_ptr<EchoProcess>> Start(
      const std::string& directory,
      const std::map<std::string, std::string>& answers, bool over_unix);

  const std::string& address() const { return address_; }

 private:
  EchoProcess(std::unique_ptr<ChildProcess> process, std::string address)
      : process_(std::move(process)), address_(std::move(address)) {}

  std::unique_ptr<ChildProcess> process_;
  std::string address_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_RPC_ECHO_SERVER_H_
