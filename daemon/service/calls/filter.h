// Filters of listings: a small part of AIP-160.
//
//   filter = [ term { "AND" term } ]
//   term   = field ( "=" | ":" ) value
//   value  = word | '"' characters with \" \\ '"'
//
//   topic="chip sales" AND title:china
//
// "=" is equality, ":" is "contains". Which fields there are is for the caller
// to say. Pure functions.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_FILTER_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_FILTER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace headway::service {

struct FilterTerm {
  std::string field;
  char op = '=';
  std::string value;
  // Where the term begins, from 1.
  int column = 1;
};

// An error of the request's field "filter" names the column.
absl::StatusOr<std::vector<FilterTerm>> ParseFilter(absl::string_view text);

// The error of a term that a listing does not know: `allowed` are its forms,
// such as "topic=".
absl::Status UnknownTerm(const FilterTerm& term,
                         const std::vector<std::string>& allowed);
// An error about the value of a term.
absl::Status BadTermValue(const FilterTerm& term, absl::string_view why);

// Sets `field` to what the value of a term means. An error about the value if
// it means nothing, naming `known`, what it may be; or if the field is set
// already.
template <typename T>
absl::Status SetTerm(const FilterTerm& term, std::optional<T> value,
                     absl::string_view known, std::optional<T>* field) {
  if (!value.has_value()) {
    return BadTermValue(term,
                        absl::StrCat("\"", term.value, "\" is not ", known));
  }
  if (field->has_value()) return BadTermValue(term, "is given twice");
  *field = value;
  return absl::OkStatus();
}

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_FILTER_H_
