// Pages of a listing, as in AIP-158.
//
// A page token says where the listing goes on, and is good only for the request
// it was given for: `scope` is the method and every parameter that shapes the
// listing, and a token of another scope, or one that was damaged, is refused.
// Tokens are neither secret nor signed. Pure functions.
//
// There are two kinds of pages. A listing goes on after its last item, whatever
// came in between (Page). A long answer is cut at places, and all its pages are
// as of the same instants (AnswerPage).
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_PAGING_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_PAGING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace headway::service {

struct Page {
  // 1 to 1,000; 100 if the request asks for 0.
  size_t size = 0;
  // Says which item was the last of the page before; empty for the first page.
  std::string cursor;
};

// Errors name page_size or page_token.
absl::StatusOr<Page> ParsePage(int32_t page_size, absl::string_view page_token,
                               absl::string_view scope);

// The cursor of a listing whose items each have an instant of their own, and
// the instant after which a page goes on: InfinitePast for the first page.
std::string MakeTimeCursor(absl::Time time);
absl::StatusOr<absl::Time> CursorTime(const Page& page);

// What of a request shapes its answer, but for its page: a scope.
template <typename Request>
std::string ScopeOf(absl::string_view method, Request request) {
  request.clear_page_size();
  request.clear_page_token();
  return absl::StrCat(method, "\n", request.SerializeAsString());
}

// Where a page of one long answer lies, and what the whole answer rests on, the
// same for all of its pages.
struct AnswerPage {
  // The place of the first item.
  size_t first = 0;
  // At most so many items.
  size_t items = SIZE_MAX;
  // Absent for the first page.
  struct Pin {
    absl::Time as_of;
    absl::Time recorded_by;
  };
  std::optional<Pin> pin;

  absl::Time recorded_by() const {
    return pin.has_value() ? pin->recorded_by : absl::InfiniteFuture();
  }
};

// A page ends with the item that brings it to this size, so that it fits the
// four MiB that clients accept unless told otherwise.
inline constexpr size_t kPageBytes = size_t{3} << 20;

// Errors name page_size or page_token.
absl::StatusOr<AnswerPage> ParseAnswerPage(int32_t page_size,
                                           absl::string_view page_token,
                                           absl::string_view scope);
// The token of the page whose first item is at `next`.
std::string MakeAnswerToken(absl::string_view scope, size_t next,
                            const AnswerPage::Pin& pin);

// Calls `add`, which returns the bytes that it added, with the place of each
// item of the page, of `count` in all. The place at which the next page begins;
// absent if this one is the last.
absl::StatusOr<std::optional<size_t>> FillPage(
    const AnswerPage& page, size_t count,
    absl::FunctionRef<absl::StatusOr<size_t>(size_t place)> add);

// A printable token for `cursor`, which must not be empty.
std::string MakeToken(absl::string_view scope, absl::string_view cursor);

// The cursor in a token; an error of `field` if it is not one of that scope.
absl::StatusOr<std::string> ParseToken(absl::string_view field,
                                       absl::string_view token,
                                       absl::string_view scope);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_PAGING_H_
