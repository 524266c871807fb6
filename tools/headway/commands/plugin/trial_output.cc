#include "tools/headway/commands/plugin/trial_output.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/number_text.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;
using google::protobuf::Value;

void Set(Struct& object, const char* name, absl::string_view text) {
  (*object.mutable_fields())[name].set_string_value(std::string(text));
}

ListValue& SetList(Struct& object, const char* name) {
  return *(*object.mutable_fields())[name].mutable_list_value();
}

std::string PeriodOf(const ingest::TrialSeries& series, int32_t ordinal) {
  return series::FormatPeriod({series.info.key.frequency, ordinal});
}

void AddObservations(const ingest::TrialSeries& series, Struct& object) {
  ListValue& rows = SetList(object, "observations");
  for (const store::Vintage& vintage : series.vintages) {
    for (size_t i = 0; i < vintage.ordinals.size(); ++i) {
      Struct& row = *rows.add_values()->mutable_struct_value();
      Set(row, "period", PeriodOf(series, vintage.ordinals[i]));
      (*row.mutable_fields())["value"].set_number_value(vintage.values[i]);
      Set(row, "status",
          series::ObservationStatusName(series::StatusAt(vintage.statuses, i)));
      Set(row, "known_at", FormatInstant(vintage.known_at));
    }
    for (const int32_t ordinal : vintage.withdrawn) {
      Struct& row = *rows.add_values()->mutable_struct_value();
      Set(row, "period", PeriodOf(series, ordinal));
      Set(row, "status", "withdrawn");
      Set(row, "known_at", FormatInstant(vintage.known_at));
    }
  }
}

void AddSeries(const ingest::TrialSeries& series, Struct& object) {
  const series::SeriesInfo& info = series.info;
  Set(object, "metric", info.key.metric);
  Struct& labels = *(*object.mutable_fields())["labels"].mutable_struct_value();
  for (const auto& [name, value] : info.key.labels.pairs()) {
    Set(labels, name.c_str(), value);
  }
  Set(object, "frequency", series::FrequencyName(info.key.frequency));
  Set(object, "unit", info.unit.ToString());
  Set(object, "title", info.title);
  Set(object, "source_name", info.source_name);
  AddObservations(series, object);
}

}  // namespace

Table TrialSeriesTable(const ingest::TrialResult& result) {
  Table table({{.name = "series", .shrinkable = true},
               {.name = "frequency"},
               {.name = "unit"},
               {.name = "periods", .align = Align::kRight},
               {.name = "first_period"},
               {.name = "last_period"},
               {.name = "newest", .align = Align::kRight},
               {.name = "vintages", .align = Align::kRight},
               {.name = "title", .csv_only = true}});
  for (const ingest::TrialSeries& series : result.series) {
    const store::SeriesState& state = series.state;
    const bool empty = state.ordinals.empty();
    const std::string unit = series.info.unit.ToString();
    table.AddRow(
        {series::FormatSeriesKey(series.info.key),
         std::string(series::FrequencyName(series.info.key.frequency)), unit,
         CountCell(static_cast<int64_t>(state.ordinals.size())),
         empty ? MissingCell() : Cell(PeriodOf(series, state.ordinals.front())),
         empty ? MissingCell() : Cell(PeriodOf(series, state.ordinals.back())),
         empty ? MissingCell() : ValueCell(state.values.back(), unit),
         CountCell(static_cast<int64_t>(series.vintages.size())),
         series.info.title});
  }
  return table;
}

Table TrialRowsTable(const ingest::TrialResult& result) {
  Table table({{.name = "series", .shrinkable = true},
               {.name = "period"},
               {.name = "value", .align = Align::kRight},
               {.name = "unit"},
               {.name = "status"},
               {.name = "known_at"}});
  for (const ingest::TrialSeries& series : result.series) {
    const std::string key = series::FormatSeriesKey(series.info.key);
    const std::string unit = series.info.unit.ToString();
    for (const store::Vintage& vintage : series.vintages) {
      const std::string known = FormatInstant(vintage.known_at);
      for (size_t i = 0; i < vintage.ordinals.size(); ++i) {
        table.AddRow({key, PeriodOf(series, vintage.ordinals[i]),
                      ValueCell(vintage.values[i], unit), unit,
                      std::string(series::ObservationStatusName(
                          series::StatusAt(vintage.statuses, i))),
                      known});
      }
      for (const int32_t ordinal : vintage.withdrawn) {
        table.AddRow({key, PeriodOf(series, ordinal), MissingCell(), unit,
                      "withdrawn", known});
      }
    }
  }
  return table;
}

std::string TrialSummary(const ingest::TrialResult& result) {
  if (result.observations_read == 0 && result.series.empty()) {
    return "it delivered no observations: the publisher has nothing new, or "
           "the configuration asks for nothing\n";
  }
  std::string text = absl::StrCat(
      FormatCount(result.observations_read), " observations of ",
      FormatCount(static_cast<int64_t>(result.series.size())), " series\n");
  for (const auto& [stream, state] : result.checkpoints) {
    if (state.empty()) continue;
    absl::StrAppend(&text, "the next read goes on with --checkpoint '",
                    stream.empty() ? "" : absl::StrCat(stream, "="), state,
                    "'\n");
  }
  return text;
}

Struct TrialDocument(const ingest::TrialResult& result) {
  Struct document;
  Set(document, "plugin", result.description.name());
  Set(document, "version", result.description.version());
  ListValue& series = SetList(document, "series");
  for (const ingest::TrialSeries& one : result.series) {
    AddSeries(one, *series.add_values()->mutable_struct_value());
  }
  Struct& checkpoints =
      *(*document.mutable_fields())["checkpoints"].mutable_struct_value();
  for (const auto& [stream, state] : result.checkpoints) {
    Set(checkpoints, stream.c_str(), state);
  }
  ListValue& log = SetList(document, "log");
  for (const std::string& line : result.log) {
    log.add_values()->set_string_value(line);
  }
  Set(document, "error", result.status.message());
  return document;
}

}  // namespace headway::cli
