#include "daemon/ingest/egress/hosts.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace headway::ingest {
namespace {

bool IsHostCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
         c == '.' || c == '_' || c == ':';
}

bool Matches(const HostRule& rule, absl::string_view host, int port) {
  if (rule.port == 0 ? port != 443 && port != 80 : port != rule.port) {
    return false;
  }
  if (rule.host == host) return true;
  // "*.example.org" is every name below example.org.
  return absl::StartsWith(rule.host, "*.") &&
         absl::EndsWith(host, absl::string_view(rule.host).substr(1));
}

}  // namespace

absl::StatusOr<HostRule> ParseHostRule(absl::string_view text) {
  const auto wrong = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text,
                     "\" is not a host; write HOST or HOST:PORT, such as "
                     "api.example.org, *.example.org or [::1]:8080"));
  };
  HostRule rule;
  absl::string_view host = text;
  absl::string_view port;
  if (absl::ConsumePrefix(&host, "[")) {
    const size_t end = host.find(']');
    if (end == absl::string_view::npos) return wrong();
    port = host.substr(end + 1);
    host = host.substr(0, end);
    if (!port.empty() && !absl::ConsumePrefix(&port, ":")) return wrong();
    if (host.find(':') == absl::string_view::npos) return wrong();
  } else if (const size_t colon = host.rfind(':');
             colon != absl::string_view::npos) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
    if (port.empty() || host.find(':') != absl::string_view::npos) {
      return wrong();
    }
  }
  if (!port.empty() && (!absl::SimpleAtoi(port, &rule.port) || rule.port < 1 ||
                        rule.port > 65535)) {
    return wrong();
  }
  rule.host = absl::AsciiStrToLower(absl::StripSuffix(host, "."));
  const absl::string_view name = absl::StripPrefix(rule.host, "*.");
  if (name.empty() || !std::all_of(name.begin(), name.end(), IsHostCharacter)) {
    return wrong();
  }
  return rule;
}

std::optional<HostRule> HostOfUrl(absl::string_view url) {
  int port = 0;
  if (absl::StartsWithIgnoreCase(url, "https://")) {
    port = 443;
    url.remove_prefix(8);
  } else if (absl::StartsWithIgnoreCase(url, "http://")) {
    port = 80;
    url.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  url = url.substr(0, url.find_first_of("/?#"));
  if (const size_t at = url.rfind('@'); at != absl::string_view::npos) {
    url.remove_prefix(at + 1);
  }
  absl::StatusOr<HostRule> rule = ParseHostRule(url);
  if (!rule.ok() || absl::StartsWith(rule->host, "*")) return std::nullopt;
  if (rule->port == 0) rule->port = port;
  return *rule;
}

std::string PercentDecode(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]))) {
      out += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<std::string> PathOfUrl(absl::string_view url) {
  if (absl::StartsWith(url, "/")) return std::string(url);
  if (!absl::ConsumePrefix(&url, "file://") || !absl::StartsWith(url, "/")) {
    return std::nullopt;
  }
  return PercentDecode(url);
}

const HostRule* FindRule(const std::vector<HostRule>& rules,
                         absl::string_view host, int port) {
  const HostRule* found = nullptr;
  for (const HostRule& rule : rules) {
    if (!Matches(rule, host, port)) continue;
    if (found == nullptr || rule.may_be_private) found = &rule;
  }
  return found;
}

}  // namespace headway::ingest
