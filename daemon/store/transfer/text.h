// The texts in which series leave the store and come back, as NDJSON or CSV.
//
// CSV: one row an observation of a vintage, all that belongs to it in the row,
// so that every filter of pandas, R or DuckDB works on its own. NDJSON: one
// object a series, followed by one object a vintage, with arrays. The names of
// the columns and members are the same:
//
//   type          NDJSON only: "series" or "vintage"
//   metric
//   labels        a JSON object of strings, {} if there are none
//   frequency     annual, semiannual, quarterly, monthly, weekly, daily
//   unit          USD/FLOP, percent, 1
//   period        2024, 2024-S1, 2024-Q1, 2024-03, 2024-W09, 2024-03-05;
//                 NDJSON: periods
//   value         the shortest text that gives back every bit, empty if the
//                 period was withdrawn; NDJSON: values
//   withdrawn     true or false; NDJSON: an array of periods
//   restated      true if the statement repeats what was known before the
//                 vintage, as happens where an older vintage was inserted
//                 later; NDJSON: an array of periods. The other rows are the
//                 revisions
//   status        how firm the value is (series/observation_status.h), empty
//                 if it is final; NDJSON: statuses, absent if all are final
//   known_at, recorded_at    RFC 3339, UTC, down to microseconds
//   covers        the periods that the vintage covers (Coverage in types.h):
//                 FIRST/LAST, all, or empty for those from the first to the
//                 last that the series had at the vintage
//   source, plugin, plugin_version, plugin_hash, run    provenance
//   title, description, vintage_kind, release_lag, source_name
//                 of the series; NDJSON: in its object only
//
// The state as of T is, for each period, the row with the newest known_at that
// is not after T. Series come in the order of their keys, vintages in that of
// known_at, periods rising. UTF-8, a line feed ends a line, cells are quoted as
// in RFC 4180. Pure functions.
#ifndef HEADWAY_DAEMON_STORE_TRANSFER_TEXT_H_
#define HEADWAY_DAEMON_STORE_TRANSFER_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"
#include "daemon/series/series_info.h"
#include "daemon/store/types.h"

namespace headway::store {

enum class TransferFormat { kCsv, kNdjson };

// "csv", "ndjson".
absl::StatusOr<TransferFormat> ParseTransferFormat(absl::string_view text);

// The header of CSV, in this order.
const std::vector<std::string>& TransferColumns();

// Formatting. A value is finite; JSON's -0 would lose its sign, so it is -0.0.
void AppendValue(double value, std::string* out);
void AppendJsonString(absl::string_view text, std::string* out);
std::string FormatLabelsJson(const series::Labels& labels);
// Empty for zero.
std::string FormatLag(absl::Duration lag);
std::string FormatCoverage(series::Frequency frequency, const Coverage& covers);
absl::string_view VintageKindName(series::VintageKind kind);

// Parsing. An error names the text and the remedy, not where it stood.
absl::StatusOr<double> ParseValue(absl::string_view text);
// ParseDateOrInstant, also with a space for the T: a date is the end of that
// day. Refuses what is finer than the microseconds of the store.
absl::StatusOr<absl::Time> ParseStoredInstant(absl::string_view text);
absl::StatusOr<absl::Duration> ParseLag(absl::string_view text);
absl::StatusOr<Coverage> ParseCoverage(absl::string_view text,
                                       series::Frequency frequency);
absl::StatusOr<series::VintageKind> ParseVintageKind(absl::string_view text);

// For errors: what was read, escaped and cut to a bearable length, in quotes.
std::string Quoted(absl::string_view text);

// INVALID_ARGUMENT, with what absl::StrCat makes of the arguments.
template <typename... Args>
absl::Status Refuse(const Args&... args) {
  return absl::InvalidArgumentError(absl::StrCat(args...));
}

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_TRANSFER_TEXT_H_
