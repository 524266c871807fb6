// HTTP over a raw socket of loopback: nothing of a client library is measured.
#ifndef HEADWAY_TOOLS_BENCH_RPC_HTTP_GET_H_
#define HEADWAY_TOOLS_BENCH_RPC_HTTP_GET_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace headway::bench {

struct HttpAnswer {
  int status = 0;
  // Of the whole answer.
  size_t bytes = 0;
  // From before the connection is made until the server has closed it.
  double seconds = 0;
};

// A connected socket to 127.0.0.1:PORT, which the caller closes; each read and
// write waits at most `patience_seconds`.
absl::StatusOr<int> ConnectTo(const std::string& address, int patience_seconds);

// GET with "Connection: close". An error if there is no whole answer; a status
// other than 200 is none.
absl::StatusOr<HttpAnswer> HttpGet(const std::string& address,
                                   const std::string& path,
                                   int patience_seconds);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_RPC_HTTP_GET_H_
