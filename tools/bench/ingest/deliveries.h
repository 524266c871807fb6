// The two ways in that are compared: a plugin's process, as the daemon runs it,
// and the store itself.
#ifndef HEADWAY_TOOLS_BENCH_INGEST_DELIVERIES_H_
#define HEADWAY_TOOLS_BENCH_INGEST_DELIVERIES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/base/clock.h"
#include "daemon/base/thread_pool.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/store/store.h"
#include "tools/bench/ingest/workload.h"

namespace headway::bench {

enum class Way { kStore, kSdk, kLines, kPython };

// "store", "sdk", "lines", "python".
std::string NameOf(Way way);

// What one delivery of a workload took.
struct Delivered {
  double seconds = 0;
  // Of this process: the plugin's own is not in it.
  double cpu_seconds = 0;
  // Above what was held before.
  double peak_mb = 0;
  int64_t changed = 0;
};

// The plugins, and what they run in. Not thread-safe.
class Plugins {
 public:
  // `directory` gets those that are scripts; `sdk_directory` has the program.
  static absl::StatusOr<std::unique_ptr<Plugins>> Install(
      const std::string& directory, const std::string& sdk_directory);

  // Writes what the plugin of kLines will say.
  absl::Status Prepare(const Workload& workload);

  std::vector<std::string> directories() const {
    return {directory_, sdk_directory_};
  }
  const ingest::Isolation& isolation() const { return *isolation_; }

 private:
  Plugins(std::string directory, std::string sdk_directory);

  const std::string directory_;
  const std::string sdk_directory_;
  const std::unique_ptr<ingest::Isolation> isolation_;
};

// A store of its own in a new directory, and one way into it.
class Subject {
 public:
  // `plugins` and `pool` must outlive the subject.
  static absl::StatusOr<std::unique_ptr<Subject>> Open(Way way,
                                                       const std::string& path,
                                                       Plugins* plugins,
                                                       ThreadPool* pool);

  // An error if the plugin fails, or delivers another number of observations.
  absl::StatusOr<Delivered> Deliver(const Workload& workload);

 private:
  Subject(Way way, Plugins* plugins) : way_(way), plugins_(plugins) {}

  absl::StatusOr<Delivered> Commit(const Workload& workload);
  absl::StatusOr<Delivered> Pull(const Workload& workload);

  const Way way_;
  Plugins* const plugins_;
  RealClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ingest::PluginHost> host_;
  int pulls_ = 0;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_INGEST_DELIVERIES_H_
