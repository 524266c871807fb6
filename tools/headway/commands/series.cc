// headway series, headway series revisions, headway query
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/format.h"
#include "tools/headway/render/observation_rows.h"

namespace headway::cli {
namespace {

struct QueryOptions {
  std::string expression;
  std::optional<google::protobuf::Timestamp> as_of;
};

std::string FrequencyWord(v1::Frequency frequency) {
  return absl::AsciiStrToLower(v1::Frequency_Name(frequency));
}

absl::Status ListSeries(const Context& context, const std::string& selector) {
  Client client = MakeClient(context);
  v1::ListSeriesRequest request;
  request.set_filter(selector);
  ASSIGN_OR_RETURN(
      const v1::ListSeriesResponse response,
      client.CallForAllPages(client.series(), &SeriesService::Stub::ListSeries,
                             request));
  Table table({{.name = "name"},
               {.name = "key", .shrinkable = true},
               {.name = "frequency"},
               {.name = "unit", .shrinkable = true},
               {.name = "first_period"},
               {.name = "last_period"},
               {.name = "observations", .align = Align::kRight},
               {.name = "known_at"},
               {.name = "title", .csv_only = true},
               {.name = "source_name", .csv_only = true}});
  for (const auto& series : response.series()) {
    table.AddRow(
        {series.name(), series.key(), FrequencyWord(series.frequency()),
         series.unit(), series.first_period(), series.last_period(),
         CountCell(series.observation_count()), InstantCell(series.known_at()),
         series.title(), series.source_name()});
  }
  return PrintAnswer(context, response, table);
}

struct RevisionsOptions {
  std::string selector;
  std::string first_period;
  std::string last_period;
  std::optional<google::protobuf::Timestamp> as_of;
};

absl::Status ListRevisions(const Context& context,
                           const RevisionsOptions& options) {
  Client client = MakeClient(context);
  v1::ListRevisionsRequest request;
  request.set_filter(options.selector);
  request.set_first_period(options.first_period);
  request.set_last_period(options.last_period);
  if (options.as_of) *request.mutable_as_of() = *options.as_of;
  ASSIGN_OR_RETURN(
      const v1::ListRevisionsResponse response,
      client.CallForAllPages(client.series(),
                             &SeriesService::Stub::ListRevisions, request));
  Table table({{.name = "name", .csv_only = true},
               {.name = "key", .shrinkable = true},
               {.name = "frequency"},
               {.name = "unit", .shrinkable = true},
               {.name = "releases", .align = Align::kRight},
               {.name = "revised", .align = Align::kRight},
               {.name = "mean_revision", .align = Align::kRight},
               {.name = "mean_absolute_revision", .align = Align::kRight}});
  for (const auto& series : response.series()) {
    const bool is_empty = series.releases().empty();
    table.AddRow(
        {series.name(), series.key(), FrequencyWord(series.frequency()),
         series.unit(), CountCell(series.releases_size()),
         CountCell(series.revised_count()),
         is_empty ? MissingCell()
                  : ChangeCell(series.mean_revision(), series.unit()),
         is_empty ? MissingCell()
                  : ValueCell(series.mean_absolute_revision(), series.unit())});
  }
  return PrintAnswer(context, response, table);
}

void AddRevisionsCommand(CLI::App& series, Context& context) {
  auto options = std::make_shared<RevisionsOptions>();
  CLI::App* revisions = series.add_subcommand(
      "revisions", "Compare the first release of each period with the latest");
  revisions
      ->add_option("selector", options->selector,
                   "Such as 'trade_value_usd{partner=\"CHN\"}'")
      ->required();
  revisions
      ->add_option("--from", options->first_period,
                   "The first period, such as 2024 or 2024-03")
      ->type_name("PERIOD");
  revisions->add_option("--to", options->last_period, "The last period")
      ->type_name("PERIOD");
  AddAsOf(*revisions, &options->as_of);
  SetAction(*revisions, context,
            [&context, options] { return ListRevisions(context, *options); });
}

absl::Status Query(const Context& context, const QueryOptions& options) {
  Client client = MakeClient(context);
  v1::QueryRequest request;
  request.set_expression(options.expression);
  if (options.as_of) *request.mutable_as_of() = *options.as_of;
  ASSIGN_OR_RETURN(const v1::QueryResponse response,
                   client.CallForAllPages(
                       client.series(), &SeriesService::Stub::Query, request));
  PrintNotes(context, response.notes());
  return PrintAnswer(context, response,
                     ObservationTable(response.series(), response.unit()));
}

}  // namespace

void AddSeriesCommands(CLI::App& app, Context& context) {
  auto selector = std::make_shared<std::string>();
  CLI::App* series = app.add_subcommand("series", "List the stored series");
  series->add_option("selector", *selector,
                     "Such as 'trade_value_usd{partner=\"CHN\"}'; none is all");
  series->fallthrough();
  AddRevisionsCommand(*series, context);
  AddCorrectionCommands(*series, context);
  // Also called behind that of a subcommand.
  series->callback([&context, selector, series] {
    if (!series->get_subcommands().empty()) return;
    context.action = [&context, selector] {
      return ListSeries(context, *selector);
    };
  });

  auto options = std::make_shared<QueryOptions>();
  CLI::App* query = app.add_subcommand("query", "Evaluate an expression");
  query
      ->add_option(
          "expression", options->expression,
          "Such as 'yoy(sum by (partner) (trade_value_usd))'; one that "
          "begins with - stands after --")
      ->required();
  AddAsOf(*query, &options->as_of);
  SetAction(*query, context,
            [&context, options] { return Query(context, *options); });
}

}  // namespace headway::cli
