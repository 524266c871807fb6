// The csv plugin: labelled tables, long or wide, with or without vintages.
//
// A table of the columns
//   metric, <labels…>, frequency, period, value, unit, known_at, source
// needs no option besides its address; options adapt the plugin to others.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/tables/bytes.h"
#include "daemon/tables/marks.h"
#include "plugins/sdk/cpp/document.h"
#include "plugins/sdk/cpp/http.h"
#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sources/tables/csv/layout.h"
#include "plugins/sources/tables/csv/options.h"
#include "plugins/sources/tables/csv/rows.h"
#include "plugins/sources/tables/csv/table.h"

namespace headway::csv {
namespace {

// The operator chose the table, so what is wrong with it is for them to mend.
absl::Status AsConfigError(const absl::Status& status) {
  return status.ok() ? status : sdk::ConfigError(status.message());
}

absl::StatusOr<std::string> Decode(const TextOptions& options,
                                   absl::string_view bytes,
                                   const std::string& name) {
  auto text = tables::DecodeTable(bytes, options.encoding);
  if (text.ok()) return text;
  return sdk::ConfigError(absl::StrCat(name, ":", text.status().message()));
}

// A table whose header is read and whose columns are known.
struct OpenTable {
  std::unique_ptr<Rows> rows;
  Layout layout;
};

// `text`, `name` and `options` must outlive the answer.
absl::StatusOr<OpenTable> Open(const sdk::Request& request,
                               absl::string_view text, const std::string& name,
                               const TextOptions& options) {
  ASSIGN_OR_RETURN(const Rows::IsHeader is_header, HeaderTest(request));
  const auto open = [&] { return Rows::Open(text, name, options, is_header); };
  const auto holds_marks = [&](size_t column) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const std::unique_ptr<Rows> rows, open());
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) return true;
      if (!tables::StatusOfMark(rows->cell(column))) return false;
    }
  };
  OpenTable table;
  ASSIGN_OR_RETURN(table.rows, open());
  ASSIGN_OR_RETURN(table.layout,
                   ResolveLayout(request, table.rows->header(), holds_marks));
  return table;
}

// What was passed over, for the log.
std::string PassedOver(const OpenTable& table, const Table& read) {
  std::string text =
      absl::StrCat(read.skipped_count(), " empty values skipped");
  if (table.rows->header_line() > 1) {
    absl::StrAppend(&text, ", ", table.rows->header_line() - 1,
                    " lines above the header passed over");
  }
  if (table.rows->ignored_count() > 0) {
    absl::StrAppend(&text, ", ", table.rows->ignored_count(),
                    " rows left out by ignore_rows");
  }
  for (const size_t column : table.layout.status_columns) {
    absl::StrAppend(&text, ", column ", table.rows->header().names()[column],
                    " holds flags or notes and is no label");
  }
  return text;
}

absl::Status DeliverTable(const sdk::Request& request, absl::string_view bytes,
                          const std::string& name, sdk::Writer& out,
                          sdk::Checkpoint checkpoint) {
  ASSIGN_OR_RETURN(const TextOptions options, ReadTextOptions(request));
  ASSIGN_OR_RETURN(const std::string text, Decode(options, bytes, name));
  ASSIGN_OR_RETURN(const OpenTable open, Open(request, text, name, options));
  checkpoint.complete = open.layout.snapshot;
  Table table(open.layout, open.rows.get(), request.now());
  RETURN_IF_ERROR(table.ReadRows());
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
  for (const std::string& oddity : table.Oddities()) {
    out.Warn(absl::StrCat(name, ": ", oddity));
  }
  out.Info(absl::StrCat(name, ": ", table.value_count(), " values of ",
                        table.series_count(), " series, ",
                        PassedOver(open, table)));
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
absl::StatusOr<std::string> CheckHeader(const sdk::Request& request,
                                        absl::string_view bytes,
                                        const std::string& name) {
  ASSIGN_OR_RETURN(const TextOptions options, ReadTextOptions(request));
  ASSIGN_OR_RETURN(const std::string text, Decode(options, bytes, name));
  ASSIGN_OR_RETURN(const OpenTable table, Open(request, text, name, options));
  return absl::StrCat(name, ": a table of ", table.rows->header().size(),
                      " columns");
}

absl::StatusOr<std::string> Check(const sdk::Request& request) {
  const std::string& url = request.Option("url");
  sdk::HttpClient http;
  ASSIGN_OR_RETURN(const sdk::HttpResponse response, http.Get({.url = url}));
  const std::string name(absl::StripPrefix(url, "file://"));
  auto found = CheckHeader(request, response.body, name);
  if (!found.ok()) return AsConfigError(found.status());
  return found;
}

}  // namespace
}  // namespace headway::csv

int main(int argc, char** argv) {
  return headway::sdk::RunPlugin(
      argc, argv,
      {.name = "csv",
       .version = "1.1",
       .summary = "Reads labelled tables in CSV, long or wide, with or without "
                  "the dates at which values became known.",
       .options = headway::csv::OptionSpecs(),
       .default_schedule = "0 6 * * *",
       .read = headway::csv::Read,
       .check = headway::csv::Check});
}
