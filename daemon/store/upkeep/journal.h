// The commits between two backups, in a file, with what was written beside
// them: a restore to an instant between the two replays it.
//
//   file    = frame of the header, then one of each commit, in their order
//   frame   = length of what follows, 4 bytes, little end first; checksum, body
//   header  = "headway journal", byte 1, 3 x (commit, recorded_at), 8 bytes
//             each, big end first: where it begins (that commit is not in it),
//             its first commit, its last
//   commit  = point, then each write: byte family << 1 | put, text key,
//             [ text value ]    if put
//   point   = varint commit, zigzag recorded_at
//
// What is written beside commits, as raw documents are, comes in frames of its
// own with the point of the commit before it.
//
// checksum, varint, zigzag and text are those of format/format.h and
// format/codec.h; families count as in Family. Functions and objects belong to
// one thread. Errors name the file: DATA_LOSS for what is damaged, and those of
// the system.
#ifndef HEADWAY_DAEMON_STORE_UPKEEP_JOURNAL_H_
#define HEADWAY_DAEMON_STORE_UPKEEP_JOURNAL_H_

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/store/engine/maintenance.h"
#include "daemon/store/engine/write_batch.h"
#include "daemon/store/format/codec.h"
#include "daemon/store/format/format.h"
#include "daemon/store/types.h"

namespace headway::store {

// A commit and when it was recorded: the same in two stores only if they have
// the history up to it in common.
struct LogPoint {
  CommitNumber commit = 0;
  Micros recorded_at = 0;

  friend bool operator==(const LogPoint&, const LogPoint&) = default;
};

void AppendPoint(const LogPoint& point, std::string* out);
LogPoint ReadPoint(ByteReader* reader);

struct JournalHeader {
  LogPoint from;
  LogPoint first;
  LogPoint last;
};

// Writes the commits of `engine` after `from` up to `last` to a new file, which
// is there whole or not at all. `sequence` is where the log of the engine is
// read from; it may lie too far back. OUT_OF_RANGE if the log no longer has all
// of them.
absl::Status WriteJournal(const Maintenance& engine, uint64_t sequence,
                          const LogPoint& from, const LogPoint& last,
                          const std::string& path);

struct JournalEntry {
  // Of the commit. If it is that of the entry before, the writes were made
  // beside commits, after that one.
  LogPoint point;
  // As in the file.
  std::string writes;
};

class JournalReader {
 public:
  static absl::StatusOr<JournalReader> Open(const std::string& path);

  const JournalHeader& header() const { return header_; }

  // Empty after the last commit.
  absl::StatusOr<std::optional<JournalEntry>> Next();

  // Adds the writes of an entry to `batch`, or only checks them if it is null.
  absl::Status Apply(const JournalEntry& entry, WriteBatch* batch) const;

 private:
  explicit JournalReader(std::string path);
  absl::StatusOr<std::string> ReadFrame();
  absl::Status Damaged(absl::string_view how) const;

  std::string path_;
  std::unique_ptr<std::ifstream> in_;
  JournalHeader header_;
  LogPoint at_;
};

// Writes `bytes` to a new file that is there whole or not at all, synced.
absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view bytes);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_UPKEEP_JOURNAL_H_
