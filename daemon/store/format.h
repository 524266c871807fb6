// The keys and values of the store, byte for byte.
//
//   family       key                                value
//   meta         "format"                           varint kFormatVersion
//   series       series                             series info
//   keys         ordered key                        series
//   index        name 00 value 00 series            nothing
//   vintages     series ~known_at ~recorded_at      block
//   current      series                             current state
//   commits      commit                             commit entry
//   checkpoints  text source, bytes of stream       state
//   forecasts, runs, scores, verdicts, state        opaque
//   pulls, documents, holders, bodies               see document_format.h
//
//   series, commit  = 8 bytes, big end first
//   ~time           = microseconds since 1970 as 8 bytes, sign bit flipped, all
//                     bits inverted, big end first: the newest sorts first
//   ordered key     = metric 00 { name 00 value 00 } 00 frequency
//                     sorts as SeriesKey does; no part holds a 00
//   index           = one entry a label, and one with an empty name for the
//                     metric
//   block           = checksum body
//   checksum        = CRC-32 (zlib's) of the body, 4 bytes, little end first
//   body            = byte flags (1 full, 2 snapshot), varint commit,
//                     zigzag first covered, varint (last - first covered),
//                     columns said [ columns inherited ]   the latter if full
//   columns         = ordinals values ordinals (those withdrawn)
//   current state   = checksum, byte frequency, zigzag known_at,
//                     zigzag recorded_at, varint vintages since the last full
//                     block, columns
//   commit entry    = checksum, zigzag recorded_at, 5 x text provenance,
//                     varint n, n x varint (series - the one before)
//   series info     = text metric, byte frequency, varint n, n x (text name,
//                     text value), text unit, text title, text description,
//                     byte vintage kind, zigzag release lag in nanoseconds,
//                     text source name
//
// varint, zigzag, text, ordinals and values are those of codec.h. Decoders take
// any bytes and fail with DATA_LOSS. Pure functions.
#ifndef HEADWAY_DAEMON_STORE_FORMAT_H_
#define HEADWAY_DAEMON_STORE_FORMAT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/series/series_info.h"
#include "daemon/store/cells.h"
#include "daemon/store/store.h"

namespace headway::store {

inline constexpr uint64_t kFormatVersion = 1;
inline constexpr absl::string_view kFormatKey = "format";

// Microseconds since 1970, UTC.
using Micros = int64_t;

struct VintageKey {
  SeriesId series = 0;
  Micros known_at = 0;
  Micros recorded_at = 0;
};

// One vintage as it stood at one recording.
struct Block {
  // `inherited` is there, so that reading needs no older block.
  bool full = false;
  // The vintage was given as the whole series.
  bool snapshot = false;
  // The batch that last said something in this vintage; it knows recorded_at
  // and provenance. A rewrite on behalf of an older vintage leaves it.
  CommitNumber commit = 0;
  // From the first to the last period of the series when the vintage was
  // recorded: the span within which its silence is a word too. See timeline.h.
  int32_t first_covered = 0;
  int32_t last_covered = 0;
  // What the vintage says.
  Columns said;
  // What stood before it and is not in `said`.
  Columns inherited;
};

// The state of a series at its newest vintage.
struct CurrentState {
  series::Frequency frequency = series::Frequency::kMonthly;
  Micros known_at = 0;
  // Of the last commit that touched the series.
  Micros recorded_at = 0;
  int64_t vintages_since_full = 0;
  Columns columns;
};

struct StoredCommit {
  Micros recorded_at = 0;
  Provenance provenance;
  std::vector<SeriesId> changed_series;  // rising
};

// The body behind its checksum.
std::string WithChecksum(absl::string_view body);
absl::StatusOr<absl::string_view> CheckedBody(absl::string_view bytes);

std::string EncodeId(uint64_t id);
absl::StatusOr<uint64_t> DecodeId(absl::string_view bytes);

std::string EncodeVintageKey(const VintageKey& key);
absl::StatusOr<VintageKey> DecodeVintageKey(absl::string_view bytes);

std::string EncodeBlock(const Block& block);
absl::StatusOr<Block> DecodeBlock(absl::string_view bytes);

std::string EncodeCurrentState(const CurrentState& state);
absl::StatusOr<CurrentState> DecodeCurrentState(absl::string_view bytes);

std::string EncodeCommit(const StoredCommit& commit);
absl::StatusOr<StoredCommit> DecodeCommit(absl::string_view bytes);

std::string EncodeSeriesInfo(const series::SeriesInfo& info);
absl::StatusOr<series::SeriesInfo> DecodeSeriesInfo(absl::string_view bytes);

std::string EncodeOrderedKey(const series::SeriesKey& key);

std::string IndexPrefix(absl::string_view name);
std::string IndexPrefix(absl::string_view name, absl::string_view value);

std::string CheckpointPrefix(absl::string_view source);

// The least key greater than every key that starts with `prefix`; empty if
// there is none.
std::string PrefixEnd(absl::string_view prefix);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_FORMAT_H_
