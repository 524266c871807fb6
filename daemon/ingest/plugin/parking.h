// Sources whose plugin keeps ending without a word: they are parked, so that
// they are not asked for again and again, and tried anew after a pause that
// doubles.
//
// A crash counts against the source that was pulled, and not against others of
// the same plugin: it may be that source's options, or what its publisher sent.
// Crashes in a row are counted in records of RecordKind::kState, so that a
// restart forgets none; a pull that succeeds, another executable (by its hash)
// or an operator clears the count.
//
// Thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_PLUGIN_PARKING_H_
#define HEADWAY_DAEMON_INGEST_PLUGIN_PARKING_H_

#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/source/source.h"
#include "daemon/store/store.h"

namespace headway::ingest {

class Parking {
 public:
  struct Options {
    int crashes_until_parked = 5;
    // Doubled for each crash after that.
    absl::Duration first_pause = absl::Hours(1);
    absl::Duration longest_pause = absl::Hours(24);
  };

  // `clock` and `store` must outlive this.
  Parking(const Options& options, Clock* clock, store::Store* store)
      : options_(options), clock_(clock), store_(store) {}

  // FAILED_PRECONDITION while the source is parked: since how many crashes,
  // until when, and what to do.
  absl::Status Check(const std::string& source, const PluginInfo& plugin) const;

  // With how a pull ended that was no crash, nothing changes but by success.
  void RecordCrash(const std::string& source, const PluginInfo& plugin,
                   const absl::Status& crash);
  void RecordSuccess(const std::string& source);

  // Forgets the crashes. Whether the source was parked.
  absl::StatusOr<bool> Unpark(const std::string& source);

 private:
  // Crashes in a row of one executable.
  struct Record {
    int crashes = 0;
    // Where it is parked.
    absl::Time until = absl::InfinitePast();
    std::string hash;
    std::string last;
  };

  // Absent without crashes.
  absl::StatusOr<std::optional<Record>> Read(const std::string& source) const;
  // Absent deletes it.
  absl::Status Write(const std::string& source,
                     const std::optional<Record>& record);
  absl::Duration PauseAfter(int crashes) const;

  const Options options_;
  Clock* const clock_;
  store::Store* const store_;
  // Held while a count is read and written.
  absl::Mutex mutex_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PLUGIN_PARKING_H_
