#include "plugins/sources/trade/census/answer.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/json.h"

namespace headway::census {
namespace {

using nlohmann::json;
using sdk::ConfigError;
using sdk::SystemError;

absl::Status KeyRefused(absl::string_view url, absl::string_view location,
                        bool has_key) {
  return ConfigError(absl::StrCat(
      url, ": the API answers with a web page instead of data",
      location.empty() ? "" : absl::StrCat(", at ", sdk::Beginning(location)),
      ", which means ",
      has_key ? absl::StrCat("that it does not accept the key in ", kApiKey,
                             "; check it for typing errors, and that it was "
                             "activated from the e-mail it came in")
              : absl::StrCat("that it wants a key; request one at "
                             "https://api.census.gov/data/key_signup.html and "
                             "set ",
                             kApiKey)));
}

bool IsHtml(const sdk::HttpResponse& response) {
  return absl::StrContains(response.Header("content-type"), "text/html") ||
         absl::StartsWith(absl::StripLeadingAsciiWhitespace(response.body),
                          "<");
}

// The places of the columns that are needed.
struct Columns {
  size_t value = 0;
  size_t time = 0;
  size_t commodity = 0;
  size_t country = 0;
};

class AnswerReader {
 public:
  AnswerReader(const Stream& stream, absl::string_view url)
      : stream_(stream), url_(url) {}

  absl::StatusOr<std::vector<sdk::Observation>> Read(const json& answer) {
    if (!answer.is_array() || answer.empty() || !IsRow(answer[0])) {
      return Unexpected("is not an array of rows with a header", answer);
    }
    RETURN_IF_ERROR(ReadHeader(answer[0]));
    std::vector<sdk::Observation> observations;
    for (size_t i = 1; i < answer.size(); ++i) {
      if (!IsRow(answer[i]) || answer[i].size() != answer[0].size()) {
        return Unexpected(
            absl::StrCat("has in row ", i,
                         " something else than strings, as many as columns"),
            answer[i]);
      }
      RETURN_IF_ERROR(ReadRow(answer[i], &observations));
    }
    std::sort(observations.begin(), observations.end(),
              [](const auto& a, const auto& b) {
                return a.period.ordinal < b.period.ordinal;
              });
    return observations;
  }

 private:
  static bool IsRow(const json& row) {
    return row.is_array() &&
           std::all_of(row.begin(), row.end(), [](const json& cell) {
             return cell.is_string() || cell.is_null();
           });
  }

  static std::string Cell(const json& row, size_t column) {
    return row[column].is_null() ? "" : row[column].get<std::string>();
  }

  absl::Status ReadHeader(const json& header) {
    RETURN_IF_ERROR(Find(header, stream_.value_column(), &columns_.value));
    RETURN_IF_ERROR(Find(header, "time", &columns_.time));
    RETURN_IF_ERROR(
        Find(header, stream_.commodity_column(), &columns_.commodity));
    return Find(header, "CTY_CODE", &columns_.country);
  }

  absl::Status Find(const json& header, absl::string_view name,
                    size_t* column) {
    for (size_t i = 0; i < header.size(); ++i) {
      if (Cell(header, i) == name) {
        *column = i;
        return absl::OkStatus();
      }
    }
    return Unexpected(absl::StrCat("has no column ", name), header);
  }

  absl::Status ReadRow(const json& row,
                       std::vector<sdk::Observation>* observations) {
    if (Cell(row, columns_.commodity) != stream_.hs ||
        Cell(row, columns_.country) != stream_.country_code) {
      return Unexpected(
          absl::StrCat("has a row of another series than HS ", stream_.hs,
                       " with country ", stream_.country_code),
          row);
    }
    auto period =
        sdk::ParsePeriod(Cell(row, columns_.time), sdk::Frequency::kMonthly);
    if (!period.ok()) return Unexpected("has a row without a month", row);
    if (row[columns_.value].is_null()) return absl::OkStatus();
    double value = 0;
    if (!absl::SimpleAtod(Cell(row, columns_.value), &value) ||
        !std::isfinite(value) || value < 0) {
      return Unexpected("has a row whose value is not a sum of money", row);
    }
    observations->push_back({*period, value});
    return absl::OkStatus();
  }

  absl::Status Unexpected(absl::string_view what, const json& part) const {
    return SystemError(
        absl::StrCat(url_, ": the answer ", what, ": ",
                     sdk::Beginning(part.dump(
                         -1, ' ', false, json::error_handler_t::replace))));
  }

  const Stream& stream_;
  const absl::string_view url_;
  Columns columns_;
};

}  // namespace

std::string RequestUrl(absl::string_view base_url, const Stream& stream,
                       absl::CivilMonth from) {
  return absl::StrCat(absl::StripSuffix(base_url, "/"), "/", stream.flow_name(),
                      "s/hs?get=", stream.value_column(), "&COMM_LVL=HS",
                      stream.hs.size(), "&", stream.commodity_column(), "=",
                      stream.hs, "&CTY_CODE=", stream.country_code,
                      "&time=from+",
                      absl::StrFormat("%04d-%02d", from.year(), from.month()));
}

std::vector<int> UnderstoodStatuses() { return {204, 301, 302, 303, 307, 400}; }

absl::StatusOr<std::vector<sdk::Observation>> ParseAnswer(
    const sdk::HttpResponse& response, const Stream& stream,
    absl::string_view url, bool has_key) {
  if (response.status == 204) return std::vector<sdk::Observation>();
  if (response.status == 400) {
    return ConfigError(absl::StrCat(
        url, ": the API refuses the request: ", sdk::Beginning(response.body)));
  }
  if (response.status != 200 || IsHtml(response)) {
    return KeyRefused(url, response.Header("location"), has_key);
  }
  ASSIGN_OR_RETURN(json answer, sdk::ParseJson(response.body, url));
  return AnswerReader(stream, url).Read(answer);
}

}  // namespace headway::census
