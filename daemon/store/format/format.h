// The keys and values of the store, byte for byte.
//
//   family       key                                value
//   meta         "format"                           varint kFormatVersion
//                "identity"                         text of 32 hexadecimal
//                                                   digits, "-" and 16 more:
//                                                   history/identity.h; stores
//                                                   from before it have none
//   series       series                             series info
//   descriptions series until                       series info, as it was
//                                                   before the commit that was
//                                                   recorded at `until`
//   keys         ordered key                        series [ byte flags (1
//                                                   contested, 2 imported),
//                                                   text owner ]
//                                                   without the latter if it
//                                                   was last written in format
//                                                   2
//   index        name 00 value 00 series            nothing
//   vintages     series ~known_at ~recorded_at      block
//   current      series                             head
//   commits      commit                             commit entry
//   changes      commit                             nothing; for each commit
//                                                   that changed a series
//   checkpoints  text source, bytes of stream       state
//   forecasts, runs, scores, verdicts, state        opaque
//   pulls, documents, holders, bodies               see document.h
//
//   series, commit  = 8 bytes, big end first
//   until           = microseconds since 1970 as 8 bytes, sign bit flipped, big
//                     end first: the oldest sorts first
//   ~time           = microseconds since 1970 as 8 bytes, sign bit flipped, all
//                     bits inverted, big end first: the newest sorts first
//   ordered key     = metric 00 { name 00 value 00 } 00 frequency
//                     sorts as SeriesKey does; no part holds a 00
//   index           = one entry a label, and one with an empty name for the
//                     metric
//   block           = checksum body
//   checksum        = XXH3 of the body, the low 4 bytes, little end first
//   body            = byte flags (1 full, 2 snapshot, 4 says all, 8 statuses),
//   varint
//                     commit, zigzag first covered, varint (last - first
//                     covered), columns [ ordinals said ]
//                     A full block holds the state at the vintage, and the
//                     ordinals of the periods about which the vintage makes a
//                     statement, unless it makes one about all of them. Any
//                     other block holds the statements alone.
//   columns         = ordinals values ordinals (those withdrawn) [ statuses ]
//   statuses        = runs until there is one for each value: varint (length
//                     - 1), byte status; there are some if the flags of what
//                     the columns belong to say so
//   head            = checksum, byte frequency, varint n, byte flags (1 base, 8
//                     statuses)
//                     [ time known_at, time recorded_at, varint vintages since
//                     the last full block ], columns state, n x undo, the
//                     newest first
//   undo            = byte flags (1 snapshot, 2 nothing was known before, 4
//                     covers another span than that of the state after it, 8
//                     statuses),
//                     time known_at, time recorded_at, varint commit [ zigzag
//                     first covered, varint (last - first covered) ] [ columns
//                     stood, ordinals fresh ]   if something was known before
//   time            = varint (zigzag n << 2 | unit): n microseconds (unit 0),
//                     seconds (1), hours (2) or days (3) since 1970
//   commit entry    = checksum, zigzag recorded_at, 5 x text provenance,
//                     varint n, n x varint (series - the one before)
//   series info     = text metric, byte frequency, varint n, n x (text name,
//                     text value), text unit, text title, text description,
//                     byte vintage kind, zigzag release lag in nanoseconds,
//                     text source name
//
// varint, zigzag, text, ordinals and values are those of codec.h. Decoders take
// any bytes and fail with DATA_LOSS. Pure functions.
#ifndef HEADWAY_DAEMON_STORE_FORMAT_FORMAT_H_
#define HEADWAY_DAEMON_STORE_FORMAT_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/series/series_info.h"
#include "daemon/store/format/cells.h"
#include "daemon/store/types.h"

namespace headway::store {

inline constexpr uint64_t kFormatVersion = 5;
// Stores of this format are taken over as they are: what is new in the present
// one is only written from then on.
inline constexpr uint64_t kOldestFormat = 2;
// Stores before it have no family of changes until they are taken over.
inline constexpr uint64_t kFirstFormatWithChanges = 4;
inline constexpr absl::string_view kFormatKey = "format";
inline constexpr absl::string_view kIdentityKey = "identity";

struct VintageKey {
  SeriesId series = 0;
  Micros known_at = 0;
  Micros recorded_at = 0;
};

// One vintage as it stood at one recording.
struct Block {
  // It holds the whole state, so that reading needs no older block.
  bool full = false;
  // The vintage was given as the whole series.
  bool snapshot = false;
  // The commit that last added statements to this vintage; its entry in the
  // commit log has recorded_at and provenance. A rewrite because an older
  // vintage was inserted does not change it.
  CommitNumber commit = 0;
  // The span that the vintage covers (history/timeline.h): as a rule from the
  // first to the last period of the series when it was recorded.
  int32_t first_covered = 0;
  int32_t last_covered = 0;
  // If full, the state at the vintage, else its statements.
  Columns columns;
  // If full, the periods about which the vintage makes a statement, rising.
  std::vector<int32_t> said;
};

// A vintage that the head holds. Its statements are in the state after it, so
// only what was known before is kept.
struct Undo {
  Micros known_at = 0;
  Micros recorded_at = 0;
  CommitNumber commit = 0;
  bool snapshot = false;
  // Nothing was known before it; the columns below are empty.
  bool first = false;
  // Absent: it covers the span of the state after it.
  std::optional<Coverage> covers;
  // What was known before about the periods of its statements, ...
  Columns stood;
  // ... and those of these periods about which nothing was known.
  std::vector<int32_t> fresh;
};

// What a head knows of the vintages before its own, which are blocks.
struct Base {
  // That of the newest of them.
  Micros known_at = 0;
  // That of the last commit that wrote one of them.
  Micros recorded_at = 0;
  // How many of them are newer than the newest full block.
  int64_t vintages_since_full = 0;
};

// The state of a series at its newest vintage, and the way back.
struct Head {
  series::Frequency frequency = series::Frequency::kMonthly;
  std::optional<Base> base;
  Columns state;
  // Newest first. Each was recorded with the one behind it, or later.
  std::vector<Undo> recent;

  Micros known_at() const {
    return recent.empty() ? base->known_at : recent.front().known_at;
  }
};

// A head whose vintages are still encoded, so that one can be put in front
// without decoding the others.
struct PackedHead {
  series::Frequency frequency = series::Frequency::kMonthly;
  std::optional<Base> base;
  Columns state;
  size_t recent_count = 0;
  // A view into the bytes that the head was decoded from.
  absl::string_view recent;
};

struct StoredCommit {
  Micros recorded_at = 0;
  Provenance provenance;
  std::vector<SeriesId> changed_series;  // rising
};

// Puts a checksum before the body; checks it and returns the body.
std::string WithChecksum(absl::string_view body);
absl::StatusOr<absl::string_view> CheckedBody(absl::string_view bytes);

std::string EncodeId(uint64_t id);
absl::StatusOr<uint64_t> DecodeId(absl::string_view bytes);

std::string EncodeVintageKey(const VintageKey& key);
absl::StatusOr<VintageKey> DecodeVintageKey(absl::string_view bytes);

std::string EncodeBlock(const Block& block);
absl::StatusOr<Block> DecodeBlock(absl::string_view bytes);

void AppendUndo(const Undo& undo, std::string* out);
// Takes the next undo off the front of `bytes`. The memory of `undo` is used
// again.
absl::Status ReadUndo(absl::string_view* bytes, Undo* undo);

std::string EncodeHead(const PackedHead& head);
std::string EncodeHead(const Head& head);
absl::StatusOr<Head> DecodeHead(absl::string_view bytes);
// The memory of `head` is used again.
absl::Status UnpackHead(absl::string_view bytes, PackedHead* head);

std::string EncodeCommit(const StoredCommit& commit);
absl::StatusOr<StoredCommit> DecodeCommit(absl::string_view bytes);

std::string EncodeSeriesInfo(const series::SeriesInfo& info);
absl::StatusOr<series::SeriesInfo> DecodeSeriesInfo(absl::string_view bytes);

// What an ordered key leads to.
struct StoredKey {
  SeriesId series = 0;
  // The source that wrote the series first; absent if nobody wrote it since
  // format 2.
  std::optional<std::string> owner;
  // Several sources wrote it: each has a series of its own beside it, under
  // series::OwnKey.
  bool contested = false;
  // Imports made it, and nobody else has changed it since.
  bool imported = false;
};

std::string EncodeStoredKey(const StoredKey& key);
absl::StatusOr<StoredKey> DecodeStoredKey(absl::string_view bytes);

// The key of a description of `series` that held before `until`.
std::string EncodeDescriptionKey(SeriesId series, Micros until);
absl::StatusOr<Micros> DecodeDescriptionKey(absl::string_view bytes);

std::string EncodeOrderedKey(const series::SeriesKey& key);

std::string IndexPrefix(absl::string_view name);
std::string IndexPrefix(absl::string_view name, absl::string_view value);

std::string CheckpointPrefix(absl::string_view source);

// The least key greater than every key that starts with `prefix`; empty if
// there is none.
std::string PrefixEnd(absl::string_view prefix);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_FORMAT_FORMAT_H_
