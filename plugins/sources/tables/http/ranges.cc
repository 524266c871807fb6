#include "plugins/sources/tables/http/ranges.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/errors.h"

namespace headway::http {
namespace {

constexpr size_t kMostValues = 1000;

absl::Status WrongList(absl::string_view name, absl::string_view problem) {
  return sdk::ConfigError(absl::StrCat("option each: ", name, " ", problem));
}

// "2024-03" or "202403".
std::optional<absl::CivilMonth> AsMonth(absl::string_view text) {
  const bool dashed = text.size() == 7 && text[4] == '-';
  int year = 0, month = 0;
  if ((!dashed && text.size() != 6) ||
      !absl::SimpleAtoi(text.substr(0, 4), &year) ||
      !absl::SimpleAtoi(text.substr(dashed ? 5 : 4), &month) || month < 1 ||
      month > 12) {
    return std::nullopt;
  }
  return absl::CivilMonth(year, month);
}

absl::Status AppendRange(absl::string_view name, absl::string_view first,
                         absl::string_view last,
                         std::vector<EachValue>* values) {
  const auto add = [&](std::string text) {
    values->push_back({text, text});
    return values->size() <= kMostValues;
  };
  const auto too_many = [&] {
    return WrongList(name, absl::StrCat("has more than ", kMostValues,
                                        " values, the limit"));
  };
  const auto from = AsMonth(first);
  const auto to = AsMonth(last);
  if (from && to && first.size() == last.size()) {
    if (*to < *from) return WrongList(name, "has a range that ends too early");
    const char* const dash = first.size() == 7 ? "-" : "";
    for (absl::CivilMonth month = *from; month <= *to; ++month) {
      if (!add(absl::StrFormat("%04d%s%02d", month.year(), dash,
                               month.month()))) {
        return too_many();
      }
    }
    return absl::OkStatus();
  }
  int64_t low = 0, high = 0;
  if (!absl::SimpleAtoi(first, &low) || !absl::SimpleAtoi(last, &high) ||
      first.size() == 6) {
    return WrongList(name, absl::StrCat("has the range ", first, "..", last,
                                        "; ranges are of whole numbers, as in "
                                        "2015..2024, or of months, as in "
                                        "2024-01..2024-12"));
  }
  if (high < low) return WrongList(name, "has a range that ends too early");
  for (int64_t number = low; number <= high; ++number) {
    if (!add(absl::StrCat(number))) return too_many();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<EachList>> ParseEach(absl::string_view option) {
  std::vector<EachList> lists;
  for (absl::string_view part : absl::StrSplit(option, ';')) {
    part = absl::StripAsciiWhitespace(part);
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    EachList list{.name = std::string(
                      absl::StripAsciiWhitespace(part.substr(0, equals)))};
    if (equals == absl::string_view::npos || list.name.empty()) {
      return WrongList(absl::StrCat("\"", part, "\""),
                       "is not of the form name=value,value");
    }
    if (list.name == "now" || list.name == "from") {
      return WrongList(list.name, "is the name of a time; choose another");
    }
    for (const EachList& other : lists) {
      if (other.name == list.name)
        return WrongList(list.name, "is there twice");
    }
    for (absl::string_view value :
         absl::StrSplit(part.substr(equals + 1), ',')) {
      value = absl::StripAsciiWhitespace(value);
      if (value.empty()) continue;
      ASSIGN_OR_RETURN(Template item, Template::Compile("each", value));
      for (const std::string& name : item.names()) {
        if (name != "now") {
          return WrongList(list.name, absl::StrCat("holds {", name,
                                                   "}; only {now} may be in "
                                                   "its values"));
        }
      }
      list.items.push_back(std::move(item));
    }
    if (list.items.empty()) return WrongList(list.name, "has no value");
    lists.push_back(std::move(list));
  }
  return lists;
}

absl::StatusOr<std::vector<EachValue>> ExpandList(const EachList& list,
                                                  const Filling& filling) {
  std::vector<EachValue> values;
  for (const Template& item : list.items) {
    const std::string text = item.Fill(filling);
    const size_t dots = text.find("..");
    const size_t colon = text.find(':');
    if (dots != std::string::npos) {
      RETURN_IF_ERROR(AppendRange(list.name, text.substr(0, dots),
                                  text.substr(dots + 2), &values));
    } else if (colon != std::string::npos) {
      values.push_back({text.substr(0, colon), text.substr(colon + 1)});
    } else {
      values.push_back({text, text});
    }
  }
  return values;
}

}  // namespace headway::http
