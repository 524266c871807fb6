#include "daemon/store/transfer/text.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"

namespace headway::store {
namespace {

constexpr size_t kLongestQuote = 80;

}  // namespace

absl::StatusOr<TransferFormat> ParseTransferFormat(absl::string_view text) {
  if (text == "csv") return TransferFormat::kCsv;
  if (text == "ndjson") return TransferFormat::kNdjson;
  return Refuse("format ", Quoted(text), " is not known; use csv or ndjson",
                DidYouMean(text, {"csv", "ndjson"}));
}

const std::vector<std::string>& TransferColumns() {
  static const auto* const columns = new std::vector<std::string>{
      "metric",      "labels",     "frequency", "unit",        "period",
      "value",       "withdrawn",  "restated",  "status",      "known_at",
      "recorded_at", "covers",     "source",    "plugin",      "plugin_version",
      "plugin_hash", "run",        "title",     "description", "vintage_kind",
      "release_lag", "source_name"};
  return *columns;
}

void AppendValue(double value, std::string* out) {
  if (value == 0 && std::signbit(value)) {
    out->append("-0.0");
    return;
  }
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  out->append(digits, end);
}

void AppendJsonString(absl::string_view text, std::string* out) {
  out->append(
      nlohmann::json(std::string(text))
          .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string FormatLabelsJson(const series::Labels& labels) {
  std::string text = "{";
  for (const auto& [name, value] : labels.pairs()) {
    if (text.size() > 1) text.push_back(',');
    AppendJsonString(name, &text);
    text.push_back(':');
    AppendJsonString(value, &text);
  }
  text.push_back('}');
  return text;
}

std::string FormatLag(absl::Duration lag) {
  return lag == absl::ZeroDuration() ? "" : absl::FormatDuration(lag);
}

std::string FormatCoverage(series::Frequency frequency,
                           const Coverage& covers) {
  if (covers.all) return "all";
  return absl::StrCat(series::FormatPeriod({frequency, covers.first}), "/",
                      series::FormatPeriod({frequency, covers.last}));
}

absl::string_view VintageKindName(series::VintageKind kind) {
  switch (kind) {
    case series::VintageKind::kNative:
      return "native";
    case series::VintageKind::kObserved:
      return "observed";
    case series::VintageKind::kAssumed:
      return "assumed";
  }
  return "";
}

absl::StatusOr<double> ParseValue(absl::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range) {
    return Refuse(Quoted(text), " lies beyond what a double holds");
  }
  if (error != std::errc() || rest != end || !std::isfinite(value)) {
    return Refuse(Quoted(text),
                  " is not a finite number such as 1234.5; leave "
                  "the row of a missing value out");
  }
  return value;
}

absl::StatusOr<absl::Time> ParseStoredInstant(absl::string_view text) {
  constexpr size_t kDateLength = 10;
  std::string written(text);
  // As pandas writes it.
  if (text.size() > kDateLength && text[kDateLength] == ' ') {
    written[kDateLength] = 'T';
  }
  const absl::StatusOr<absl::Time> parsed = ParseDateOrInstant(written);
  if (!parsed.ok()) {
    return Refuse(Quoted(text),
                  " is neither an instant such as 2024-03-05T12:30:00Z nor a "
                  "date such as 2024-03-05");
  }
  const absl::Time time = *parsed;
  if (absl::FromUnixMicros(absl::ToUnixMicros(time)) != time) {
    return Refuse(Quoted(text), " is finer than a microsecond; cut it there");
  }
  return time;
}

absl::StatusOr<absl::Duration> ParseLag(absl::string_view text) {
  absl::Duration lag;
  if (text.empty()) return lag;
  if (!absl::ParseDuration(text, &lag) || lag < absl::ZeroDuration() ||
      lag > series::kMaxReleaseLag) {
    return Refuse(Quoted(text),
                  " is not a time from 0 to 10 years, such as 840h");
  }
  return lag;
}

absl::StatusOr<Coverage> ParseCoverage(absl::string_view text,
                                       series::Frequency frequency) {
  if (text == "all") return Coverage{.all = true};
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos) {
    return Refuse(Quoted(text),
                  " covers nothing; write FIRST/LAST, two "
                  "periods, or all, or leave it empty");
  }
  ASSIGN_OR_RETURN(series::Period first,
                   series::ParsePeriod(text.substr(0, slash), frequency));
  ASSIGN_OR_RETURN(series::Period last,
                   series::ParsePeriod(text.substr(slash + 1), frequency));
  if (first.ordinal > last.ordinal) {
    return Refuse(Quoted(text), ": the first period comes after the last");
  }
  return Coverage{.all = false, .first = first.ordinal, .last = last.ordinal};
}

absl::StatusOr<series::VintageKind> ParseVintageKind(absl::string_view text) {
  for (auto kind :
       {series::VintageKind::kNative, series::VintageKind::kObserved,
        series::VintageKind::kAssumed}) {
    if (text == VintageKindName(kind)) return kind;
  }
  return Refuse(Quoted(text),
                " is no kind of vintages; use native, observed "
                "or assumed",
                DidYouMean(text, {"native", "observed", "assumed"}));
}

std::string Quoted(absl::string_view text) {
  const bool cut = text.size() > kLongestQuote;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kLongestQuote)),
                      cut ? "…" : "", "\"");
}

}  // namespace headway::store
