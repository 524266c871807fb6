#include "tools/headway/render/observation_rows.h"

#include "daemon/messages/series.h"
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

}  // namespace headway::cli
