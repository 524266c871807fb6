// What keeps plugins from everything that is none of their business, as far as
// this machine has it: bubblewrap puts each into user, mount, process, IPC, UTS
// and network namespaces of its own, with a filter of system calls; where the
// daemon is root it runs as a user of its own besides.
//
// In there is: /usr and what belongs to it, the certificates, the plugin's own
// directory, what its source names, an empty scratch directory of bounded size,
// /proc of its own processes, a /dev of the harmless devices. All but the
// scratch directory (and /tmp and /dev/shm, bounded too) is read-only. On the
// network there is the proxy of egress/proxy.h, if the plugin declares hosts.
//
// Thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_SANDBOX_ISOLATION_H_
#define HEADWAY_DAEMON_INGEST_SANDBOX_ISOLATION_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/ingest/egress/address.h"
#include "daemon/ingest/sandbox/user_ids.h"

namespace headway::ingest {

class Isolation {
 public:
  enum class Mode {
    // As much as there is; health says what is missing.
    kBestEffort,
    // All of it, or no plugin runs.
    kRequire,
  };

  struct Options {
    Mode mode = Mode::kBestEffort;
    // What every plugin may read besides: where interpreters and modules lie
    // that are not in /usr.
    std::vector<std::string> readable = {};
    // Where the daemon is root: ids that no user of the machine has. systemd
    // keeps the range free.
    uid_t first_user = 1900000000;
    int user_count = 256;
    std::string bubblewrap = "/usr/bin/bwrap";
    // Empty: headway-launcher beside this program, or in the directory above.
    std::string launcher = {};
    // By which the proxy finds hosts.
    Resolver resolve = ResolveHost;
  };

  enum class Level {
    // Limits, a scrubbed environment and the filter of system calls.
    kLimits,
    // Namespaces as well.
    kNamespaces,
    // And a user of its own.
    kOwnUser,
  };

  struct Lack {
    std::string what;
    std::string remedy;
  };

  // Finds out what this machine has, by running a program in it.
  static std::unique_ptr<Isolation> Probe(Options options);

  const Options& options() const { return options_; }
  Level level() const { return level_; }
  // What is missing; empty if nothing is.
  const std::vector<Lack>& lacks() const { return lacks_; }
  // FAILED_PRECONDITION if something is missing and all is required.
  absl::Status CheckUsable() const;

  // Empty if there is none.
  const std::string& system_call_filter() const { return filter_; }
  const std::string& launcher() const { return launcher_; }
  UserIds& users() const { return users_; }

 private:
  explicit Isolation(Options options);

  void FindPrograms();
  // Whether a program runs at this level; if not, why, is noted.
  bool Try(Level level, std::string* why);

  const Options options_;
  Level level_ = Level::kLimits;
  std::string launcher_;
  std::string filter_;
  std::vector<Lack> lacks_;
  mutable UserIds users_;
};

// Makes this process one that others of its user cannot look into (no memory,
// environment or core dump of it: PR_SET_DUMPABLE), and to which what a dying
// sandbox leaves behind falls, so that it can be waited for
// (PR_SET_CHILD_SUBREAPER; not without namespaces, where what a plugin leaves
// behind ends when it likes). To be called once, before plugins run.
absl::Status HardenProcess(const Isolation& isolation);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SANDBOX_ISOLATION_H_
