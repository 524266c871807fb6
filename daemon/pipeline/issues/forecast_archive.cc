#include "daemon/pipeline/issues/forecast_archive.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/timestamp.h"

namespace headway::pipeline {
namespace {

// Key: INDICATOR/TIME/PLACE, the time inverted so that the newest comes first;
// both as 16 hexadecimal digits. Forecasts that older versions issued have a
// hash of their labels as their place.
constexpr size_t kHexDigits = 16;
// Read from the store at once.
constexpr size_t kMostAtOnce = 256;

std::string InvertedTime(absl::Time time) {
  const uint64_t micros = absl::ToUnixMicros(time);
  // Unsigned order of signed numbers, then from the far end.
  return absl::StrCat(
      absl::Hex(~(micros ^ (uint64_t{1} << 63)), absl::kZeroPad16));
}

// Absent for a key of another form.
std::optional<absl::Time> TimeOf(absl::string_view key) {
  const size_t place = key.rfind('/');
  if (place == absl::string_view::npos || place < kHexDigits) {
    return std::nullopt;
  }
  uint64_t inverted = 0;
  if (!absl::SimpleHexAtoi(key.substr(place - kHexDigits, kHexDigits),
                           &inverted)) {
    return std::nullopt;
  }
  return absl::FromUnixMicros(
      static_cast<int64_t>(~inverted ^ (uint64_t{1} << 63)));
}

std::string LabelHash(const v1::Forecast& forecast) {
  // The map of the message has no order of its own.
  const std::map<std::string, std::string> labels(forecast.labels().begin(),
                                                  forecast.labels().end());
  StableHash hash;
  for (const auto& [name, value] : labels) hash.Add(name).Add(value);
  return absl::StrCat(absl::Hex(hash.value(), absl::kZeroPad16));
}

// Empty for the first page; TIME/PLACE of the last forecast of the page before.
absl::Status CheckPageToken(absl::string_view token) {
  const bool is_key =
      token.size() == 2 * kHexDigits + 1 && token[kHexDigits] == '/' &&
      std::all_of(token.begin(), token.end(),
                  [](char c) { return c == '/' || absl::ascii_isxdigit(c); });
  if (token.empty() || is_key) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("page token \"", token,
                   "\" is not one that a listing of forecasts gave"));
}

// Sorts just before the forecasts issued at `time`, and behind newer ones.
std::string JustBefore(const std::string& prefix, absl::Time time) {
  if (time == absl::InfiniteFuture()) return "";
  return absl::StrCat(prefix, InvertedTime(time));
}

// What the keys of one issue begin with.
std::string IssuePrefix(const std::string& key) {
  return key.substr(0, key.rfind('/') + 1);
}

// The forecasts whose keys begin with `prefix`, behind `after` unless that is
// empty.
absl::StatusOr<ForecastPage> ReadPage(const store::Reader& reader,
                                      absl::string_view indicator,
                                      const std::string& prefix,
                                      std::string after,
                                      const PageBounds& bounds) {
  ForecastPage page;
  size_t bytes_in_page = 0;
  while (true) {
    // One more than the page holds, to know whether there is another.
    const size_t missing = bounds.items - page.forecasts.size();
    const size_t limit = missing < kMostAtOnce ? missing + 1 : kMostAtOnce;
    ASSIGN_OR_RETURN(auto records,
                     reader.ScanRecords(store::RecordKind::kForecasts, prefix,
                                        after, limit));
    for (auto& [key, bytes] : records) {
      const bool is_full = page.forecasts.size() == bounds.items ||
                           bytes_in_page + bytes.size() > bounds.bytes;
      if (is_full && !page.forecasts.empty()) {
        page.next_page_token = after.substr(indicator.size() + 1);
        return page;
      }
      bytes_in_page += bytes.size();
      after = key;
      page.forecasts.push_back({std::move(key), std::move(bytes)});
    }
    if (records.size() < limit) return page;
  }
}

}  // namespace

store::Record ArchiveForecast(absl::string_view indicator, size_t place,
                              v1::Forecast& forecast) {
  const absl::Time time = messages::FromTimestamp(forecast.issue_time());
  forecast.set_name(absl::StrCat(
      "indicators/", indicator, "/forecasts/",
      absl::FormatTime("%E4Y%m%d-%H%M%E6S", time, absl::UTCTimeZone()), "-",
      LabelHash(forecast)));
  return {store::RecordKind::kForecasts,
          absl::StrCat(indicator, "/", InvertedTime(time), "/",
                       absl::Hex(place, absl::kZeroPad16)),
          forecast.SerializeAsString()};
}

absl::StatusOr<ForecastPage> LatestIssue(const store::Reader& reader,
                                         absl::string_view indicator,
                                         const IssueQuery& query) {
  RETURN_IF_ERROR(CheckPageToken(query.page_token));
  const std::string prefix = absl::StrCat(indicator, "/");
  if (!query.page_token.empty()) {
    const std::string after = absl::StrCat(prefix, query.page_token);
    ASSIGN_OR_RETURN(
        ForecastPage page,
        ReadPage(reader, indicator, IssuePrefix(after), after, query.bounds));
    // A token is given only where there is more.
    if (!page.forecasts.empty()) return page;
    return absl::AbortedError(
        absl::StrCat("the issue of ", indicator,
                     " that these pages are of was deleted meanwhile; begin "
                     "with the first page again"));
  }
  ASSIGN_OR_RETURN(const auto newest,
                   reader.ScanRecords(store::RecordKind::kForecasts, prefix,
                                      JustBefore(prefix, query.as_of), 1));
  if (newest.empty()) return ForecastPage();
  return ReadPage(reader, indicator, IssuePrefix(newest[0].first), "",
                  query.bounds);
}

absl::StatusOr<ForecastPage> ListIssues(const store::Reader& reader,
                                        absl::string_view indicator,
                                        const PageBounds& bounds,
                                        absl::string_view page_token) {
  RETURN_IF_ERROR(CheckPageToken(page_token));
  const std::string prefix = absl::StrCat(indicator, "/");
  const std::string after =
      page_token.empty() ? "" : absl::StrCat(prefix, page_token);
  return ReadPage(reader, indicator, prefix, after, bounds);
}

absl::StatusOr<std::optional<absl::Time>> IssueBefore(
    const store::Reader& reader, absl::string_view indicator,
    absl::Time before) {
  const std::string prefix = absl::StrCat(indicator, "/");
  // The instants of issues are whole microseconds.
  ASSIGN_OR_RETURN(const auto newest,
                   reader.ScanRecords(
                       store::RecordKind::kForecasts, prefix,
                       JustBefore(prefix, before - absl::Microseconds(1)), 1));
  if (newest.empty()) return std::nullopt;
  const std::optional<absl::Time> time = TimeOf(newest[0].first);
  if (time.has_value()) return time;
  return absl::DataLossError(
      absl::StrCat("the key ", newest[0].first,
                   " of a stored forecast is malformed; restore the store "
                   "from a backup"));
}

absl::StatusOr<std::vector<store::Record>> DeletionOf(
    const store::Reader& reader, absl::string_view indicator,
    absl::Time issue_time) {
  const std::string prefix =
      absl::StrCat(indicator, "/", InvertedTime(issue_time), "/");
  std::vector<store::Record> deletion;
  std::string after;
  while (true) {
    ASSIGN_OR_RETURN(const auto records,
                     reader.ScanRecords(store::RecordKind::kForecasts, prefix,
                                        after, kMostAtOnce));
    for (const auto& [key, bytes] : records) {
      deletion.push_back({store::RecordKind::kForecasts, key, std::nullopt});
    }
    if (records.size() < kMostAtOnce) return deletion;
    after = records.back().first;
  }
}

absl::StatusOr<std::vector<v1::Forecast>> ParseForecasts(
    const ForecastPage& page) {
  std::vector<v1::Forecast> forecasts;
  forecasts.reserve(page.forecasts.size());
  for (const StoredForecast& stored : page.forecasts) {
    if (!forecasts.emplace_back().ParseFromString(stored.bytes)) {
      return absl::DataLossError(
          absl::StrCat("the stored forecast ", stored.key,
                       " cannot be read; restore the store from a backup"));
    }
  }
  return forecasts;
}

}  // namespace headway::pipeline
