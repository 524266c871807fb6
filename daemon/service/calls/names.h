// Resource names: indicators/NAME, pipelines/NAME/runs/ID, series/ID.
//
// Parsed strictly: what is not exactly of the form is refused with the form
// that is wanted, as an error of the request's field. Pure functions.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_NAMES_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_NAMES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/store/types.h"

namespace headway::service {

// The NAME of "collection/NAME".
absl::StatusOr<std::string> ParseName(absl::string_view field,
                                      absl::string_view collection,
                                      absl::string_view name);

struct RunName {
  std::string pipeline;
  std::string id;
};
absl::StatusOr<RunName> ParseRunName(absl::string_view field,
                                     absl::string_view name);

absl::StatusOr<store::SeriesId> ParseSeriesName(absl::string_view field,
                                                absl::string_view name);
std::string FormatSeriesName(store::SeriesId id);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_NAMES_H_
