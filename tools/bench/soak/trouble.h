// Everything that a daemon should bear, at once, until it is destroyed.
#ifndef HEADWAY_TOOLS_BENCH_SOAK_TROUBLE_H_
#define HEADWAY_TOOLS_BENCH_SOAK_TROUBLE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "headway/v1/forecast.grpc.pb.h"
#include "headway/v1/plugin.grpc.pb.h"
#include "tools/bench/rpc/daemon.h"
#include "tools/bench/soak/stop_sign.h"

namespace headway::bench {

// Threads of its own:
//   - four that each start a check of a source whose plugin hangs every five
//     seconds,
//   - four ComputeForecast calls on ten years of days, abandoned after one,
//   - forty HTTP clients that send a byte a second of their headers.
// The crashing plugin and the refused sources are pipelines of the scene.
class Trouble {
 public:
  explicit Trouble(const Daemon& daemon);
  ~Trouble();

  // How much of each there was: "320 hung checks, …".
  std::string Describe() const;

 private:
  void HangChecks();
  void AbandonForecasts();
  void DripRequests();

  const std::string http_address_;
  std::unique_ptr<v1::PluginService::Stub> plugins_;
  std::unique_ptr<v1::ForecastService::Stub> forecasts_;
  StopSign stop_;
  std::atomic<int64_t> checks_ = 0;
  std::atomic<int64_t> computed_ = 0;
  std::atomic<int64_t> finished_ = 0;
  std::atomic<int64_t> connections_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_SOAK_TROUBLE_H_
