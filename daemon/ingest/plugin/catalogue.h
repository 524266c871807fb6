// The catalogue of plugins: it finds their executables, asks each to describe
// itself, and parks those that keep crashing.
//
// A description is kept until the executable changes. Crashes in a row are
// counted in records of RecordKind::kState, so that a restart forgets none;
// another executable (by its hash) or a pull that succeeds clears the count.
//
// Thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_PLUGIN_CATALOGUE_H_
#define HEADWAY_DAEMON_INGEST_PLUGIN_CATALOGUE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/source/source.h"
#include "daemon/store/store.h"

namespace headway::ingest {

// "rainfall" for "/usr/lib/headway/rainfall.sh".
std::string PluginNameOf(absl::string_view path);

// SHA-256 of a file, in hexadecimal.
absl::StatusOr<std::string> HashFile(const std::string& path);

class PluginCatalogue {
 public:
  struct Options {
    // Searched in order; each executable file in them is a plugin, named by
    // its file name without extension. The first of a name wins.
    std::vector<std::string> directories;
    // After this many crashes in a row a plugin is parked: it is refused, with
    // the reason, until its executable changes.
    int crashes_until_parked = 5;
  };

  // `clock` and `store` must outlive the catalogue.
  PluginCatalogue(Options options, Clock* clock, store::Store* store);

  // By name; those that cannot be used say why in their status.
  std::vector<PluginInfo> List();
  absl::StatusOr<PluginInfo> Get(absl::string_view name);
  // Whether the plugin could be used when it was asked last, without asking it
  // again: it may hang. OK if it was never asked, or changed since.
  absl::Status LastStatus(absl::string_view name) const;

  // To be called with the status of each execution. A crash counts towards
  // parking; other statuses, OK among them, change nothing.
  void RecordFailure(const PluginInfo& plugin, const absl::Status& status);
  void RecordSuccess(const PluginInfo& plugin);

 private:
  struct Described {
    // Of the file: another one means that it may have changed.
    std::string signature;
    PluginInfo info;
  };

  // Name to path of every executable in the directories.
  std::map<std::string, std::string> Scan() const;
  absl::Status NotFound(
      absl::string_view name,
      const std::map<std::string, std::string>& plugins) const;
  PluginInfo Examine(const std::string& name, const std::string& path);
  absl::Status CheckNotParked(const PluginInfo& plugin) const;

  const Options options_;
  Clock* const clock_;
  store::Store* const store_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Described> described_ ABSL_GUARDED_BY(mutex_);
  // Of those whose last description failed.
  std::map<std::string, Described> failed_ ABSL_GUARDED_BY(mutex_);
  // Held while a count is read and written.
  absl::Mutex crash_mutex_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PLUGIN_CATALOGUE_H_
