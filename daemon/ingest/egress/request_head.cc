#include "daemon/ingest/egress/request_head.h"

#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/egress/hosts.h"

namespace headway::ingest {
namespace {

// Of the connection to the proxy, and not for the server.
bool IsOfThisHop(absl::string_view line) {
  for (absl::string_view name :
       {"connection:", "proxy-connection:", "proxy-authorization:",
        "keep-alive:", "te:", "upgrade:"}) {
    if (absl::StartsWithIgnoreCase(line, name)) return true;
  }
  return false;
}

absl::string_view PathOf(absl::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  const size_t path = url.find_first_of("/?");
  return path == absl::string_view::npos ? absl::string_view("/")
                                         : url.substr(path);
}

}  // namespace

absl::StatusOr<RequestHead> ParseRequestHead(absl::string_view head) {
  const std::vector<absl::string_view> lines = absl::StrSplit(head, "\r\n");
  const std::vector<absl::string_view> words = absl::StrSplit(lines[0], ' ');
  if (words.size() != 3 || !absl::StartsWith(words[2], "HTTP/1.")) {
    return absl::InvalidArgumentError("this is no request of HTTP/1.1");
  }
  RequestHead request;
  if (words[0] == "CONNECT") {
    ASSIGN_OR_RETURN(const HostRule rule, ParseHostRule(words[1]));
    if (rule.port == 0) {
      return absl::InvalidArgumentError("CONNECT needs HOST:PORT");
    }
    request.is_tunnel = true;
    request.host = rule.host;
    request.port = rule.port;
    return request;
  }
  const std::optional<HostRule> rule = HostOfUrl(words[1]);
  if (!rule.has_value() || !absl::StartsWithIgnoreCase(words[1], "http://")) {
    return absl::InvalidArgumentError(
        "a proxy is asked with CONNECT HOST:PORT or with http://HOST/PATH");
  }
  request.host = rule->host;
  request.port = rule->port;
  const absl::string_view path = PathOf(words[1]);
  request.target = absl::StrCat(absl::StartsWith(path, "/") ? "" : "/", path);
  request.forwarded =
      absl::StrCat(words[0], " ", request.target, " ", words[2], "\r\n");
  for (size_t i = 1; i < lines.size() && !lines[i].empty(); ++i) {
    if (!IsOfThisHop(lines[i])) {
      absl::StrAppend(&request.forwarded, lines[i], "\r\n");
    }
  }
  absl::StrAppend(&request.forwarded, "Connection: close\r\n\r\n");
  return request;
}

}  // namespace headway::ingest
