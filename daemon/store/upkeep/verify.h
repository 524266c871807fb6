// Whether all that a store holds is whole and fits together.
//
// Checks, beyond the engine's checksums of every table:
//  - the format's version is known;
//  - commits: every entry decodes, numbers have no gap, recorded_at rises,
//    series that changed are there;
//  - the catalogue: ids have no gap, each description decodes, and its key and
//    labels are in the index; each entry of keys and index belongs to a series;
//  - vintages: every block and head decodes and was recorded by a commit that
//    is there; the state in a full block, and that in the head, is what the
//    vintages up to it add up to; the blocks begin where the head ends; each
//    series that a commit changed has a head;
//  - raw documents: pulls and documents decode, each body has the hash that it
//    stands under, and documents, bodies and who holds them agree;
//  - checkpoints and records can be read.
//
// Goes on after each problem: damage in one place hides problems in another
// only where the data cannot be read. Reads a consistent view while the store
// is written. Holds one series in memory at a time, and a bit for each.
// Thread-safe. Returns an error only if the check itself could not go on.
#ifndef HEADWAY_DAEMON_STORE_UPKEEP_VERIFY_H_
#define HEADWAY_DAEMON_STORE_UPKEEP_VERIFY_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/store.h"
#include "daemon/store/upkeep/problem.h"

namespace headway::store {

// What was looked at.
struct VerifyCounts {
  int64_t tables = 0;
  int64_t commits = 0;
  int64_t series = 0;
  // Of vintages that are not in the head of their series: all recordings, so
  // one that was written again counts again.
  int64_t blocks = 0;
  int64_t index_entries = 0;
  // Checkpoints too.
  int64_t records = 0;
  // Pulls, documents, holders and bodies.
  int64_t documents = 0;
  int64_t problems = 0;
};

// `check_alive` is asked now and then; its error ends the check.
absl::StatusOr<VerifyCounts> VerifyStore(
    const Store& store, const ProblemSink& sink,
    const std::function<absl::Status()>& check_alive = [] {
      return absl::OkStatus();
    });

// The same of the store that a stopped daemon left in a directory. Damage that
// keeps a store from opening does not keep it from being checked.
absl::StatusOr<VerifyCounts> VerifyDirectory(
    const std::string& directory, const ProblemSink& sink,
    const std::function<absl::Status()>& check_alive = [] {
      return absl::OkStatus();
    });

// The same of an engine that holds a store.
absl::StatusOr<VerifyCounts> VerifyEngine(
    Engine& engine, const ProblemSink& sink,
    const std::function<absl::Status()>& check_alive = [] {
      return absl::OkStatus();
    });

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_UPKEEP_VERIFY_H_
