#include "plugins/sdk/cpp/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/errors.h"

namespace headway::sdk {
namespace {

using CurlUrl = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

// "" if there is no such part.
std::string PartOf(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return "";
  std::string copy(text);
  curl_free(text);
  return copy;
}

absl::StatusOr<CurlUrl> ParseUrl(absl::string_view text) {
  CurlUrl url(curl_url(), &curl_url_cleanup);
  const CURLUcode code =
      curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(),
                   CURLU_NON_SUPPORT_SCHEME);
  if (code == CURLUE_OK) return url;
  return ConfigError(
      absl::StrCat(text, ": not an address: ", curl_url_strerror(code)));
}

bool IsName(const HttpParameters& names, absl::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const auto& each) { return each.first == name; });
}

}  // namespace

absl::StatusOr<Authority> AuthorityOf(absl::string_view url) {
  ASSIGN_OR_RETURN(const CurlUrl parsed, ParseUrl(url));
  Authority authority;
  authority.scheme = PartOf(parsed.get(), CURLUPART_SCHEME);
  if (authority.scheme != "http" && authority.scheme != "https") {
    return ConfigError(
        absl::StrCat(url,
                     ": not an address that can be read; write https://…, "
                     "http://… or file:///absolute/path"));
  }
  const std::string host =
      absl::AsciiStrToLower(PartOf(parsed.get(), CURLUPART_HOST));
  authority.host = std::string(absl::StripSuffix(
      absl::StripSuffix(absl::StripPrefix(host, "["), "]"), "."));
  if (!absl::SimpleAtoi(
          PartOf(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT),
          &authority.port)) {
    return ConfigError(absl::StrCat(url, ": not an address: no port"));
  }
  return authority;
}

absl::StatusOr<std::string> ResolveUrl(absl::string_view base,
                                       absl::string_view reference) {
  ASSIGN_OR_RETURN(const CurlUrl url, ParseUrl(base));
  // What is set is taken relatively to what stands there.
  const CURLUcode code =
      curl_url_set(url.get(), CURLUPART_URL, std::string(reference).c_str(),
                   CURLU_NON_SUPPORT_SCHEME);
  if (code != CURLUE_OK) {
    return SystemError(absl::StrCat(
        base, ": it leads to no address: ", curl_url_strerror(code)));
  }
  return PartOf(url.get(), CURLUPART_URL);
}

bool IsSameHost(const Authority& from, const Authority& to) {
  return from.host == to.host &&
         (from.port == to.port || (from.port == 80 && to.port == 443));
}

bool HostFits(absl::string_view rule, const Authority& authority) {
  int port = 0;
  const size_t colon = rule.rfind(':');
  // A colon within brackets is one of an address of IPv6.
  if (colon != absl::string_view::npos &&
      rule.find(']', colon) == absl::string_view::npos) {
    if (!absl::SimpleAtoi(rule.substr(colon + 1), &port)) return false;
    rule = rule.substr(0, colon);
  }
  const std::string name = absl::AsciiStrToLower(
      absl::StripSuffix(absl::StripPrefix(rule, "["), "]"));
  if (port == 0 ? authority.port != 443 && authority.port != 80
                : authority.port != port) {
    return false;
  }
  return name == authority.host ||
         (absl::StartsWith(name, "*.") &&
          absl::EndsWith(authority.host, absl::string_view(name).substr(1)));
}

std::string UrlWithQuery(absl::string_view base,
                         const HttpParameters& parameters) {
  std::string url(base);
  for (const auto& [name, value] : parameters) {
    absl::StrAppend(&url, absl::StrContains(url, '?') ? "&" : "?",
                    PercentEncode(name), "=", PercentEncode(value));
  }
  return url;
}

std::string UrlWithout(absl::string_view url, const HttpParameters& names) {
  const size_t fragment = std::min(url.find('#'), url.size());
  const size_t question = url.substr(0, fragment).find('?');
  if (names.empty() || question == absl::string_view::npos) {
    return std::string(url);
  }
  std::vector<absl::string_view> kept;
  for (const absl::string_view part :
       absl::StrSplit(url.substr(question + 1, fragment - question - 1), '&',
                      absl::SkipEmpty())) {
    const std::string name = PercentDecode(part.substr(0, part.find('=')));
    if (!IsName(names, name)) kept.push_back(part);
  }
  return absl::StrCat(url.substr(0, question), kept.empty() ? "" : "?",
                      absl::StrJoin(kept, "&"), url.substr(fragment));
}

std::string PercentEncode(absl::string_view text) {
  std::string encoded;
  for (unsigned char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' ||
        c == '~' || c == ',') {
      encoded.push_back(static_cast<char>(c));
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", c);
    }
  }
  return encoded;
}

std::string PercentDecode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::ascii_isxdigit(text[i + 1]) &&
        absl::ascii_isxdigit(text[i + 2]) &&
        std::sscanf(std::string(text.substr(i + 1, 2)).c_str(), "%2x", &byte) ==
            1) {
      decoded.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  return decoded;
}

}  // namespace headway::sdk
