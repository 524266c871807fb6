// Blocking work on non-blocking sockets, which a common signal breaks off.
// Thread-safe as far as the sockets are the caller's own.
#ifndef HEADWAY_DAEMON_INGEST_EGRESS_SOCKETS_H_
#define HEADWAY_DAEMON_INGEST_EGRESS_SOCKETS_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/file_descriptor.h"
#include "daemon/ingest/egress/address.h"

namespace headway::ingest {

// What all connections of one proxy share.
struct Bounds {
  // Readable when everything is to end; never read from.
  int stop = -1;
  absl::Duration connect_timeout;
  absl::Duration idle_timeout;
  // What may yet be carried, both ways together.
  std::atomic<int64_t> bytes_left;
};

// CANCELLED when all is to end, DEADLINE_EXCEEDED after `timeout`.
absl::Status AwaitSocket(int fd, short events, absl::Duration timeout,
                         const Bounds& bounds);

// UNAVAILABLE if nobody answers there.
absl::StatusOr<FileDescriptor> Connect(const Address& address,
                                       const Bounds& bounds);

absl::Status SendAll(int fd, absl::string_view bytes, const Bounds& bounds);

// Reads up to and with the empty line that ends a head; what follows it goes
// to `rest`.
absl::StatusOr<std::string> ReceiveHead(int fd, const Bounds& bounds,
                                        std::string* rest);

// Carries bytes both ways until both sides have ended, neither says anything
// for the idle timeout, or no bytes are left. RESOURCE_EXHAUSTED for the last.
absl::Status Relay(int a, int b, Bounds& bounds);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_EGRESS_SOCKETS_H_
