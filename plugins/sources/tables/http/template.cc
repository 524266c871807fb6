#include "plugins/sources/tables/http/template.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/errors.h"

namespace headway::http {
namespace {

constexpr absl::string_view kDefaultFormat = "%Y-%m-%d";
constexpr absl::string_view kKnownConversions = "YymdHMSjBbGVaAsqFT%";

bool IsTimeName(absl::string_view name) {
  return name == "now" || name == "from";
}

absl::Status CheckFormat(absl::string_view format) {
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    const absl::string_view conversion = format.substr(i, 2);
    if (conversion.size() < 2 ||
        kKnownConversions.find(conversion[1]) == absl::string_view::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("has \"", conversion,
                       "\" in its format, which is none of %Y, %y, %m, "
                       "%d, %H, %M, %S, %j, %q, %b, %B and their like"));
    }
    ++i;
  }
  return absl::OkStatus();
}

std::string FormatInstant(absl::Time time, absl::string_view format) {
  const int month = absl::ToCivilMonth(time, absl::UTCTimeZone()).month();
  const std::string with_quarter = absl::StrReplaceAll(
      format, {{"%%", "%%"}, {"%q", absl::StrCat((month + 2) / 3)}});
  return absl::FormatTime(with_quarter, time, absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<Template> Template::Compile(absl::string_view option,
                                           absl::string_view text) {
  Template result;
  std::string literal;
  const auto fail = [&](size_t at, absl::string_view problem) {
    return sdk::ConfigError(absl::StrCat("option ", option, " = \"", text,
                                         "\": column ", at + 1, " ", problem));
  };
  const auto end_literal = [&] {
    if (!literal.empty()) result.parts_.push_back({"", std::move(literal)});
    literal.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const bool doubled = i + 1 < text.size() && text[i + 1] == text[i];
    if ((text[i] == '{' || text[i] == '}') && doubled) {
      literal.push_back(text[i++]);
      continue;
    }
    if (text[i] == '}') return fail(i, "closes a brace that was not opened");
    if (text[i] != '{') {
      literal.push_back(text[i]);
      continue;
    }
    const size_t end = text.find('}', i);
    if (end == absl::string_view::npos) {
      return fail(i, "opens a brace that is not closed; write {{ for a brace");
    }
    absl::string_view name = text.substr(i + 1, end - i - 1);
    absl::string_view format;
    const size_t colon = name.find(':');
    if (colon != absl::string_view::npos) {
      format = name.substr(colon + 1);
      name = name.substr(0, colon);
    }
    if (name.empty()) return fail(i, "has a placeholder without a name");
    if (!format.empty() && !IsTimeName(name)) {
      return fail(i, "has a format, which only {now} and {from} have");
    }
    if (absl::Status known = CheckFormat(format); !known.ok()) {
      return fail(i, known.message());
    }
    end_literal();
    if (!result.Has(name)) result.names_.emplace_back(name);
    result.parts_.push_back(
        {std::string(name),
         std::string(format.empty() ? kDefaultFormat : format)});
    i = end;
  }
  end_literal();
  return result;
}

bool Template::Has(absl::string_view name) const {
  return absl::c_linear_search(names_, name);
}

std::string Template::Fill(const Filling& filling) const {
  std::string text;
  for (const Part& part : parts_) {
    if (part.name.empty()) {
      text += part.text;
    } else if (IsTimeName(part.name)) {
      text += FormatInstant(part.name == "now" ? filling.now : filling.from,
                            part.text);
    } else if (const auto value = filling.values.find(part.name);
               value != filling.values.end()) {
      text += value->second;
    }
  }
  return text;
}

}  // namespace headway::http
