// A VictoriaMetrics server of our own: Debian's program, on a free port of
// loopback, with a directory of its own; it ends with this object.
//
// It holds one state, the present one, and acknowledges what is not yet on the
// disk. Belongs to one thread.
#ifndef HEADWAY_TOOLS_BENCH_STORE_VICTORIA_METRICS_H_
#define HEADWAY_TOOLS_BENCH_STORE_VICTORIA_METRICS_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace httplib {
class Client;
}

namespace headway::bench {

class VictoriaMetrics {
 public:
  // NOT_FOUND if the program is not installed.
  static absl::StatusOr<std::unique_ptr<VictoriaMetrics>> Start(
      const std::string& directory);
  ~VictoriaMetrics();

  VictoriaMetrics(const VictoriaMetrics&) = delete;
  VictoriaMetrics& operator=(const VictoriaMetrics&) = delete;

  // Lines of JSON, as /api/v1/import takes them: of the formats that were
  // tried (Prometheus' text, its own) none was faster.
  absl::Status Import(const std::string& lines);
  absl::StatusOr<std::string> Get(const std::string& path);

  // Makes what was imported readable, and merges all parts.
  absl::Status FlushAndMerge();

  pid_t pid() const { return pid_; }

  // The bytes of its data and index, without caches, as the server itself
  // counts them: version 1.79 at times does not write everything when it ends.
  absl::StatusOr<int64_t> DataBytes();

 private:
  VictoriaMetrics(std::string directory, pid_t pid, int port);

  absl::Status AwaitReady();
  // The sum of the server's own metrics whose lines start with `prefix`.
  absl::StatusOr<double> SumOfMetrics(const std::string& prefix);
  absl::Status AwaitAtMost(const std::string& metric,
                           const std::function<double()>& most);
  int64_t CountPartitions() const;
  void Stop();

  const std::string directory_;
  pid_t pid_;
  std::unique_ptr<httplib::Client> client_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_STORE_VICTORIA_METRICS_H_
