#include "tools/bench/soak/verdicts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/bench/measure.h"

namespace headway::bench {
namespace {

// The condition: reads take at most this, or this many times what they take
// when nothing else goes on.
constexpr double kReadMs = 10;
constexpr double kTimesIdle = 5;
// A pipeline that nothing is wrong with has run within this.
constexpr double kRunMs = 10000;
// What may come and go without being a leak.
constexpr double kMemorySlackMb = 16;
constexpr double kMemorySlackShare = 0.1;
constexpr double kThreadSlack = 4;
constexpr double kDescriptorSlack = 32;

double Ms(const std::vector<double>& seconds, double share) {
  return 1000 * Percentile(seconds, share);
}

// Empty where there is none.
std::optional<double> P99(const std::vector<double>& seconds) {
  if (seconds.empty()) return std::nullopt;
  return Ms(seconds, 0.99);
}

int64_t Sum(const std::map<std::string, int64_t>& counts) {
  int64_t sum = 0;
  for (const auto& [kind, count] : counts) sum += count;
  return sum;
}

std::string List(const std::map<std::string, int64_t>& counts) {
  std::string text;
  for (const auto& [kind, count] : counts) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", count, " × ", kind);
  }
  return text;
}

std::string Times(const std::vector<double>& seconds) {
  return absl::StrFormat("p50 %.4g ms, max %.4g ms, %d times", Ms(seconds, 0.5),
                         Ms(seconds, 1), seconds.size());
}

std::string WithFailures(std::string note,
                         const std::map<std::string, int64_t>& failures) {
  if (!failures.empty()) absl::StrAppend(&note, "; failed: ", List(failures));
  return note;
}

}  // namespace

void Verdicts::Add(Span span) {
  ReportSpan(span);
  spans_.push_back(std::move(span));
}

void Verdicts::ReportSpan(const Span& span) {
  for (const auto& [name, result] : span.probes) {
    report_.Add(absl::StrCat(name, "_p99_ms.", span.name),
                P99(result.latencies), "ms",
                WithFailures(Times(result.latencies), result.failures));
  }
  const Commits::Result& commits = span.commits;
  if (!commits.commits.empty()) {
    report_.Add(absl::StrCat("commit_p99_ms.", span.name),
                Ms(commits.commits, 0.99), "ms",
                WithFailures(Times(commits.commits), commits.failures));
    report_.Add(absl::StrCat("watch_told_p99_ms.", span.name),
                P99(commits.told), "ms",
                absl::StrCat(Times(commits.told), "; ", commits.late,
                             " commits of which not all heard within a "
                             "second; ",
                             span.watchers, " watchers at the end"));
  }
  const auto median = [&](const char* what, const char* unit,
                          const std::vector<double>& samples) {
    report_.Add(absl::StrCat(what, ".", span.name), Percentile(samples, 0.5),
                unit,
                absl::StrFormat("the median of %d samples; at most %.5g",
                                samples.size(), Percentile(samples, 1)));
  };
  median("memory_mb", "MB", span.vitals.memory_mb);
  median("threads", "", span.vitals.threads);
  median("descriptors", "", span.vitals.descriptors);
}

void Verdicts::AtMost(const std::string& metric, std::optional<double> value,
                      const std::string& unit, double most,
                      const std::string& note) {
  if (!value.has_value() || *value > most) all_met_ = false;
  report_.Add(absl::StrCat("verdict.", metric), value, unit, note,
              Report::Target{.bound = most, .at_least = false});
}

void Verdicts::Conclude(const std::map<std::string, int64_t>& ends) {
  ConcludeLatencies();
  ConcludeFailures(ends);
  ConcludeFlatness();
}

// A probe of which nothing came back in a span hangs: that is no figure.
void Verdicts::ConcludeLatencies() {
  std::map<std::string, std::vector<std::optional<double>>> p99s;
  for (size_t i = 1; i < spans_.size(); ++i) {
    for (const auto& [name, result] : spans_[i].probes) {
      p99s[name].push_back(P99(result.latencies));
    }
  }
  for (const auto& [name, of_spans] : p99s) {
    const bool hangs =
        std::count(of_spans.begin(), of_spans.end(), std::nullopt) > 0;
    const auto idle = spans_[0].probes.find(name);
    double most = kRunMs;
    std::string note =
        hangs ? "nothing came back in some spans" : "of the worst span";
    if (idle != spans_[0].probes.end()) {
      const double idle_ms = Ms(idle->second.latencies, 0.99);
      most = std::max(kReadMs, kTimesIdle * idle_ms);
      absl::StrAppendFormat(&note, "; idle %.4g ms", idle_ms);
    }
    AtMost(absl::StrCat(name, "_p99_ms"),
           hangs ? std::nullopt
                 : *std::max_element(of_spans.begin(), of_spans.end()),
           "ms", most, note);
  }
}

void Verdicts::ConcludeFailures(const std::map<std::string, int64_t>& ends) {
  std::map<std::string, int64_t> calls;
  std::map<std::string, int64_t> commits;
  int64_t late = 0;
  for (const Span& span : spans_) {
    for (const auto& [name, result] : span.probes) {
      for (const auto& [kind, count] : result.failures) {
        calls[absl::StrCat(name, " ", kind)] += count;
      }
    }
    for (const auto& [kind, count] : span.commits.failures) {
      commits[kind] += count;
    }
    late += span.commits.late;
  }
  AtMost("failed_calls", static_cast<double>(Sum(calls)), "", 0, List(calls));
  AtMost("failed_commits", static_cast<double>(Sum(commits)), "", 0,
         List(commits));
  AtMost("ended_watches", static_cast<double>(Sum(ends)), "", 0, List(ends));
  AtMost("late_commits", static_cast<double>(late), "", 0,
         "of which not all watchers heard within a second");
}

void Verdicts::ConcludeFlatness() {
  Flat("memory_growth_mb", "MB", &Vitals::Samples::memory_mb, kMemorySlackMb,
       kMemorySlackShare);
  Flat("thread_growth", "", &Vitals::Samples::threads, kThreadSlack, 0);
  Flat("descriptor_growth", "", &Vitals::Samples::descriptors, kDescriptorSlack,
       0);
}

// From the first span with trouble, when everything has warmed up, to the last.
void Verdicts::Flat(const std::string& what, const std::string& unit,
                    std::vector<double> Vitals::Samples::*samples, double slack,
                    double share) {
  if (spans_.size() < 3) {
    AtMost(what, std::nullopt, unit, slack,
           "takes two spans beside the idle one: let it run longer");
    return;
  }
  const double first = Percentile(spans_[1].vitals.*samples, 0.5);
  const double last = Percentile(spans_.back().vitals.*samples, 0.5);
  AtMost(what, last - first, unit, std::max(slack, share * first),
         absl::StrFormat("from the median of %s, %.5g, to that of %s, %.5g",
                         spans_[1].name, first, spans_.back().name, last));
}

}  // namespace headway::bench
