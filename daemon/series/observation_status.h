// How firm the value of an observation is, as its publisher says.
//
// The terms are those of SDMX (CL_OBS_STATUS, "Code list for observation
// status", https://sdmx.org), as far as trade and company figures use them.
#ifndef HEADWAY_DAEMON_SERIES_OBSERVATION_STATUS_H_
#define HEADWAY_DAEMON_SERIES_OBSERVATION_STATUS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::series {

// The numbers are part of the store's format and of the protos: keep them.
enum class ObservationStatus : uint8_t {
  kFinal = 0,        // nothing is said against it
  kProvisional = 1,  // the publisher expects to revise it
  kPartial = 2,      // of a part of the period, or of those who have reported
  kEstimated = 3,    // the publisher estimated it
  kBreak = 4,        // measured in another way than those before it
};
inline constexpr uint8_t kLastObservationStatus = 4;

// "final", "provisional", "partial", "estimated", "break".
absl::string_view ObservationStatusName(ObservationStatus status);

// The inverse; the error lists the names.
absl::StatusOr<ObservationStatus> ParseObservationStatus(
    absl::string_view name);

// Of two values from which a third is computed, the status that has it relied
// on less; from the firmest: final, break, provisional, estimated, partial.
ObservationStatus LessFirm(ObservationStatus a, ObservationStatus b);

// A value as its publisher states it.
struct StatedValue {
  double value = 0;
  ObservationStatus status = ObservationStatus::kFinal;

  friend bool operator==(const StatedValue&, const StatedValue&) = default;
};

// Of a column of values: one for each, or none at all if all are final. No
// other column of statuses has as many that are all final.
using Statuses = std::vector<ObservationStatus>;

// That of the value at `index`.
inline ObservationStatus StatusAt(const Statuses& statuses, size_t index) {
  return statuses.empty() ? ObservationStatus::kFinal : statuses[index];
}

// The least firm of the values [begin, end).
ObservationStatus LeastFirm(const Statuses& statuses, size_t begin, size_t end);

// Adds the status of another value to that of `size` values.
void AppendStatus(ObservationStatus status, size_t size, Statuses* statuses);

// Adds those of [begin, end) of another column to those of `size` values.
void AppendStatuses(const Statuses& other, size_t begin, size_t end,
                    size_t size, Statuses* statuses);

// Those of the values [begin, end) alone.
Statuses SliceStatuses(const Statuses& statuses, size_t begin, size_t end);

// Clears statuses that are all final.
void DropFinalStatuses(Statuses* statuses);

}  // namespace headway::series

#endif  // HEADWAY_DAEMON_SERIES_OBSERVATION_STATUS_H_
