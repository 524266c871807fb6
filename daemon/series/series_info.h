// What is known about a series besides its values.
#ifndef HEADWAY_DAEMON_SERIES_SERIES_INFO_H_
#define HEADWAY_DAEMON_SERIES_SERIES_INFO_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "daemon/series/labels.h"
#include "daemon/series/unit.h"

namespace headway::series {

// Where the vintages of a series come from. The numbers are part of the
// store's format and of the protos: keep them.
enum class VintageKind : uint8_t {
  kNative = 1,    // the publisher dates them
  kObserved = 2,  // Headway saw them change
  kAssumed = 3,   // period end plus release_lag; later changes are observed
};

// No publisher takes longer than ten years after the end of a period.
inline constexpr absl::Duration kMaxReleaseLag = absl::Hours(24 * 366 * 10);

struct SeriesInfo {
  SeriesKey key;
  Unit unit;
  std::string title;
  std::string description;
  VintageKind vintage_kind = VintageKind::kObserved;
  // With kAssumed: the publisher's usual delay after the end of a period, from
  // 0 to kMaxReleaseLag.
  absl::Duration release_lag;
  // Where the figures come from, for people.
  std::string source_name;

  friend bool operator==(const SeriesInfo&, const SeriesInfo&) = default;
};

}  // namespace headway::series

#endif  // HEADWAY_DAEMON_SERIES_SERIES_INFO_H_
