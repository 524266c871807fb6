#include "daemon/ingest/pull/members.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/protocol/validation.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {
namespace {

using series::SeriesInfo;
using series::SeriesKey;

std::string Escape(absl::string_view part) {
  return absl::StrReplaceAll(part, {{"%", "%25"}, {"/", "%2F"}});
}

absl::StatusOr<SeriesKey> ParseKey(const std::string& record,
                                   absl::string_view name) {
  plugin::v1::SeriesDefinition definition;
  if (!definition.ParseFromString(record)) {
    return absl::DataLossError(
        absl::StrCat("membership record ", name, " is corrupt"));
  }
  definition.set_id("member");
  definition.set_unit("1");
  ASSIGN_OR_RETURN(SeriesInfo info, ToSeriesInfo(definition));
  return info.key;
}

}  // namespace

std::string MemberPrefix(absl::string_view source) {
  return absl::StrCat("ingest/member/", Escape(source), "/");
}

std::string MemberPrefix(absl::string_view source, absl::string_view stream) {
  return absl::StrCat(MemberPrefix(source), Escape(stream), "/");
}

std::string MemberName(const SeriesKey& key) {
  return absl::StrCat(series::FrequencyName(key.frequency), "/",
                      series::FormatSeriesKey(key));
}

std::string SerializeMember(const SeriesKey& key) {
  plugin::v1::SeriesDefinition definition;
  definition.set_metric(key.metric);
  definition.set_frequency(static_cast<plugin::v1::Frequency>(key.frequency));
  for (const auto& [name, value] : key.labels.pairs()) {
    (*definition.mutable_labels())[name] = value;
  }
  return definition.SerializeAsString();
}

absl::StatusOr<bool> HasDelivered(absl::string_view source,
                                  const store::Reader& reader) {
  if (source.empty()) return false;
  ASSIGN_OR_RETURN(const auto first,
                   reader.ScanRecords(store::RecordKind::kState,
                                      MemberPrefix(source), "", 1));
  return !first.empty();
}

absl::StatusOr<std::optional<store::VintageUpdate>> Withdrawal(
    const std::string& record, absl::string_view name, absl::Time known_at,
    const store::Reader& reader) {
  ASSIGN_OR_RETURN(SeriesKey key, ParseKey(record, name));
  absl::StatusOr<store::SeriesEntry> entry = reader.FindSeries(key);
  if (absl::IsNotFound(entry.status())) return std::nullopt;
  RETURN_IF_ERROR(entry.status());
  store::VintageUpdate update;
  update.info = entry->info;
  update.known_at = known_at;
  update.snapshot = true;
  return update;
}

}  // namespace headway::ingest
