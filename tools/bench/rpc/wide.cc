// An indicator of very many series, with forecasts of all: read, listed, shown.
#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"
#include "grpcpp/client_context.h"
#include "headway/v1/admin.grpc.pb.h"
#include "headway/v1/forecast.grpc.pb.h"
#include "tools/bench/rpc/bench.h"
#include "tools/bench/rpc/caller.h"
#include "tools/bench/rpc/child_process.h"
#include "tools/bench/rpc/http_get.h"
#include "tools/bench/rpc/runs.h"
#include "tools/bench/rpc/writer.h"

namespace headway::bench {
namespace {

constexpr char kWideDefinitions[] = R"text(
pipeline {
  name: "wide"
  title: "An indicator of many series"
  indicator {
    name: "wide"
    title: "Many series"
    expression: "wide_value"
    unit: "1"
    forecast { method: "naive" horizon: 12 }
  }
}
)text";

constexpr int kSeriesPerCall = 500;
constexpr int kWideMonths = 120;
constexpr int kMostRepetitions = 5;
// What is slower than this is done once.
constexpr double kRepeatSeconds = 5;
constexpr absl::Duration kForecastPatience = absl::Minutes(10);
constexpr absl::Duration kStopPatience = absl::Seconds(60);

absl::Status PushSeries(const std::string& address, int count) {
  Pusher pusher(address);
  for (int first = 0; first < count; first += kSeriesPerCall) {
    v1::WriteObservationsRequest request;
    request.set_source("bench");
    for (int i = first; i < std::min(count, first + kSeriesPerCall); ++i) {
      *request.add_batches() = MonthlyBatch(
          "wide_value", absl::StrFormat("p%05d", i), 0, kWideMonths, i);
    }
    RETURN_IF_ERROR(pusher.Push(request));
  }
  return absl::OkStatus();
}

// A daemon that has just started looks at its health, and with it at its
// indicators; it is idle after that.
absl::Status AwaitIdle(const std::string& address) {
  const auto stub = v1::AdminService::NewStub(Connect(address, 1)[0]);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::minutes(3));
  v1::Health health;
  return ToStatus(stub->GetHealth(&context, {}, &health), "GetHealth");
}

// The series come first, so that the definition finds them all at once. The
// daemon that is measured has answered nothing yet.
absl::StatusOr<std::unique_ptr<Daemon>> StartWide(const RpcBench& bench,
                                                  double* forecast_seconds) {
  const Daemon::Options options{.directory = bench.directory.Sub("wide"),
                                .over_unix = bench.over_unix};
  ASSIGN_OR_RETURN(std::unique_ptr<Daemon> daemon, Daemon::Start(options));
  RETURN_IF_ERROR(PushSeries(daemon->address(), bench.series));
  RETURN_IF_ERROR(daemon->Stop(kStopPatience));
  RETURN_IF_ERROR(
      WriteDefinitions(options.directory, "wide.textproto", kWideDefinitions));
  ASSIGN_OR_RETURN(daemon, Daemon::Start(options));
  const Stopwatch watch;
  RETURN_IF_ERROR(RunPipeline(daemon->address(), "wide", kForecastPatience));
  *forecast_seconds = watch.Seconds();
  RETURN_IF_ERROR(daemon->Stop(kStopPatience));
  ASSIGN_OR_RETURN(daemon, Daemon::Start(options));
  RETURN_IF_ERROR(AwaitIdle(daemon->address()));
  return daemon;
}

// Seconds of each repetition, the first of which finds nothing prepared.
absl::StatusOr<std::vector<double>> Repeat(
    const std::function<absl::Status()>& what) {
  std::vector<double> seconds;
  double sum = 0;
  while (seconds.size() < kMostRepetitions &&
         (seconds.empty() || sum < kRepeatSeconds)) {
    const Stopwatch watch;
    RETURN_IF_ERROR(what());
    sum += seconds.emplace_back(watch.Seconds());
  }
  return seconds;
}

std::string NoteOf(const std::vector<double>& seconds) {
  return absl::StrFormat(
      "median of %d; the first, with nothing prepared, "
      "took %.4g s",
      seconds.size(), seconds[0]);
}

// A failure is a figure that is not known.
void ReportSeconds(const RpcBench& bench, const std::string& metric,
                   double target,
                   const absl::StatusOr<std::vector<double>>& seconds,
                   const std::string& note) {
  const Report::Target most{.bound = target, .at_least = false};
  if (!seconds.ok()) {
    bench.report->Add(metric, std::nullopt, "s", seconds.status().ToString(),
                      most);
    return;
  }
  bench.report->Add(metric, Percentile(*seconds, 0.5), "s",
                    absl::StrCat(NoteOf(*seconds), note), most);
}

struct Reading {
  int64_t forecasts = 0;
  int64_t pages = 0;
  int64_t bytes = 0;
};

absl::StatusOr<Reading> ReadAllForecasts(v1::ForecastService::Stub& stub) {
  Reading reading;
  v1::GetForecastRequest request;
  request.set_name("indicators/wide");
  do {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::minutes(3));
    v1::GetForecastResponse response;
    RETURN_IF_ERROR(ToStatus(stub.GetForecast(&context, request, &response),
                             "GetForecast"));
    reading.forecasts += response.forecasts_size();
    reading.bytes += static_cast<int64_t>(response.ByteSizeLong());
    ++reading.pages;
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return reading;
}

absl::Status MeasureForecasts(const RpcBench& bench, const Daemon& daemon,
                              double forecast_seconds) {
  const auto stub =
      v1::ForecastService::NewStub(Connect(daemon.address(), 1)[0]);
  const double idle_mb = MemoryMb(daemon.pid());
  ResetPeakMemory(daemon.pid());
  Reading reading;
  const auto seconds = Repeat([&]() -> absl::Status {
    ASSIGN_OR_RETURN(reading, ReadAllForecasts(*stub));
    if (reading.forecasts == bench.series) return absl::OkStatus();
    return absl::InternalError(absl::StrCat(
        reading.forecasts, " forecasts came instead of ", bench.series));
  });
  const double above_mib =
      (PeakMemoryMb(daemon.pid()) - idle_mb) * 1e6 / (1 << 20);
  const std::string what =
      absl::StrFormat("; %d pages, %d bytes; issued in %.3g s", reading.pages,
                      reading.bytes, forecast_seconds);
  ReportSeconds(bench, absl::StrCat("get_forecast_", bench.series, "_s"), 1,
                seconds,
                absl::StrFormat("%s; at most %.4g MiB above the %.4g MB of an "
                                "idle daemon",
                                what, above_mib, idle_mb));
  bench.report->Add(
      absl::StrCat("get_forecast_", bench.series, "_mib"), above_mib, "MiB",
      absl::StrFormat("the most that headwayd held meanwhile, less the %.4g MB "
                      "that it held before",
                      idle_mb),
      Report::Target{.bound = 100, .at_least = false});
  return seconds.status();
}

absl::Status MeasureListing(const RpcBench& bench, const Daemon& daemon) {
  ASSIGN_OR_RETURN(const std::string program, ProgramBesideThis("headway"));
  const auto seconds = Repeat([&]() -> absl::Status {
    ASSIGN_OR_RETURN(const auto process,
                     ChildProcess::Start(program,
                                         {"--address", daemon.address(),
                                          "--timeout", "120", "indicators"},
                                         bench.directory.Sub("headway_log")));
    const int code = process->AwaitEnd();
    if (code == 0) return absl::OkStatus();
    return absl::InternalError(
        absl::StrCat("headway indicators exits with ", code));
  });
  ReportSeconds(bench, absl::StrCat("list_indicators_", bench.series, "_s"),
                0.5, seconds, "; headway indicators, a process each time");
  return seconds.status();
}

absl::Status MeasureOverview(const RpcBench& bench, const Daemon& daemon) {
  HttpAnswer answer;
  const auto seconds = Repeat([&]() -> absl::Status {
    ASSIGN_OR_RETURN(answer, HttpGet(daemon.http_address(), "/", 120));
    if (answer.status == 200) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("GET / says ", answer.status));
  });
  ReportSeconds(bench, absl::StrCat("overview_page_", bench.series, "_s"), 0.2,
                seconds, absl::StrCat("; ", answer.bytes, " bytes"));
  return seconds.status();
}

}  // namespace

absl::Status MeasureWide(RpcBench& bench) {
  double forecast_seconds = 0;
  ASSIGN_OR_RETURN(const std::unique_ptr<Daemon> daemon,
                   StartWide(bench, &forecast_seconds));
  absl::Status first_error = MeasureForecasts(bench, *daemon, forecast_seconds);
  first_error.Update(MeasureListing(bench, *daemon));
  first_error.Update(MeasureOverview(bench, *daemon));
  return first_error;
}

}  // namespace headway::bench
