// The gRPC server: all services of the API, health, reflection and channelz.
//
//   ASSIGN_OR_RETURN(auto server, Server::Start(options, parts));
//   Log(LogLevel::kInfo, "serving", {{"address", server->address()}});
//
// gRPC's threads only hand over: handlers run on bounded pools, one for each
// kind of call, and watches hold no thread while they are idle (service/shell).
// Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_SERVER_H_
#define HEADWAY_DAEMON_SERVICE_SERVER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/operations/operations.h"
#include "daemon/schedule/ledger.h"
#include "daemon/service/calls/parts.h"
#include "daemon/service/listen_address.h"
#include "daemon/service/shell/answer_cache.h"
#include "daemon/service/shell/metrics.h"
#include "daemon/service/shell/pools.h"
#include "daemon/service/shell/watch_hub.h"
#include "daemon/store/store.h"
#include "grpcpp/channel.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server.h"
#include "headway/v1/admin.pb.h"

namespace headway::service {

class Server {
 public:
  struct Options {
    ListenAddress listen;
    // For each of reads and writes. The other kinds of calls have fewer.
    int threads = 4;
    // Calls of one kind that wait for a thread; more are refused.
    size_t max_queued = 256;
    // Of indicators and series; as many more of runs and operations.
    size_t max_watches = 1000;
  };

  // Serves from now on. Fails, naming the address, if it cannot listen there.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options,
                                                       const Parts& parts);
  // Shuts down.
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Where it listens, with the port that was chosen if it was 0.
  const std::string& address() const { return address_; }

  // A channel to this server that needs no socket.
  std::shared_ptr<grpc::Channel> InProcessChannel();

  CallMetrics::Snapshot metrics() const { return metrics_.Read(); }

  // Tells those who watch indicators that the definitions were read again.
  void PokeWatches();

  // What the last look found; never waits.
  std::shared_ptr<const v1::Health> health() const;

  // Ends watches with UNAVAILABLE, lets calls under way finish for a few
  // seconds, then cancels them. Returns when no call is left.
  void Shutdown();

 private:
  Server(const Options& options, const Parts& parts);
  absl::Status Listen(const Options& options);
  // Tells gRPC's health service.
  void Tell(const v1::Health& health);

  const Parts parts_;
  std::string address_;
  CallMetrics metrics_;
  WatchHub hub_;
  AnswerCache answers_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  // After what their threads use, so that they end before and begin after.
  CallPools pools_;
  std::unique_ptr<grpc::Server> server_;
  // Listeners that poke the hub; destroyed first.
  std::unique_ptr<store::Store::Subscription> commits_;
  std::unique_ptr<schedule::Ledger::Subscription> runs_;
  std::unique_ptr<operations::Operations::Subscription> operations_;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SERVER_H_
