// headway series correct, headway series corrections
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

struct CorrectOptions {
  std::string selector;
  std::vector<std::string> values;
  std::vector<std::string> struck;
  std::vector<std::string> undone;
  std::string reason;
  std::string author;
};

// The one series that the selector means.
absl::StatusOr<v1::Series> FindOne(Client& client,
                                   const std::string& selector) {
  v1::ListSeriesRequest request;
  request.set_filter(selector);
  request.set_page_size(2);
  ASSIGN_OR_RETURN(
      const v1::ListSeriesResponse found,
      client.Call(client.series(), &SeriesService::Stub::ListSeries, request));
  if (found.series_size() == 1) return found.series(0);
  if (found.series().empty()) {
    return absl::NotFoundError(absl::StrCat("no series matches ", selector,
                                            "; headway series lists "
                                            "those there are"));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      selector, " means several series, such as ", found.series(0).key(),
      " and ", found.series(1).key(), "; name more labels"));
}

absl::Status AddValue(const std::string& text,
                      v1::CorrectObservationsRequest* request) {
  const std::vector<std::string> parts =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  double value = 0;
  if (parts.size() != 2 || !absl::SimpleAtod(parts[1], &value)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text, "\" is not PERIOD=VALUE, such as 2024-03=5.25"));
  }
  v1::Observation* observation = request->add_observations();
  observation->set_period(parts[0]);
  observation->set_value(value);
  return absl::OkStatus();
}

Table CorrectionTable() {
  return Table({{.name = "time"},
                {.name = "series", .shrinkable = true},
                {.name = "period"},
                {.name = "what"},
                {.name = "before", .align = Align::kRight},
                {.name = "after", .align = Align::kRight},
                {.name = "author"},
                {.name = "reason", .shrinkable = true}});
}

void AddRows(const v1::Correction& correction, Table* table) {
  for (const auto& change : correction.changes()) {
    table->AddRow({InstantCell(correction.time()), correction.series_key(),
                   change.period(),
                   absl::AsciiStrToLower(
                       v1::Correction::Change::Kind_Name(change.kind())),
                   NumberCell(change.has_before(), change.before()),
                   NumberCell(change.has_after(), change.after()),
                   correction.author(), correction.reason()});
  }
}

absl::Status Correct(const Context& context, const CorrectOptions& options) {
  Client client = MakeClient(context);
  ASSIGN_OR_RETURN(const v1::Series series, FindOne(client, options.selector));
  v1::CorrectObservationsRequest request;
  request.set_name(series.name());
  for (const std::string& text : options.values) {
    RETURN_IF_ERROR(AddValue(text, &request));
  }
  request.mutable_struck_periods()->Add(options.struck.begin(),
                                        options.struck.end());
  request.mutable_undone_periods()->Add(options.undone.begin(),
                                        options.undone.end());
  request.set_reason(options.reason);
  request.set_author(options.author);
  ASSIGN_OR_RETURN(
      const v1::Correction correction,
      client.Call(client.series(), &SeriesService::Stub::CorrectObservations,
                  request));
  Table table = CorrectionTable();
  AddRows(correction, &table);
  return PrintAnswer(context, correction, table);
}

absl::Status ListCorrections(const Context& context) {
  Client client = MakeClient(context);
  ASSIGN_OR_RETURN(const v1::ListCorrectionsResponse response,
                   client.CallForAllPages(client.series(),
                                          &SeriesService::Stub::ListCorrections,
                                          v1::ListCorrectionsRequest()));
  Table table = CorrectionTable();
  for (const auto& correction : response.corrections()) {
    AddRows(correction, &table);
  }
  return PrintAnswer(context, response, table);
}

}  // namespace

void AddCorrectionCommands(CLI::App& series, Context& context) {
  auto options = std::make_shared<CorrectOptions>();
  CLI::App* correct = series.add_subcommand(
      "correct", "Put values right by hand, or strike them out");
  correct
      ->add_option("selector", options->selector,
                   "The one series: 'trade_value_usd{partner=\"CHN\",…}'")
      ->required();
  correct->add_option("--value", options->values, "The right value of a period")
      ->type_name("PERIOD=VALUE");
  correct
      ->add_option("--strike", options->struck,
                   "A period that is to have no value")
      ->type_name("PERIOD");
  correct
      ->add_option("--undo", options->undone,
                   "A period that is to be again what the sources say")
      ->type_name("PERIOD");
  correct->add_option("--reason", options->reason, "Why; it is kept")
      ->required();
  correct->add_option("--author", options->author, "Who says so; it is kept")
      ->required();
  SetAction(*correct, context,
            [&context, options] { return Correct(context, *options); });
  CLI::App* corrections = series.add_subcommand(
      "corrections", "List what was corrected by hand, newest first");
  SetAction(*corrections, context,
            [&context] { return ListCorrections(context); });
}

}  // namespace headway::cli
