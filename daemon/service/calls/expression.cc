#include "daemon/service/calls/expression.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "daemon/messages/errors.h"

namespace headway::service {

absl::Status CheckExpression(absl::string_view field,
                             absl::string_view expression) {
  // Much more than anybody writes, far less than what would hurt to parse.
  constexpr size_t kLongest = 10000;
  if (expression.size() <= kLongest) return absl::OkStatus();
  return messages::FieldError(
      field, absl::StrCat("has ", expression.size(), " bytes; at most ",
                          kLongest, " are read"));
}

}  // namespace headway::service
