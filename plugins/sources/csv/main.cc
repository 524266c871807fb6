// The csv plugin: labelled tables, long or wide, with or without vintages.
//
// A table of the columns
//   metric, <labels…>, frequency, period, value, unit, known_at, source
// needs no option besides its address; options adapt the plugin to others.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/csv.h"
#include "plugins/sdk/cpp/document.h"
#include "plugins/sdk/cpp/http.h"
#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sdk/cpp/text.h"
#include "plugins/sources/csv/layout.h"
#include "plugins/sources/csv/table.h"

namespace headway::csv {
namespace {

// The operator chose the table, so what is wrong with it is for them to mend.
absl::Status AsConfigError(const absl::Status& status) {
  return status.ok() ? status : sdk::ConfigError(status.message());
}

absl::Status CheckUtf8(absl::string_view text, const std::string& name) {
  const size_t valid = sdk::ValidUtf8Prefix(text);
  if (valid == text.size()) return absl::OkStatus();
  const absl::string_view before = text.substr(0, valid);
  return sdk::ConfigError(absl::StrCat(
      name, ":", 1 + std::count(before.begin(), before.end(), '\n'),
      ": the text is not UTF-8; convert the table, for instance with iconv"));
}

absl::Status DeliverTable(const sdk::Request& request, absl::string_view text,
                          const std::string& name, sdk::Writer& out,
                          sdk::Checkpoint checkpoint) {
  ASSIGN_OR_RETURN(auto options, ReaderOptions(request));
  RETURN_IF_ERROR(CheckUtf8(text, name));
  sdk::CsvReader reader(text, name, options);
  RETURN_IF_ERROR(reader.ReadHeader());
  ASSIGN_OR_RETURN(Layout layout, ResolveLayout(request, reader));
  checkpoint.complete = layout.snapshot;
  Table table(std::move(layout), name, request.now());
  RETURN_IF_ERROR(table.ReadRows(reader));
  if (checkpoint.complete && table.value_count() == 0) {
    return sdk::ConfigError(
        absl::StrCat(name,
                     ": the table has no values, and with snapshot that would "
                     "withdraw all there were"));
  }
  if (checkpoint.complete && table.newest_known_at() != absl::InfinitePast()) {
    checkpoint.known_at = table.newest_known_at();
  }
  RETURN_IF_ERROR(table.Deliver(out));
  out.Checkpoint(checkpoint);
  if (table.guessed_a_lag()) {
    out.Warn(absl::StrCat(
        name,
        ": rows without known_at and without a release lag count as "
        "known at the end of their period; set release_lag_days"));
  }
  out.Info(absl::StrCat(name, ": ", table.value_count(), " values of ",
                        table.series_count(), " series, ",
                        table.skipped_count(), " empty values skipped"));
  return absl::OkStatus();
}

absl::Status Read(const sdk::Request& request, sdk::Writer& out) {
  sdk::HttpClient http;
  const std::string& url = request.Option("url");
  ASSIGN_OR_RETURN(sdk::Document document,
                   sdk::FetchIfChanged(http, {.url = url}, request.checkpoint(),
                                       request.fingerprint()));
  std::string name(absl::StripPrefix(url, "file://"));
  if (!document.changed) {
    out.Info(absl::StrCat(name, ": unchanged"));
    out.Checkpoint({.state = document.checkpoint});
    return absl::OkStatus();
  }
  return AsConfigError(DeliverTable(request, document.body, name, out,
                                    {.state = document.checkpoint}));
}

// Reads the table's header: whether it is there and has the columns that the
// options name. The rows are for `read`.
absl::StatusOr<std::string> Check(const sdk::Request& request) {
  const std::string& url = request.Option("url");
  sdk::HttpClient http;
  ASSIGN_OR_RETURN(const sdk::HttpResponse response, http.Get({.url = url}));
  const std::string name(absl::StripPrefix(url, "file://"));
  ASSIGN_OR_RETURN(auto options, ReaderOptions(request));
  RETURN_IF_ERROR(CheckUtf8(response.body, name));
  sdk::CsvReader reader(response.body, name, options);
  RETURN_IF_ERROR(AsConfigError(reader.ReadHeader()));
  RETURN_IF_ERROR(AsConfigError(ResolveLayout(request, reader).status()));
  return absl::StrCat(name, ": a table of ", reader.header().size(),
                      " columns");
}

}  // namespace
}  // namespace headway::csv

int main(int argc, char** argv) {
  return headway::sdk::RunPlugin(
      argc, argv,
      {.name = "csv",
       .version = "1.0",
       .summary = "Reads labelled tables in CSV, long or wide, with or without "
                  "the dates at which values became known.",
       .options = headway::csv::OptionSpecs(),
       .default_schedule = "0 6 * * *",
       .read = headway::csv::Read,
       .check = headway::csv::Check});
}
