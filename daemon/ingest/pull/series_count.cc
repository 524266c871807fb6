#include "daemon/ingest/pull/series_count.h"

#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::ingest {
namespace {

std::string SeriesCountKey(absl::string_view source) {
  return absl::StrCat("ingest/series_count/", source);
}

}  // namespace

absl::StatusOr<int64_t> ReadSeriesCount(absl::string_view source,
                                        const std::string& member_prefix,
                                        const store::Reader& reader) {
  const std::string key = SeriesCountKey(source);
  ASSIGN_OR_RETURN(const std::optional<std::string> text,
                   reader.FindRecord(store::RecordKind::kState, key));
  if (!text.has_value()) {
    ASSIGN_OR_RETURN(
        const auto members,
        reader.ScanRecords(store::RecordKind::kState, member_prefix));
    return static_cast<int64_t>(members.size());
  }
  int64_t count = 0;
  if (!absl::SimpleAtoi(*text, &count)) {
    return absl::DataLossError(absl::StrCat("record ", key, " is corrupt"));
  }
  return count;
}

store::Record SeriesCountRecord(absl::string_view source, int64_t count) {
  return {store::RecordKind::kState, SeriesCountKey(source),
          absl::StrCat(count)};
}

}  // namespace headway::ingest
