#include "daemon/service/series/lookup.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/messages/errors.h"
#include "daemon/service/calls/names.h"
#include "daemon/service/sharing/sharing.h"

namespace headway::service {

absl::StatusOr<store::SeriesEntry> FindSeriesEntry(const store::Reader& reader,
                                                   absl::string_view field,
                                                   absl::string_view name,
                                                   absl::Time as_of) {
  ASSIGN_OR_RETURN(store::SeriesId id, ParseSeriesName(field, name));
  absl::StatusOr<store::SeriesEntry> entry = reader.GetSeries(id, as_of);
  if (absl::IsNotFound(entry.status())) {
    return messages::WithReason(
        absl::NotFoundError(absl::StrCat("there is no ", name,
                                         "; ListSeries shows those there are")),
        "SERIES_NOT_FOUND", {{"name", std::string(name)}});
  }
  return entry;
}

absl::StatusOr<store::SeriesEntry> FindShownSeries(
    const Parts& parts, const Call& call, const store::Reader& reader,
    absl::string_view field, absl::string_view name, absl::Time as_of) {
  ASSIGN_OR_RETURN(store::SeriesEntry entry,
                   FindSeriesEntry(reader, field, name, as_of));
  ASSIGN_OR_RETURN(const Sharing sharing,
                   Sharing::For(call.caller(), parts, reader));
  RETURN_IF_ERROR(sharing.CheckSeries(entry.info.key));
  return entry;
}

}  // namespace headway::service
