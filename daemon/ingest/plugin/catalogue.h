// The catalogue of plugins: it finds their executables and asks each to
// describe itself, several at once.
//
// A description is asked for once for each executable: it is kept in memory
// until the file changes, and in a record of RecordKind::kState with the
// executable's hash, so that a daemon that starts again asks nobody. A plugin
// that fails to describe itself is asked ever more rarely until its file
// changes.
//
// Thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_PLUGIN_CATALOGUE_H_
#define HEADWAY_DAEMON_INGEST_PLUGIN_CATALOGUE_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/sandbox/isolation.h"
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
    // What they run in; null: nothing. Must outlive the catalogue.
    const Isolation* isolation = nullptr;
    // Whether a plugin that nobody approved (manifest.h) is of no use.
    bool require_approval = false;
    // After a failure to describe itself, a plugin is asked again after the
    // first pause, and then after twice that, up to the longest.
    absl::Duration first_pause = absl::Seconds(10);
    absl::Duration longest_pause = absl::Minutes(10);
    // How many plugins are asked at once.
    int threads = 8;
  };

  // `clock` and `store` must outlive the catalogue. Without a store (null),
  // nothing is remembered.
  PluginCatalogue(Options options, Clock* clock, store::Store* store);

  const Isolation* isolation() const { return options_.isolation; }

  // By name; those that cannot be used say why in their status.
  std::vector<PluginInfo> List();
  // Asks those of these names that are to be asked, so that Get need not.
  void Describe(const std::set<std::string>& names);
  absl::StatusOr<PluginInfo> Get(absl::string_view name);
  // Whether the plugin could be used when it was asked last, without asking it
  // again: it may hang. OK if it was never asked, or changed since.
  absl::Status LastStatus(absl::string_view name) const;
  // What was found when it was asked last, if it was; its approval is of now.
  std::optional<PluginInfo> Last(absl::string_view name) const;

 private:
  struct Described {
    // Of the file: another one means that it may have changed.
    std::string signature;
    PluginInfo info;
    // Where it failed: how often in a row, and when it is asked again.
    int failures = 0;
    absl::Time next = absl::InfinitePast();
  };

  // Name to path of every executable in the directories.
  std::map<std::string, std::string> Scan() const;
  absl::Status NotFound(
      absl::string_view name,
      const std::map<std::string, std::string>& plugins) const;
  // With what the manifest says of it now.
  PluginInfo WithApproval(PluginInfo plugin) const;
  PluginInfo Examine(const std::string& name, const std::string& path);
  // Asks these, by name and path, on several threads.
  std::vector<PluginInfo> ExamineAll(
      const std::map<std::string, std::string>& plugins);
  // What is known of the file of this signature, if it is not to be asked.
  std::optional<PluginInfo> Known(const std::string& name,
                                  const std::string& signature) const;
  // From the store, where it is of this executable.
  std::optional<plugin::v1::Description> Remembered(
      const PluginInfo& plugin) const;
  void Remember(const PluginInfo& plugin);

  const Options options_;
  Clock* const clock_;
  store::Store* const store_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Described> described_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PLUGIN_CATALOGUE_H_
