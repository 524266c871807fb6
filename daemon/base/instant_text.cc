#include "daemon/base/instant_text.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace headway {
namespace {

constexpr size_t kLongestQuote = 80;
// The seconds at which the years 1 and 10,000 begin.
constexpr int64_t kFirstSecond = -62135596800;
constexpr int64_t kEndSecond = 253402300800;

bool BeginsWithDigit(absl::string_view text) {
  return !text.empty() && absl::ascii_isdigit(text.front());
}

absl::Status Refuse(absl::string_view text, absl::string_view wanted) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", absl::Utf8SafeCEscape(text.substr(0, kLongestQuote)),
                   "\" is ", wanted));
}

// ParseTime takes "infinite-past", blanks around an instant, and years beyond
// those that RFC 3339 has.
bool ReadInstant(absl::string_view text, absl::Time* instant) {
  return BeginsWithDigit(text) && absl::ascii_isalnum(text.back()) &&
         absl::ParseTime(absl::RFC3339_full, text, instant, nullptr) &&
         *instant >= absl::FromUnixSeconds(kFirstSecond) &&
         *instant < absl::FromUnixSeconds(kEndSecond);
}

// Exactly ten characters: ParseTime alone takes signs and blanks.
bool ReadDate(absl::string_view text, absl::Time* end) {
  if (text.size() != 10 || !BeginsWithDigit(text) ||
      !absl::ParseTime("%Y-%m-%d", text, absl::UTCTimeZone(), end, nullptr)) {
    return false;
  }
  *end += absl::Hours(24) - absl::Microseconds(1);
  return true;
}

}  // namespace

std::string FormatInstant(absl::Time instant) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", instant,
                          absl::UTCTimeZone());
}

std::string FormatMinute(absl::Time instant) {
  return absl::FormatTime("%E4Y-%m-%d %H:%M UTC", instant, absl::UTCTimeZone());
}

absl::StatusOr<absl::Time> ParseInstant(absl::string_view text) {
  absl::Time instant;
  if (ReadInstant(text, &instant)) return instant;
  return Refuse(text, "not an instant; write it as 2024-03-05T12:30:00Z");
}

absl::StatusOr<absl::Time> ParseDateOrInstant(absl::string_view text) {
  absl::Time instant;
  if (ReadDate(text, &instant) || ReadInstant(text, &instant)) return instant;
  return Refuse(text,
                "neither a date such as 2024-03-05 nor an instant such as "
                "2024-03-05T12:30:00Z");
}

}  // namespace headway
