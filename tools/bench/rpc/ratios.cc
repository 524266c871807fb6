// The daemon's calls beside those of the echo server, turn by turn.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"
#include "headway/v1/forecast.pb.h"
#include "headway/v1/indicator.pb.h"
#include "headway/v1/series.pb.h"
#include "tools/bench/rpc/bench.h"
#include "tools/bench/rpc/caller.h"
#include "tools/bench/rpc/echo_server.h"
#include "tools/bench/rpc/writer.h"

namespace headway::bench {
namespace {

constexpr char kPeer[] = "callback echo of the same bytes";
constexpr absl::Duration kWriteInterval = absl::Milliseconds(10);

// A method that is measured.
struct Subject {
  std::string name;  // "get_forecast"
  Question question;
  double target = 0;
  size_t answer_bytes = 0;
};

std::vector<Subject> Subjects() {
  v1::GetForecastRequest forecast;
  forecast.set_name(absl::StrCat("indicators/", kPushedIndicator));
  v1::ReadIndicatorRequest read;
  read.set_name(forecast.name());
  v1::QueryRequest query;
  query.set_expression(kPushedExpression);
  v1::ListIndicatorsRequest list;
  list.set_page_size(1000);
  return {{"get_forecast",
           MakeQuestion("ForecastService", "GetForecast", forecast), 0.8},
          {"read_indicator",
           MakeQuestion("IndicatorService", "ReadIndicator", read), 0.8},
          {"query", MakeQuestion("SeriesService", "Query", query), 0.6},
          {"list_indicators",
           MakeQuestion("IndicatorService", "ListIndicators", list), 0.3}};
}

// What else goes on while the daemon is asked.
struct Stratum {
  std::string suffix;
  // Nothing is written if empty.
  std::string written_metric;
};

const std::vector<Stratum>& Strata() {
  static const auto* const strata =
      new std::vector<Stratum>{{"", ""},
                               {".unrelated_commits", kUnrelatedMetric},
                               {".related_commits", kPushedMetric}};
  return *strata;
}

struct Servers {
  Caller daemon;
  Caller echo;
  // Absent where nothing is written.
  std::unique_ptr<SteadyWriter> writer;
};

struct Duel {
  Calls own;
  Calls peer;
  int64_t commits = 0;
  int64_t failed_commits = 0;
};

// Turn by turn, so that what else the machine does hits both. The peer is asked
// while nobody writes: the daemon's commits are not to slow it down.
Duel Measure(const RpcBench& bench, const Question& question, int in_flight,
             Servers& servers) {
  Duel duel;
  SteadyWriter* writer = servers.writer.get();
  const int64_t commits = writer == nullptr ? 0 : writer->pushes();
  const int64_t failed = writer == nullptr ? 0 : writer->failures();
  // A turn of each that does not count: whichever comes first opens connections
  // and starts threads.
  servers.daemon.Run(question, in_flight, bench.slice_seconds);
  servers.echo.Run(question, in_flight, bench.slice_seconds);
  for (int round = 0; round < bench.rounds; ++round) {
    if (writer != nullptr) writer->Resume();
    duel.own.Add(servers.daemon.Run(question, in_flight, bench.slice_seconds));
    if (writer != nullptr) writer->Pause();
    duel.peer.Add(servers.echo.Run(question, in_flight, bench.slice_seconds));
  }
  if (writer != nullptr) {
    duel.commits = writer->pushes() - commits;
    duel.failed_commits = writer->failures() - failed;
  }
  return duel;
}

std::string Describe(const Calls& calls) {
  std::string text = absl::StrFormat("%.5g calls/s, p50 %.3g ms, p99 %.3g ms",
                                     calls.PerSecond(), calls.LatencyMs(0.5),
                                     calls.LatencyMs(0.99));
  if (calls.failures > 0) {
    absl::StrAppend(&text, ", ", calls.failures,
                    " calls failed: ", calls.first_error);
  }
  return text;
}

std::string Note(const Subject& subject, const Duel& duel, int in_flight) {
  std::string note = absl::StrCat(
      "headwayd ", Describe(duel.own), "; echo ", Describe(duel.peer), "; ",
      in_flight, " in flight, answers of ", subject.answer_bytes, " bytes");
  if (duel.commits + duel.failed_commits > 0) {
    absl::StrAppend(
        &note, "; ",
        absl::StrFormat("%.3g commits/s",
                        static_cast<double>(duel.commits) / duel.own.seconds));
    if (duel.failed_commits > 0) {
      absl::StrAppend(&note, ", ", duel.failed_commits, " failed");
    }
  }
  return note;
}

void ReportRatio(const RpcBench& bench, const Stratum& stratum,
                 const Subject& subject, Servers& servers) {
  const Duel duel = Measure(bench, subject.question, bench.in_flight, servers);
  std::optional<double> ratio;
  if (duel.peer.PerSecond() > 0 && !duel.own.latencies.empty()) {
    ratio = duel.own.PerSecond() / duel.peer.PerSecond();
  }
  std::optional<Report::Target> target;
  if (stratum.suffix.empty()) target = Report::Target{.bound = subject.target};
  bench.report->AddPeerOnPart(
      absl::StrCat(subject.name, "_ratio", stratum.suffix), kPeer, ratio,
      duel.peer.PerSecond(), Note(subject, duel, bench.in_flight), target);
}

void ReportLatency(const RpcBench& bench, const Stratum& stratum,
                   const Subject& subject, Servers& servers) {
  const Duel duel = Measure(bench, subject.question, 1, servers);
  const std::string metric =
      absl::StrCat(subject.name, "_ms.one_in_flight", stratum.suffix);
  std::optional<double> own;
  if (!duel.own.latencies.empty()) own = duel.own.LatencyMs(0.5);
  bench.report->Add(metric, own, "ms", Note(subject, duel, 1));
  bench.report->AddPeer(metric, kPeer, duel.peer.LatencyMs(0.5), "the median");
}

// Whether the peer's answers are those of the daemon.
absl::Status CheckSameBytes(const std::vector<Subject>& subjects,
                            const std::map<std::string, std::string>& answers,
                            Caller& echo) {
  for (const Subject& subject : subjects) {
    ASSIGN_OR_RETURN(const std::string answer, echo.Ask(subject.question));
    if (answer != answers.at(subject.question.method)) {
      return absl::InternalError(
          absl::StrCat("the echo of ", subject.name, " is another answer"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureRatios(RpcBench& bench, Daemon& daemon) {
  std::vector<Subject> subjects = Subjects();
  Caller caller(daemon.address(), bench.channels);
  std::map<std::string, std::string> answers;
  for (Subject& subject : subjects) {
    ASSIGN_OR_RETURN(std::string answer, caller.Ask(subject.question));
    subject.answer_bytes = answer.size();
    answers[subject.question.method] = std::move(answer);
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<EchoProcess> echo,
                   EchoProcess::Start(bench.directory.Sub("echo"), answers,
                                      bench.over_unix));
  Servers servers{.daemon = std::move(caller),
                  .echo = Caller(echo->address(), bench.channels)};
  RETURN_IF_ERROR(CheckSameBytes(subjects, answers, servers.echo));
  for (const Stratum& stratum : Strata()) {
    if (!stratum.written_metric.empty()) {
      servers.writer = std::make_unique<SteadyWriter>(
          daemon.address(), stratum.written_metric, kWriteInterval);
    }
    for (const Subject& subject : subjects) {
      ReportRatio(bench, stratum, subject, servers);
      ReportLatency(bench, stratum, subject, servers);
    }
  }
  return absl::OkStatus();
}

}  // namespace headway::bench
