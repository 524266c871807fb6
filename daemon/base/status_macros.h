// RETURN_IF_ERROR and ASSIGN_OR_RETURN, which Abseil 20220623 does not have.
//
//   absl::StatusOr<Period> Next(absl::string_view text) {
//     ASSIGN_OR_RETURN(Period period, ParsePeriod(text));
//     RETURN_IF_ERROR(CheckRange(period));
//     return period + 1;
//   }
#ifndef HEADWAY_DAEMON_BASE_STATUS_MACROS_H_
#define HEADWAY_DAEMON_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#define HEADWAY_CONCAT_INNER_(a, b) a##b
#define HEADWAY_CONCAT_(a, b) HEADWAY_CONCAT_INNER_(a, b)

#define RETURN_IF_ERROR(expr)                                         \
  do {                                                                \
    if (absl::Status headway_status_ = (expr); !headway_status_.ok()) \
      return headway_status_;                                         \
  } while (false)

#define ASSIGN_OR_RETURN(lhs, expr)                                            \
  HEADWAY_ASSIGN_OR_RETURN_(HEADWAY_CONCAT_(headway_statusor_, __LINE__), lhs, \
                            expr)

// A declaration cannot stand in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define HEADWAY_ASSIGN_OR_RETURN_(result, lhs, expr)   \
  auto result = (expr);                                \
  if (!result.ok()) return std::move(result).status(); \
  lhs = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)

namespace headway {

// `status` with "context: " before its message; its code and payloads are kept.
inline absl::Status Annotate(const absl::Status& status,
                             absl::string_view context) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(),
                         absl::StrCat(context, ": ", status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    annotated.SetPayload(url, payload);
  });
  return annotated;
}

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_STATUS_MACROS_H_
