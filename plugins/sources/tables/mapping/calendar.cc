#include "plugins/sources/tables/mapping/calendar.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace headway::mapping {
namespace {

constexpr int kFirstRocYear = 1912;

// Takes up to `most` digits from the front; -1 if there is none.
int TakeNumber(absl::string_view* text, size_t most) {
  size_t length = 0;
  while (length < text->size() && length < most &&
         absl::ascii_isdigit(static_cast<unsigned char>((*text)[length]))) {
    ++length;
  }
  int number = -1;
  if (!absl::SimpleAtoi(text->substr(0, length), &number)) return -1;
  text->remove_prefix(length);
  return number;
}

// One of the marks that stand after a part of a date, or nothing.
void TakeMark(absl::string_view* text) {
  for (absl::string_view mark : {"年", "月", "日", "/", ".", "-"}) {
    if (absl::ConsumePrefix(text, mark)) return;
  }
}

}  // namespace

std::string FromRocYears(absl::string_view text) {
  absl::string_view rest = text;
  const int year = TakeNumber(&rest, 3);
  if (year < 1) return std::string(text);
  TakeMark(&rest);
  std::string iso = absl::StrFormat("%04d", year + kFirstRocYear - 1);
  for (int part = 0; part < 2 && !rest.empty(); ++part) {
    const int number = TakeNumber(&rest, 2);
    if (number < 0) return std::string(text);
    TakeMark(&rest);
    absl::StrAppendFormat(&iso, "-%02d", number);
  }
  return rest.empty() ? iso : std::string(text);
}

}  // namespace headway::mapping
