#include "daemon/service/calls/names.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"

namespace headway::service {
namespace {

using messages::FieldError;

bool IsSegment(absl::string_view text) {
  constexpr size_t kLongest = 128;
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
         });
}

absl::Status WrongForm(absl::string_view field, absl::string_view name,
                       absl::string_view form) {
  return FieldError(field,
                    absl::StrCat("\"", name, "\" is not of the form ", form));
}

}  // namespace

absl::StatusOr<std::string> ParseName(absl::string_view field,
                                      absl::string_view collection,
                                      absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  if (parts.size() != 2 || parts[0] != collection || !IsSegment(parts[1])) {
    return WrongForm(field, name, absl::StrCat(collection, "/NAME"));
  }
  return std::string(parts[1]);
}

absl::StatusOr<RunName> ParseRunName(absl::string_view field,
                                     absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  if (parts.size() != 4 || parts[0] != "pipelines" || !IsSegment(parts[1]) ||
      parts[2] != "runs" || !IsSegment(parts[3])) {
    return WrongForm(field, name, "pipelines/NAME/runs/ID");
  }
  return RunName{std::string(parts[1]), std::string(parts[3])};
}

absl::StatusOr<store::SeriesId> ParseSeriesName(absl::string_view field,
                                                absl::string_view name) {
  store::SeriesId id = 0;
  absl::StatusOr<std::string> digits = ParseName(field, "series", name);
  if (!digits.ok() || !absl::SimpleAtoi(*digits, &id) ||
      FormatSeriesName(id) != name) {
    return WrongForm(field, name, "series/ID, with a number for ID");
  }
  return id;
}

std::string FormatSeriesName(store::SeriesId id) {
  return absl::StrCat("series/", id);
}

}  // namespace headway::service
