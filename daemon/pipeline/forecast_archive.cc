#include "daemon/pipeline/forecast_archive.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/timestamp.h"

namespace headway::pipeline {
namespace {

// Key: INDICATOR/TIME/LABELS, the time inverted so that the newest comes first,
// the labels hashed; both as 16 hexadecimal digits.
constexpr size_t kHexDigits = 16;

std::string InvertedTime(absl::Time time) {
  const uint64_t micros = absl::ToUnixMicros(time);
  // Unsigned order of signed numbers, then from the far end.
  return absl::StrCat(
      absl::Hex(~(micros ^ (uint64_t{1} << 63)), absl::kZeroPad16));
}

std::string LabelHash(const v1::Forecast& forecast) {
  // The map of the message has no order of its own.
  const std::map<std::string, std::string> labels(forecast.labels().begin(),
                                                  forecast.labels().end());
  StableHash hash;
  for (const auto& [name, value] : labels) hash.Add(name).Add(value);
  return absl::StrCat(absl::Hex(hash.value(), absl::kZeroPad16));
}

absl::StatusOr<v1::Forecast> Decode(absl::string_view key,
                                    const std::string& bytes) {
  v1::Forecast forecast;
  if (!forecast.ParseFromString(bytes)) {
    return absl::DataLossError(
        absl::StrCat("the stored forecast ", key,
                     " cannot be read; restore the store from a backup"));
  }
  return forecast;
}

bool IsPageToken(absl::string_view token) {
  return token.size() == 2 * kHexDigits + 1 && token[kHexDigits] == '/' &&
         std::all_of(token.begin(), token.end(), [](char c) {
           return c == '/' || absl::ascii_isxdigit(c);
         });
}

}  // namespace

store::Record ArchiveForecast(absl::string_view indicator,
                              v1::Forecast& forecast) {
  const absl::Time time = messages::FromTimestamp(forecast.issue_time());
  const std::string labels = LabelHash(forecast);
  forecast.set_name(absl::StrCat(
      "indicators/", indicator, "/forecasts/",
      absl::FormatTime("%E4Y%m%d-%H%M%E6S", time, absl::UTCTimeZone()), "-",
      labels));
  return {store::RecordKind::kForecasts,
          absl::StrCat(indicator, "/", InvertedTime(time), "/", labels),
          forecast.SerializeAsString()};
}

absl::StatusOr<std::vector<v1::Forecast>> LatestIssue(
    const store::Reader& reader, absl::string_view indicator,
    absl::Time as_of) {
  const std::string prefix = absl::StrCat(indicator, "/");
  // Sorts just before the forecasts issued at as_of.
  const std::string after = as_of == absl::InfiniteFuture()
                                ? ""
                                : absl::StrCat(prefix, InvertedTime(as_of));
  ASSIGN_OR_RETURN(
      auto newest,
      reader.ScanRecords(store::RecordKind::kForecasts, prefix, after, 1));
  std::vector<v1::Forecast> issue;
  if (newest.empty()) return issue;
  const std::string issue_prefix =
      newest[0].first.substr(0, newest[0].first.rfind('/') + 1);
  ASSIGN_OR_RETURN(
      auto records,
      reader.ScanRecords(store::RecordKind::kForecasts, issue_prefix));
  for (const auto& [key, bytes] : records) {
    ASSIGN_OR_RETURN(issue.emplace_back(), Decode(key, bytes));
  }
  const auto labels = [](const v1::Forecast& forecast) {
    return std::map<std::string, std::string>(forecast.labels().begin(),
                                              forecast.labels().end());
  };
  std::sort(issue.begin(), issue.end(),
            [&](const v1::Forecast& a, const v1::Forecast& b) {
              return labels(a) < labels(b);
            });
  return issue;
}

absl::StatusOr<ForecastPage> ListIssues(const store::Reader& reader,
                                        absl::string_view indicator,
                                        size_t page_size,
                                        absl::string_view page_token) {
  if (!page_token.empty() && !IsPageToken(page_token)) {
    return absl::InvalidArgumentError(
        absl::StrCat("page token \"", page_token,
                     "\" is not one that a listing of forecasts gave"));
  }
  const std::string prefix = absl::StrCat(indicator, "/");
  const std::string after =
      page_token.empty() ? "" : absl::StrCat(prefix, page_token);
  ASSIGN_OR_RETURN(auto records,
                   reader.ScanRecords(store::RecordKind::kForecasts, prefix,
                                      after, page_size + 1));
  ForecastPage page;
  for (const auto& [key, bytes] : records) {
    if (page.forecasts.size() == page_size) {
      page.next_page_token =
          std::string(absl::StripPrefix(records[page_size - 1].first, prefix));
      break;
    }
    ASSIGN_OR_RETURN(page.forecasts.emplace_back(), Decode(key, bytes));
  }
  return page;
}

}  // namespace headway::pipeline
