// Checks what a plugin says and turns it into the daemon's own types.
//
// Pure functions of one message each; `now` is the daemon's clock. Every error
// is INTERNAL (the plugin broke the protocol) and names the field, the value
// and the remedy; callers put the plugin and the place of the message before
// it.
#ifndef HEADWAY_DAEMON_INGEST_PROTOCOL_VALIDATION_H_
#define HEADWAY_DAEMON_INGEST_PROTOCOL_VALIDATION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/series/observation_status.h"
#include "daemon/series/series_info.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

inline constexpr int32_t kProtocolVersion = 1;

// `file_name` is the plugin's executable without directory and extension.
absl::Status ValidateDescription(const plugin::v1::Description& description,
                                 absl::string_view file_name);

absl::StatusOr<series::SeriesInfo> ToSeriesInfo(
    const plugin::v1::SeriesDefinition& definition);

// An ObservationBatch without errors.
struct CheckedBatch {
  // Same length; ordinals rise strictly.
  std::vector<int32_t> ordinals;
  std::vector<double> values;
  series::Statuses statuses;
  // Rise strictly; none is in ordinals.
  std::vector<int32_t> withdrawn;
  bool snapshot = false;
  // With NATIVE vintages, and only then.
  std::optional<absl::Time> known_at;
};

absl::StatusOr<CheckedBatch> CheckBatch(
    const plugin::v1::ObservationBatch& batch, const series::SeriesInfo& info,
    absl::Time now);

// Checks a Checkpoint. Returns the instant since which the omissions of a
// complete stream are known, if it gives one.
absl::StatusOr<std::optional<absl::Time>> CheckCheckpoint(
    const plugin::v1::Checkpoint& checkpoint, absl::Time now);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PROTOCOL_VALIDATION_H_
