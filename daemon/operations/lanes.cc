#include "daemon/operations/lanes.h"

namespace headway::operations {
namespace {

// A plugin that hangs holds its thread for as long as its source's limits let
// it.
constexpr Lane kChecks = {.at_once = 4, .waits = true};
constexpr Lane kReplays = {.at_once = 2, .waits = true};
// Each asks one plugin after the other.
constexpr Lane kSearches = {.at_once = 2, .waits = true};
// A second one would find what the first one finds.
constexpr Lane kVerification = {.at_once = 1, .waits = false};
constexpr Lane kCompaction = {.at_once = 1, .waits = false};
// A backup is not checked while it is made.
constexpr Lane kBackups = {.at_once = 1, .waits = false};
// Work on the threads that bring their text.
constexpr Lane kImports = {.at_once = 0, .waits = false};

}  // namespace

const Lane& LaneOf(v1::Operation::Kind kind) {
  switch (kind) {
    case v1::Operation::CHECK_SOURCE:
      return kChecks;
    case v1::Operation::SEARCH_CATALOGUE:
      return kSearches;
    case v1::Operation::REPLAY_SOURCE:
      return kReplays;
    case v1::Operation::VERIFY_STORE:
      return kVerification;
    case v1::Operation::COMPACT_STORE:
      return kCompaction;
    case v1::Operation::CREATE_BACKUP:
    case v1::Operation::VERIFY_BACKUPS:
      return kBackups;
    default:
      return kImports;
  }
}

int ThreadsOfAllLanes() {
  return kChecks.at_once + kReplays.at_once + kSearches.at_once +
         kVerification.at_once + kCompaction.at_once + kBackups.at_once +
         kImports.at_once;
}

}  // namespace headway::operations
