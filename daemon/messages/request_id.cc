#include "daemon/messages/request_id.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/messages/errors.h"

namespace headway::messages {

absl::Status CheckRequestId(absl::string_view request_id) {
  constexpr size_t kLongest = 100;
  if (request_id.size() > kLongest) {
    return FieldError(
        "request_id",
        absl::StrCat("has ", request_id.size(),
                     " characters; choose one of at most ", kLongest));
  }
  if (std::all_of(request_id.begin(), request_id.end(), [](char c) {
        return absl::ascii_isprint(static_cast<unsigned char>(c));
      })) {
    return absl::OkStatus();
  }
  return FieldError("request_id",
                    "has characters that are not printable ASCII");
}

}  // namespace headway::messages
