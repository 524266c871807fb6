#include "tools/headway/render/observation_rows.h"

#include "absl/strings/str_cat.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "tools/headway/render/format.h"

namespace headway::cli {

Table ObservationTable(
    const google::protobuf::RepeatedPtrField<v1::LabelledSeries>& series,
    const std::string& unit) {
  Table table({{.name = "labels", .shrinkable = true},
               {.name = "period"},
               {.name = "value", .align = Align::kRight},
               {.name = "unit"},
               {.name = "status"}});
  for (const auto& one : series) {
    for (const auto& observation : one.observations()) {
      table.AddRow({LabelPairs(one.labels()), observation.period(),
                    ValueCell(observation.value(), unit), unit,
                    messages::StatusText(observation.status())});
    }
  }
  return table;
}

std::string DescribeVintage(const v1::LabelledSeries& series,
                            absl::Time instant) {
  const std::string known = FormatMinute(series.known_at());
  if (known.empty()) return "";
  const int64_t days =
      (instant - messages::FromTimestamp(series.known_at())) / absl::Hours(24);
  return absl::StrCat(", known ", known, " (", days,
                      days == 1 ? " day old)" : " days old)");
}

}  // namespace headway::cli
