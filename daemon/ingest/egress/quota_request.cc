#include "daemon/ingest/egress/quota_request.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/egress/hosts.h"

namespace headway::ingest {
namespace {

// Longer than any plugin runs.
constexpr int64_t kLongestWaitSeconds = 86400;

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, "; ask http://", kQuotaHost,
                   "/take?host=HOST&requests=1&longest_wait=60"));
}

absl::Status Apply(absl::string_view name, const std::string& value,
                   QuotaQuestion& question) {
  if (name == "host") {
    question.host = absl::AsciiStrToLower(value);
    return absl::OkStatus();
  }
  int64_t number = 0;
  const bool is_number = absl::SimpleAtoi(value, &number);
  if (name == "requests" && is_number) {
    question.requests = number;
    return absl::OkStatus();
  }
  if (name == "longest_wait" && is_number && number >= 0 &&
      number <= kLongestWaitSeconds) {
    question.longest_wait = absl::Seconds(number);
    return absl::OkStatus();
  }
  return Wrong(absl::StrCat("\"", name, "=", value, "\" is no part of it"));
}

}  // namespace

absl::StatusOr<QuotaQuestion> ParseQuotaQuestion(absl::string_view target) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(target, absl::MaxSplits('?', 1));
  if (parts.first != "/take") {
    return Wrong(absl::StrCat("there is no \"", parts.first, "\""));
  }
  QuotaQuestion question;
  for (const absl::string_view part :
       absl::StrSplit(parts.second, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    RETURN_IF_ERROR(Apply(field.first, PercentDecode(field.second), question));
  }
  if (question.host.empty()) return Wrong("no host is named");
  return question;
}

std::string FormatQuotaAnswer(const QuotaAnswer& answer) {
  std::string status = "200 OK";
  std::string body =
      absl::StrFormat("%.3f", absl::ToDoubleSeconds(answer.wait));
  std::string retry_after;
  if (!answer.is_granted) {
    status = "429 Too Many Requests";
    body = absl::StrCat(answer.why, "\n");
    retry_after = absl::StrCat(
        "Retry-After: ",
        absl::ToInt64Seconds(absl::Ceil(answer.wait, absl::Seconds(1))),
        "\r\n");
  }
  return absl::StrCat("HTTP/1.1 ", status, "\r\n", retry_after,
                      "Content-Type: text/plain\r\nConnection: close\r\n"
                      "Content-Length: ",
                      body.size(), "\r\n\r\n", body);
}

}  // namespace headway::ingest
