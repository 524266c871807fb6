#include "daemon/web/http/target.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/utf8.h"

namespace headway::web {
namespace {

constexpr absl::string_view kScheme = "http://";

// `place` says where the text stands: "the path".
absl::Status CannotDecode(absl::string_view place, absl::string_view text,
                          absl::string_view fault) {
  return absl::InvalidArgumentError(
      absl::StrCat(place, ": \"", absl::CHexEscape(text), "\" ", fault));
}

absl::StatusOr<std::string> Decode(absl::string_view text, bool plus_is_space,
                                   absl::string_view place) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else if (i + 2 < text.size() && absl::ascii_isxdigit(text[i + 1]) &&
               absl::ascii_isxdigit(text[i + 2])) {
      decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      return CannotDecode(place, text,
                          "has a % that two hexadecimal digits do not follow; "
                          "write %25 for a percent sign");
    }
  }
  if (!IsUtf8(decoded)) {
    return CannotDecode(place, text,
                        "is not UTF-8; encode text as UTF-8, then each byte "
                        "as %XX");
  }
  if (absl::StrContains(decoded, '\0')) {
    return CannotDecode(place, text, "has a NUL, which no text may have");
  }
  return decoded;
}

}  // namespace

absl::StatusOr<TargetParts> SplitTarget(absl::string_view target) {
  TargetParts parts;
  absl::string_view rest = target;
  if (absl::StartsWithIgnoreCase(target, kScheme)) {
    rest.remove_prefix(kScheme.size());
    const size_t end = std::min(rest.find_first_of("/?#"), rest.size());
    parts.authority = rest.substr(0, end);
    rest.remove_prefix(end);
  }
  const bool is_whole_url = rest.size() < target.size();
  if (is_whole_url ? parts.authority.empty() : !absl::StartsWith(rest, "/")) {
    return CannotDecode("the target", target,
                        "is no path; ask for one such as /v1/indicators");
  }
  if (absl::StrContains(rest, '#')) {
    return CannotDecode("the target", target,
                        "has a fragment, which browsers keep to themselves; "
                        "write %23 for #");
  }
  const size_t question = std::min(rest.find('?'), rest.size());
  parts.path = rest.substr(0, question);
  if (parts.path.empty()) parts.path = "/";
  if (question < rest.size()) parts.query = rest.substr(question + 1);
  return parts;
}

absl::StatusOr<std::string> DecodePath(absl::string_view path) {
  return Decode(path, /*plus_is_space=*/false, "the path");
}

absl::StatusOr<std::multimap<std::string, std::string>> DecodeQuery(
    absl::string_view query) {
  std::multimap<std::string, std::string> parameters;
  for (absl::string_view pair : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const size_t equals = std::min(pair.find('='), pair.size());
    ASSIGN_OR_RETURN(std::string name,
                     Decode(pair.substr(0, equals), /*plus_is_space=*/true,
                            "the name of a parameter"));
    pair.remove_prefix(std::min(equals + 1, pair.size()));
    ASSIGN_OR_RETURN(
        std::string value,
        Decode(pair, /*plus_is_space=*/true,
               absl::StrCat("parameter ", absl::Utf8SafeCHexEscape(name))));
    parameters.emplace(std::move(name), std::move(value));
  }
  return parameters;
}

bool IsLoopbackAuthority(absl::string_view authority) {
  absl::string_view name = authority;
  // The colons of an IPv6 address stand within brackets.
  const size_t colon = authority.rfind(':');
  if (colon != absl::string_view::npos && !absl::EndsWith(authority, "]")) {
    const absl::string_view port = authority.substr(colon + 1);
    if (!std::all_of(port.begin(), port.end(), absl::ascii_isdigit)) {
      return false;
    }
    name = authority.substr(0, colon);
  }
  return absl::EqualsIgnoreCase(name, "localhost") || name == "127.0.0.1" ||
         name == "[::1]";
}

}  // namespace headway::web
