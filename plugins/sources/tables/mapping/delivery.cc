#include "plugins/sources/tables/mapping/delivery.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/tables/marks.h"
#include "plugins/sources/tables/mapping/layout.h"
#include "plugins/sources/tables/mapping/options.h"
#include "plugins/sources/tables/mapping/rows.h"
#include "plugins/sources/tables/mapping/table.h"

namespace headway::mapping {
namespace {

absl::Status AsConfigError(const absl::Status& status) {
  return status.ok() ? status : sdk::ConfigError(status.message());
}

// A table whose header is read and whose columns are known.
struct OpenTable {
  std::unique_ptr<Rows> rows;
  Layout layout;
};

// `input` and `options` must outlive the answer.
absl::StatusOr<OpenTable> OpenRows(const sdk::Request& request,
                                   const Input& input,
                                   const RowOptions& options) {
  ASSIGN_OR_RETURN(const Rows::IsHeader is_header, HeaderTest(request));
  const auto open = [&] { return Rows::Open(input, options, is_header); };
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
  const Rows& rows = *table.rows;
  if (rows.header_line() > 1) {
    absl::StrAppend(&text, ", ", rows.header_line() - 1,
                    " lines above the header passed over");
  }
  if (rows.ignored_count() > 0) {
    absl::StrAppend(&text, ", ", rows.ignored_count(),
                    " rows left out by ignore_rows");
  }
  if (rows.filtered_count() > 0) {
    absl::StrAppend(&text, ", ", rows.filtered_count(),
                    " rows left out by where");
  }
  for (const size_t column : table.layout.status_columns) {
    absl::StrAppend(&text, ", column ", rows.header().names()[column],
                    " holds flags or notes and is no label");
  }
  return text;
}

absl::Status Deliver(const sdk::Request& request, const Input& input,
                     sdk::Writer& out, sdk::Checkpoint checkpoint) {
  ASSIGN_OR_RETURN(const RowOptions options, ReadRowOptions(request));
  ASSIGN_OR_RETURN(const OpenTable open, OpenRows(request, input, options));
  const std::string name = input.name();
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

absl::StatusOr<std::string> Check(const sdk::Request& request,
                                  const Input& input) {
  ASSIGN_OR_RETURN(const RowOptions options, ReadRowOptions(request));
  ASSIGN_OR_RETURN(const OpenTable table, OpenRows(request, input, options));
  return absl::StrCat(input.name(), ": a table of ",
                      table.rows->header().size(), " columns");
}

}  // namespace

absl::Status DeliverTable(const sdk::Request& request, const Input& input,
                          sdk::Writer& out, sdk::Checkpoint checkpoint) {
  return AsConfigError(Deliver(request, input, out, std::move(checkpoint)));
}

absl::StatusOr<std::string> CheckHeader(const sdk::Request& request,
                                        const Input& input) {
  auto found = Check(request, input);
  if (!found.ok()) return AsConfigError(found.status());
  return found;
}

}  // namespace headway::mapping
