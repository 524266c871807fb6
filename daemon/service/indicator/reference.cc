#include "daemon/service/indicator/reference.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/status_macros.h"

namespace headway::service {
namespace {

constexpr absl::string_view kScheme = "headway:";
constexpr absl::string_view kIndicators = "indicators/";
constexpr absl::string_view kQuery = "query/";

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      "it is no reference that `headway cite` gave: ", what,
      "; copy the whole of it, from \"headway:\" to the last digit"));
}

using Members = std::map<std::string, std::string>;

absl::StatusOr<Members> ParseMembers(absl::string_view text) {
  Members members;
  for (absl::string_view part : absl::StrSplit(text, '&')) {
    const std::pair<std::string, std::string> member =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (!members.insert(member).second) {
      return Malformed(absl::StrCat(member.first, " is there twice"));
    }
  }
  return members;
}

// Takes the member out of those left.
absl::StatusOr<std::string> Take(absl::string_view name, Members* members) {
  const auto found = members->find(std::string(name));
  if (found == members->end() || found->second.empty()) {
    return Malformed(absl::StrCat("there is no ", name));
  }
  std::string value = std::move(found->second);
  members->erase(found);
  return value;
}

template <typename Number>
absl::Status TakeNumber(absl::string_view name, Members* members,
                        Number* number) {
  ASSIGN_OR_RETURN(const std::string text, Take(name, members));
  if (absl::SimpleAtoi(text, number) && *number > 0) return absl::OkStatus();
  return Malformed(absl::StrCat(name, " is not a number from 1"));
}

absl::Status TakeTime(absl::string_view name, Members* members,
                      absl::Time* time) {
  ASSIGN_OR_RETURN(const std::string text, Take(name, members));
  const absl::StatusOr<absl::Time> parsed = ParseInstant(text);
  if (!parsed.ok()) {
    return Malformed(absl::StrCat(name, ": ", parsed.status().message()));
  }
  *time = *parsed;
  return absl::OkStatus();
}

absl::Status ParseSubject(absl::string_view subject, Reference* reference) {
  if (absl::ConsumePrefix(&subject, kIndicators) && !subject.empty()) {
    reference->indicator = std::string(subject);
    return absl::OkStatus();
  }
  if (absl::ConsumePrefix(&subject, kQuery) &&
      absl::WebSafeBase64Unescape(subject, &reference->expression) &&
      !reference->expression.empty()) {
    return absl::OkStatus();
  }
  return Malformed("it names neither an indicator nor an expression");
}

}  // namespace

std::string FormatReference(const Reference& reference) {
  std::string text =
      reference.indicator.empty()
          ? absl::StrCat(kScheme, kQuery,
                         absl::WebSafeBase64Escape(reference.expression))
          : absl::StrCat(kScheme, kIndicators, reference.indicator);
  absl::StrAppend(&text, "?store=", reference.store);
  if (!reference.indicator.empty()) {
    absl::StrAppend(&text, "&version=", reference.version);
  }
  absl::StrAppend(&text, "&commit=", reference.commit,
                  "&recorded_at=", FormatInstant(reference.recorded_at),
                  "&as_of=", FormatInstant(reference.as_of),
                  "&digest=", reference.digest);
  return text;
}

absl::StatusOr<Reference> ParseReference(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kScheme)) {
    return Malformed("it does not begin with \"headway:\"");
  }
  const size_t mark = text.find('?');
  if (mark == absl::string_view::npos) return Malformed("there is no \"?\"");
  Reference reference;
  RETURN_IF_ERROR(ParseSubject(text.substr(0, mark), &reference));
  ASSIGN_OR_RETURN(Members members, ParseMembers(text.substr(mark + 1)));
  ASSIGN_OR_RETURN(reference.store, Take("store", &members));
  if (!reference.indicator.empty()) {
    RETURN_IF_ERROR(TakeNumber("version", &members, &reference.version));
  }
  RETURN_IF_ERROR(TakeNumber("commit", &members, &reference.commit));
  RETURN_IF_ERROR(TakeTime("recorded_at", &members, &reference.recorded_at));
  RETURN_IF_ERROR(TakeTime("as_of", &members, &reference.as_of));
  ASSIGN_OR_RETURN(reference.digest, Take("digest", &members));
  if (!members.empty()) {
    return Malformed(absl::StrCat("\"",
                                  absl::Utf8SafeCEscape(members.begin()->first),
                                  "\" is not known"));
  }
  return reference;
}

}  // namespace headway::service
