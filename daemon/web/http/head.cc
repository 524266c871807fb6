#include "daemon/web/http/head.h"

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "daemon/web/http/target.h"

namespace headway::web {
namespace {

Reply Refuse(int status, absl::string_view why,
             std::vector<HttpField> fields = {}) {
  return {status, kPlainText, absl::StrCat(why, "\n"), std::move(fields)};
}

// The values of the fields of that name.
std::vector<absl::string_view> ValuesOf(const RequestHead& head,
                                        absl::string_view name) {
  std::vector<absl::string_view> values;
  for (const HttpField& field : head.fields) {
    if (field.first == name) values.push_back(field.second);
  }
  return values;
}

std::optional<Reply> RefuseBody(const RequestHead& head) {
  if (!ValuesOf(head, "transfer-encoding").empty()) {
    return Refuse(400, "a request has no body here; send no Transfer-Encoding");
  }
  for (absl::string_view value : ValuesOf(head, "content-length")) {
    uint64_t length = 0;
    if (!absl::SimpleAtoi(value, &length)) {
      return Refuse(400, "the Content-Length is not a number");
    }
    if (length > 0) {
      return Refuse(413, "a request has no body here; send no Content-Length");
    }
  }
  return std::nullopt;
}

Reply RefuseHost() {
  return Refuse(403,
                "only requests to localhost, 127.0.0.1 or [::1] are answered");
}

}  // namespace

std::variant<HttpRequest, Reply> ReadHead(const RequestHead& head) {
  if (head.method != "GET" && head.method != "HEAD") {
    return Refuse(405, "only GET and HEAD are answered here; write over gRPC",
                  {{"Allow", "GET, HEAD"}});
  }
  const std::vector<absl::string_view> hosts = ValuesOf(head, "host");
  if (hosts.size() != 1) {
    return Refuse(400, absl::StrCat("the request has ", hosts.size(),
                                    " Host fields; send one"));
  }
  if (!IsLoopbackAuthority(hosts[0])) return RefuseHost();
  if (auto refusal = RefuseBody(head)) return *std::move(refusal);
  const absl::StatusOr<TargetParts> target = SplitTarget(head.target);
  if (!target.ok()) return Refuse(400, target.status().message());
  if (!target->authority.empty() && !IsLoopbackAuthority(target->authority)) {
    return RefuseHost();
  }
  const bool is_passed_on = !ValuesOf(head, "x-forwarded-for").empty() ||
                            !ValuesOf(head, "forwarded").empty();
  return HttpRequest{.path = std::string(target->path),
                     .query = std::string(target->query),
                     .from_outside = is_passed_on};
}

}  // namespace headway::web
