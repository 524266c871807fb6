// A publisher on loopback that is always out of order: whatever it is asked, it
// says 503 and to come back in 3,000 seconds.
#ifndef HEADWAY_TOOLS_BENCH_SOAK_PUBLISHER_H_
#define HEADWAY_TOOLS_BENCH_SOAK_PUBLISHER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"

namespace headway::bench {

// Serves in a thread of its own until it is destroyed.
class Publisher {
 public:
  static absl::StatusOr<std::unique_ptr<Publisher>> Start();
  ~Publisher();

  // 127.0.0.1:PORT
  const std::string& address() const { return address_; }
  int64_t requests() const { return requests_; }

 private:
  Publisher(int listener, std::string address);
  void Serve();

  const int listener_;
  const std::string address_;
  std::atomic<int64_t> requests_ = 0;
  std::thread thread_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_SOAK_PUBLISHER_H_
