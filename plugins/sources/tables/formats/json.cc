#include "plugins/sources/tables/formats/json.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/tables/bytes.h"

namespace headway::formats {
namespace {

constexpr int kMostLevels = 100;

// Nobody nests data so deeply; what walks the value may recurse.
absl::Status CheckNesting(absl::string_view text) {
  int level = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++level > kMostLevels) {
        return absl::InvalidArgumentError(absl::StrCat(
            "byte ", i + 1, " of the JSON is nested more deeply than ",
            kMostLevels, " levels, the limit"));
      }
    } else if (c == '}' || c == ']') {
      --level;
    }
  }
  return absl::OkStatus();
}

std::string Shown(absl::string_view text) {
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\"");
}

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text) {
  constexpr size_t kShown = 80;
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  if (absl::StripAsciiWhitespace(text).empty()) {
    return absl::InvalidArgumentError("the answer is empty");
  }
  // A web page is named by its title.
  if (absl::StripLeadingAsciiWhitespace(text)[0] == '<') {
    RETURN_IF_ERROR(tables::CheckIsTable(text));
  }
  RETURN_IF_ERROR(CheckNesting(text));
  Json value = Json::parse(text.begin(), text.end(), /*cb=*/nullptr,
                           /*allow_exceptions=*/false);
  if (!value.is_discarded()) return value;
  return absl::InvalidArgumentError(
      absl::StrCat("the answer is no JSON, or cut short after ", text.size(),
                   " bytes; it begins with ", Shown(text.substr(0, kShown)),
                   text.size() > kShown
                       ? absl::StrCat(" and ends with ",
                                      Shown(text.substr(text.size() - kShown)))
                       : ""));
}

std::string CellText(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>();
  if (value.is_null() || !IsScalar(value)) return "";
  return value.dump();
}

std::string ShortText(const Json& value, size_t most) {
  std::string text =
      value.is_string()
          ? value.get_ref<const std::string&>()
          : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= most) return text;
  while (most > 0 && (text[most] & 0xC0) == 0x80) --most;
  return absl::StrCat(text.substr(0, most), "…");
}

const Json* Member(const Json& value, absl::string_view name) {
  if (!value.is_object()) return nullptr;
  const auto it = value.find(std::string(name));
  return it == value.end() ? nullptr : &*it;
}

std::string MemberText(const Json& value, absl::string_view name) {
  const Json* member = Member(value, name);
  return member == nullptr ? "" : CellText(*member);
}

}  // namespace headway::formats
