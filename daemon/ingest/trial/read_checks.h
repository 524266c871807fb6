// The checks of the conformance suite that are about the verb `read`.
//
// The plugin reads up to six times: into a store, twice to be compared, again
// from its checkpoint, once cut off in the middle and on from there, and once
// to be told to end. Not thread-safe; blocking.
#ifndef HEADWAY_DAEMON_INGEST_TRIAL_READ_CHECKS_H_
#define HEADWAY_DAEMON_INGEST_TRIAL_READ_CHECKS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin/conversation.h"
#include "daemon/ingest/plugin/ready_source.h"
#include "daemon/ingest/sandbox/private_directory.h"
#include "daemon/ingest/source/reports.h"
#include "daemon/ingest/trial/finding.h"
#include "daemon/ingest/trial/transcript.h"
#include "daemon/series/series_info.h"
#include "daemon/store/store.h"

namespace headway::ingest {

class ReadChecks {
 public:
  // `clock` must outlive it.
  ReadChecks(ReadySource ready, Clock* clock);

  // To be called first; what follows is skipped if it fails.
  absl::StatusOr<Finding> Delivers();
  absl::StatusOr<Finding> EndsWithCheckpoint() const;
  absl::StatusOr<Finding> AgreesWith(
      const std::vector<series::SeriesInfo>& discovered) const;
  absl::StatusOr<Finding> SaysTheSameTwice();
  // After it.
  absl::StatusOr<Finding> SaysEachValueOnce() const;
  absl::StatusOr<Finding> KeepsToItsHosts() const;
  absl::StatusOr<Finding> GoesOnFromCheckpoint() const;
  absl::StatusOr<Finding> GoesOnAfterKill() const;
  absl::StatusOr<Finding> EndsWhenTold() const;
  absl::StatusOr<Finding> ClassesErrors() const;

 private:
  // A store in a directory of its own, gone with it.
  struct TrialStore {
    PrivateDirectory directory;
    std::unique_ptr<store::Store> store;
  };
  absl::StatusOr<TrialStore> OpenStore() const;
  absl::StatusOr<Transcript> Record(Invocation invocation,
                                    ProcessResult* end) const;

  const ReadySource ready_;
  Clock* const clock_;
  std::optional<TrialStore> delivered_;
  std::optional<PullReport> report_;
  std::optional<Transcript> transcript_;
  // How the recorded read ended, and how long it took.
  ProcessResult end_;
  absl::Duration took_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_TRIAL_READ_CHECKS_H_
