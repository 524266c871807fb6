// A client that keeps calls of one method in flight, and times each. Answers
// stay bytes: what reading them costs is no server's doing.
#ifndef HEADWAY_TOOLS_BENCH_RPC_CALLER_H_
#define HEADWAY_TOOLS_BENCH_RPC_CALLER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/status.h"

namespace headway::bench {

// Channels with a connection of their own each, which take answers of any size.
std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& address,
                                                    int count);

// The same code, with `what` before the message.
absl::Status ToStatus(const grpc::Status& status, absl::string_view what);

// One call, over and over.
struct Question {
  // "/headway.v1.SeriesService/Query"
  std::string method;
  std::string request;
};

Question MakeQuestion(absl::string_view service, absl::string_view method,
                      const google::protobuf::Message& request);

// What came of calls made one after another or side by side.
struct Calls {
  double seconds = 0;
  int64_t failures = 0;
  std::string first_error;
  // In seconds, of the calls that succeeded.
  std::vector<double> latencies;

  void Add(const Calls& more);
  double PerSecond() const;
  double LatencyMs(double share) const;
};

// Belongs to one thread.
class Caller {
 public:
  // A call that takes longer than `patience` has failed.
  Caller(const std::string& address, int channels,
         absl::Duration patience = absl::Minutes(2));

  // One answer, as bytes.
  absl::StatusOr<std::string> Ask(const Question& question);

  // Keeps `in_flight` calls going for `seconds`, over all channels in turn, and
  // waits for the last.
  Calls Run(const Question& question, int in_flight, double seconds);

 private:
  const absl::Duration patience_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_RPC_CALLER_H_
