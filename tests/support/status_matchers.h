// Matchers for absl::Status and absl::StatusOr:
//
//   EXPECT_THAT(store.Commit(batch), IsOk());
//   EXPECT_THAT(Parse("1 +"), StatusIs(absl::StatusCode::kInvalidArgument,
//                                      HasSubstr("1:4: ")));
#ifndef HEADWAY_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define HEADWAY_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace headway {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).ok();
}

// The code, and what the message matches.
MATCHER_P2(StatusIs, code, message,
           absl::StrCat("has the code ", absl::StatusCodeToString(code),
                        " and a message that ",
                        testing::DescribeMatcher<std::string>(message))) {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).code() == code &&
         testing::Matches(message)(std::string(StatusOf(arg).message()));
}
template <typename Code>
auto StatusIs(Code code) {
  return StatusIs(code, testing::_);
}

}  // namespace headway

#endif  // HEADWAY_TESTS_SUPPORT_STATUS_MATCHERS_H_
