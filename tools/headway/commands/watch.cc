// headway watch: indicators as they change.
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/series.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

// A line for each series of the indicator, at its newest period.
void PrintChange(const Context& context,
                 const v1::WatchIndicatorsResponse& change) {
  const std::string name(LastSegment(change.indicator().name()));
  const std::string& unit = change.indicator().unit();
  for (const auto& series : change.series()) {
    if (series.observations().empty()) continue;
    const v1::Observation& last = *series.observations().rbegin();
    if (context.format == Format::kCsv) {
      Table row({{.name = "indicator"},
                 {.name = "labels"},
                 {.name = "period"},
                 {.name = "value"},
                 {.name = "unit"},
                 {.name = "known_at"}});
      row.AddRow({name, LabelPairs(series.labels()), last.period(),
                  ValueCell(last.value(), unit), unit,
                  FormatExactInstant(series.known_at())});
      const std::string csv = row.ToCsv();
      Print(csv.substr(csv.find('\n') + 1));
    } else {
      const std::string labels = messages::FormatLabelValues(series.labels());
      Print(absl::StrCat(name, labels.empty() ? "" : " ", labels, "  ",
                         last.period(), "  ", FormatValue(last.value(), unit),
                         unit == "percent" ? "" : " ",
                         unit == "percent" ? "" : unit, "  known ",
                         FormatMinute(series.known_at()), "\n"));
    }
  }
}

absl::Status Watch(const Context& context,
                   const std::vector<std::string>& names) {
  Client client = MakeClient(context);
  v1::WatchIndicatorsRequest request;
  for (const auto& name : names) {
    request.add_names(ResourceName("indicators", name));
  }
  grpc::ClientContext call;
  const auto reader = client.indicators().WatchIndicators(&call, request);
  v1::WatchIndicatorsResponse change;
  if (context.format == Format::kCsv) {
    Print("indicator,labels,period,value,unit,known_at\n");
  }
  while (reader->Read(&change)) {
    if (context.format == Format::kJson) {
      RETURN_IF_ERROR(PrintJson(change));
    } else if (change.has_indicator()) {
      PrintChange(context, change);
    }
  }
  return client.ToStatus(reader->Finish());
}

}  // namespace

void AddWatchCommand(CLI::App& app, Context& context) {
  auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* watch = app.add_subcommand(
      "watch", "Print indicators as they are, then whenever they change");
  watch->add_option("names", *names, "Of indicators; none is all");
  SetAction(*watch, context,
            [&context, names] { return Watch(context, *names); });
}

}  // namespace headway::cli
