// What is read of a series that several sources write.
//
// At any instant and for each period: the statement of the source of the
// greatest precedence that then has a value for it; of sources of one
// precedence the statement that is known since last. A source that takes its
// value back leaves the word to the others. Where kStrikeSource has a value,
// nothing is read.
//
// Pure functions.
#ifndef HEADWAY_DAEMON_STORE_COMMIT_MERGE_H_
#define HEADWAY_DAEMON_STORE_COMMIT_MERGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "daemon/series/series_info.h"
#include "daemon/store/history/head.h"
#include "daemon/store/types.h"

namespace headway::store {

// What one source says of the series.
struct SourceHistory {
  std::string source;
  int64_t precedence = 0;
  // Newest known_at first, as ReadAllVintages gives them.
  std::vector<StoredVintage> vintages;
};

// The updates that turn `read`, the vintages of what is read so far, newest
// first, into what is read when `sources` say what they do. By rising known_at;
// none if nothing changes.
std::vector<VintageUpdate> Merge(const series::SeriesInfo& info,
                                 absl::Span<const StoredVintage> read,
                                 absl::Span<const SourceHistory> sources);

// Two sources of one precedence that have different values now.
struct Clash {
  std::string first;
  std::string second;
  // How many periods, and the last of them.
  int64_t periods = 0;
  int32_t last = 0;
};

// Of the pairs of sources the one that differs in the most periods; `periods`
// is 0 if none does.
Clash FindClash(absl::Span<const SourceHistory> sources);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_COMMIT_MERGE_H_
