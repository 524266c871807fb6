// The question of a plugin to the proxy itself, how often it may ask a host:
//   GET http://quota.headway.invalid/take?host=HOST&requests=N&longest_wait=S
// and the answer: 200 with the seconds to wait, 429 with Retry-After, or what
// is wrong with the question. Pure functions.
#ifndef HEADWAY_DAEMON_INGEST_EGRESS_QUOTA_REQUEST_H_
#define HEADWAY_DAEMON_INGEST_EGRESS_QUOTA_REQUEST_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/ingest/egress/quotas.h"

namespace headway::ingest {

// A name that leads nowhere (RFC 2606), so that it can be no publisher's.
inline constexpr char kQuotaHost[] = "quota.headway.invalid";

struct QuotaQuestion {
  // In lower case.
  std::string host;
  int64_t requests = 1;
  absl::Duration longest_wait = absl::Minutes(1);
};

// `target` is the path and query. INVALID_ARGUMENT says what is wrong.
absl::StatusOr<QuotaQuestion> ParseQuotaQuestion(absl::string_view target);

// The answer as HTTP has it.
std::string FormatQuotaAnswer(const QuotaAnswer& answer);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_EGRESS_QUOTA_REQUEST_H_
