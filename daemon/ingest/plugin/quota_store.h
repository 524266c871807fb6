// How many requests each host was sent on a day, in records of the store, so
// that a restart forgets none. Thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_PLUGIN_QUOTA_STORE_H_
#define HEADWAY_DAEMON_INGEST_PLUGIN_QUOTA_STORE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/ingest/egress/quotas.h"
#include "daemon/store/store.h"

namespace headway::ingest {

class QuotaStore final : public QuotaLedger {
 public:
  // `store` must outlive this.
  explicit QuotaStore(store::Store* store) : store_(store) {}

  // A record that is corrupt is logged, and counts as none.
  absl::StatusOr<std::optional<DayCount>> Read(
      const std::string& host) override;
  absl::Status Write(const std::string& host, const DayCount& count) override;

 private:
  store::Store* const store_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PLUGIN_QUOTA_STORE_H_
