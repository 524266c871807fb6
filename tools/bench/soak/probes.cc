#include "tools/bench/soak/probes.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "headway/v1/forecast.pb.h"
#include "headway/v1/indicator.pb.h"
#include "tools/bench/measure.h"
#include "tools/bench/rpc/caller.h"
#include "tools/bench/rpc/http_get.h"
#include "tools/bench/rpc/runs.h"
#include "tools/bench/soak/scene.h"

namespace headway::bench {
namespace {

constexpr int kPatienceSeconds = 10;
constexpr absl::Duration kPause = absl::Milliseconds(50);
constexpr absl::Duration kRunPause = absl::Seconds(5);
constexpr absl::Duration kRunPatience = absl::Seconds(15);

Probe GrpcProbe(const std::string& address, const std::string& name,
                Question question) {
  const auto caller =
      std::make_shared<Caller>(address, 1, absl::Seconds(kPatienceSeconds));
  return {name,
          [caller, question = std::move(question)] {
            return caller->Ask(question).status();
          },
          kPause};
}

Probe HttpProbe(const std::string& address, const std::string& name,
                const std::string& path) {
  return {name,
          [address, path]() -> absl::Status {
            const absl::StatusOr<HttpAnswer> answer =
                HttpGet(address, path, kPatienceSeconds);
            if (!answer.ok()) return answer.status();
            // /healthz says 503 where something is wrong, as it is here: it has
            // answered.
            if (answer->status == 200 || path == "/healthz") {
              return absl::OkStatus();
            }
            return absl::InternalError(absl::StrCat("HTTP ", answer->status));
          },
          kPause};
}

}  // namespace

std::vector<Probe> ReadProbes(const std::string& address,
                              const std::string& http_address) {
  v1::ReadIndicatorRequest read;
  read.set_name(absl::StrCat("indicators/", kReadIndicator));
  v1::GetForecastRequest forecast;
  forecast.set_name(read.name());
  v1::ListIndicatorsRequest list;
  list.set_page_size(1000);
  return {GrpcProbe(address, "read_indicator",
                    MakeQuestion("IndicatorService", "ReadIndicator", read)),
          GrpcProbe(address, "list_indicators",
                    MakeQuestion("IndicatorService", "ListIndicators", list)),
          GrpcProbe(address, "get_forecast",
                    MakeQuestion("ForecastService", "GetForecast", forecast)),
          HttpProbe(http_address, "healthz", "/healthz"),
          HttpProbe(http_address, "overview", "/")};
}

Probe RunProbe(const std::string& address) {
  return {
      "sound_run",
      [address] { return RunPipeline(address, kSoundPipeline, kRunPatience); },
      kRunPause};
}

Probes::Probes(std::vector<Probe> probes) : probes_(std::move(probes)) {
  Take();  // so that a probe of which nothing comes is known, too
  for (const Probe& probe : probes_) {
    threads_.emplace_back([this, &probe] { Loop(probe); });
  }
}

Probes::~Probes() {
  stop_.Raise();
  for (std::thread& thread : threads_) thread.join();
}

void Probes::Loop(const Probe& probe) {
  do {
    const Stopwatch watch;
    const absl::Status status = probe.call();
    const double seconds = watch.Seconds();
    absl::MutexLock lock(&mutex_);
    ProbeResult& result = results_[probe.name];
    result.latencies.push_back(seconds);
    if (!status.ok()) ++result.failures[status.ToString()];
  } while (!stop_.WaitFor(probe.pause));
}

std::map<std::string, ProbeResult> Probes::Take() {
  std::map<std::string, ProbeResult> fresh;
  for (const Probe& probe : probes_) fresh[probe.name] = {};
  absl::MutexLock lock(&mutex_);
  std::swap(results_, fresh);
  return fresh;
}

}  // namespace headway::bench
