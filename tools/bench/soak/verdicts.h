// The figures of each span of the soak, and what they come to.
#ifndef HEADWAY_TOOLS_BENCH_SOAK_VERDICTS_H_
#define HEADWAY_TOOLS_BENCH_SOAK_VERDICTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/bench/report.h"
#include "tools/bench/soak/commits.h"
#include "tools/bench/soak/probes.h"
#include "tools/bench/soak/vitals.h"

namespace headway::bench {

// What one span of time brought.
struct Span {
  // "idle", "after_300_s"
  std::string name;
  std::map<std::string, ProbeResult> probes;
  Vitals::Samples vitals;
  // Nothing in the idle span.
  Commits::Result commits;
  // Watchers that live at its end.
  int watchers = 0;
};

// Reports a span as soon as it is over, and the verdicts at the end. Belongs to
// one thread.
class Verdicts {
 public:
  explicit Verdicts(Report* report) : report_(*report) {}

  // The idle span first.
  void Add(Span span);

  // A figure that may be `most`.
  void AtMost(const std::string& metric, std::optional<double> value,
              const std::string& unit, double most, const std::string& note);

  // Those of the conditions that the spans decide: latencies against
  // the idle ones, failures, and whether memory, threads and descriptors are
  // flat. `ends` is how watches ended.
  void Conclude(const std::map<std::string, int64_t>& ends);

  bool all_met() const { return all_met_; }

 private:
  void ReportSpan(const Span& span);
  void ConcludeLatencies();
  void ConcludeFailures(const std::map<std::string, int64_t>& ends);
  void ConcludeFlatness();
  void Flat(const std::string& what, const std::string& unit,
            std::vector<double> Vitals::Samples::*samples, double slack,
            double share);

  Report& report_;
  std::vector<Span> spans_;
  bool all_met_ = true;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_SOAK_VERDICTS_H_
