// The series that requests name, and the instants as of which they read. Pure
// functions but for the reader; errors name the request's field.
#ifndef HEADWAY_DAEMON_SERVICE_SERIES_LOOKUP_H_
#define HEADWAY_DAEMON_SERVICE_SERIES_LOOKUP_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/timestamp.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "daemon/store/reader.h"
#include "daemon/store/types.h"

namespace headway::service {

// The series that a request's field names, as it was described at `as_of`;
// NOT_FOUND has a reason.
absl::StatusOr<store::SeriesEntry> FindSeriesEntry(
    const store::Reader& reader, absl::string_view field,
    absl::string_view name, absl::Time as_of = absl::InfiniteFuture());

// The same, for a caller who asks for its numbers: PERMISSION_DENIED if they
// are not shown to everybody.
absl::StatusOr<store::SeriesEntry> FindShownSeries(
    const Parts& parts, const Call& call, const store::Reader& reader,
    absl::string_view field, absl::string_view name,
    absl::Time as_of = absl::InfiniteFuture());

// As of and recorded by which instants a request reads.
template <typename Request>
absl::StatusOr<store::ReadOptions> ToReadOptions(const Request& request) {
  store::ReadOptions options;
  ASSIGN_OR_RETURN(options.as_of, messages::AsOf(request));
  if (request.has_recorded_by()) {
    ASSIGN_OR_RETURN(
        options.recorded_by,
        messages::ParseTimestamp("recorded_by", request.recorded_by()));
  }
  return options;
}

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SERIES_LOOKUP_H_
