// The scheduler's and the ledger's part in putting right what a wrong clock
// left behind (store/upkeep/restamp.h): a slot of 2030 silences its job until
// then, and a run of 2030 stays the newest of all.
//
// Pure functions over a reader; thread-safe. Errors: DATA_LOSS for a record
// that cannot be read, and those of the store.
#ifndef HEADWAY_DAEMON_SCHEDULE_RESTAMP_H_
#define HEADWAY_DAEMON_SCHEDULE_RESTAMP_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/store/store.h"
#include "google/protobuf/message.h"

namespace headway::schedule {

// An instant put right; one that is right comes back as it was.
using RightInstant = std::function<absl::Time(absl::Time)>;

// The name that a run has from now on. What is no name of a run stays.
std::string RightRunName(const std::string& name, const RightInstant& right);

// Puts right every instant in a message, those in the messages within it too.
void RightTimestamps(const RightInstant& right,
                     google::protobuf::Message* message);

// What to store, and delete, so that slots and runs bear the right instants.
absl::StatusOr<std::vector<store::Record>> RightRecords(
    const store::Reader& reader, const RightInstant& right);

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_RESTAMP_H_
