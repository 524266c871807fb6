#include "plugins/sources/tables/http/address.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "plugins/sdk/cpp/errors.h"
#include "plugins/sdk/cpp/http.h"

namespace headway::http {

absl::string_view OriginOf(absl::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == absl::string_view::npos) return "";
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

absl::StatusOr<std::string> NextAddress(absl::string_view base,
                                        absl::string_view reference) {
  const absl::string_view origin = OriginOf(base);
  if (absl::StrContains(reference, "://")) {
    if (OriginOf(reference) == origin) return std::string(reference);
    return sdk::ConfigError(absl::StrCat(
        base, ": the next page is said to be at ", OriginOf(reference),
        ", another server than ", origin,
        "; it is not followed, for the secrets of this source would go there"));
  }
  if (absl::StartsWith(reference, "/") && !absl::StartsWith(reference, "//")) {
    return absl::StrCat(origin, reference);
  }
  if (absl::StartsWith(reference, "?")) {
    return absl::StrCat(base.substr(0, base.find_first_of("?#")), reference);
  }
  return sdk::ConfigError(
      absl::StrCat(base, ": the address of the next page, \"",
                   reference.substr(0, 80), "\", is no address"));
}

std::string NextOfLink(absl::string_view header) {
  // A comma may stand within the address, which is between < and >.
  while (true) {
    const size_t begin = header.find('<');
    const size_t end = header.find('>', begin);
    if (end == absl::string_view::npos) return "";
    const absl::string_view address = header.substr(begin + 1, end - begin - 1);
    header.remove_prefix(end + 1);
    const size_t next = std::min(header.find('<'), header.size());
    for (absl::string_view parameter :
         absl::StrSplit(header.substr(0, next), absl::ByAnyChar(";,"))) {
      parameter = absl::StripAsciiWhitespace(parameter);
      if (!absl::ConsumePrefix(&parameter, "rel=")) continue;
      absl::ConsumePrefix(&parameter, "\"");
      absl::ConsumeSuffix(&parameter, "\"");
      const std::vector<absl::string_view> relations =
          absl::StrSplit(parameter, ' ');
      if (absl::c_linear_search(relations, "next")) return std::string(address);
    }
  }
}

std::string WithoutParameters(absl::string_view url,
                              const std::vector<std::string>& names) {
  const size_t question = url.find('?');
  if (question == absl::string_view::npos) return std::string(url);
  std::vector<absl::string_view> kept;
  for (absl::string_view parameter :
       absl::StrSplit(url.substr(question + 1), '&', absl::SkipEmpty())) {
    const absl::string_view name = parameter.substr(0, parameter.find('='));
    const bool goes = absl::c_any_of(names, [&](const std::string& other) {
      return name == other || name == sdk::PercentEncode(other);
    });
    if (!goes) kept.push_back(parameter);
  }
  return absl::StrCat(url.substr(0, question), kept.empty() ? "" : "?",
                      absl::StrJoin(kept, "&"));
}

std::string WithParameter(absl::string_view url, absl::string_view name,
                          absl::string_view value) {
  return sdk::UrlWithQuery(WithoutParameters(url, {std::string(name)}),
                           {{std::string(name), std::string(value)}});
}

}  // namespace headway::http
