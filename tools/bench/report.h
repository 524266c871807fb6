// The benchmark's answers: one JSON object a line, on standard output, as soon
// as they are known.
//
//   {"metric":"ingest_points_per_s","value":1.2e6,"unit":"points/s",
//    "peer":null,"peer_value":null,"target":3e6,"met":false,"note":"..."}
//   {"metric":"ingest_points_per_s","value":1.2e6,"unit":"points/s",
//    "peer":"sqlite","peer_value":7e5,"note":"..."}
//
// The first line of a metric is Headway's alone; then comes one for each peer,
// with Headway's value beside it. A value that is not known is null and the
// note says why. A target of two ends has "target_most" too.
#ifndef HEADWAY_TOOLS_BENCH_REPORT_H_
#define HEADWAY_TOOLS_BENCH_REPORT_H_

#include <map>
#include <optional>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"

namespace headway::bench {

class Report {
 public:
  struct Target {
    double bound = 0;
    // The value must be at least the bound; if false, at most.
    bool at_least = true;
    // If given, the value must lie between the bound and this.
    std::optional<double> most;
  };

  explicit Report(std::ostream* out) : out_(*out) {}

  void Add(absl::string_view metric, std::optional<double> value,
           absl::string_view unit, absl::string_view note,
           std::optional<Target> target = std::nullopt);

  // After Add of the same metric; if there was none, Headway's value is null.
  void AddPeer(absl::string_view metric, absl::string_view peer,
               std::optional<double> value, absl::string_view note);

  // The same where the peer did a part of the work: `own` is Headway's value on
  // that part, and may have a target.
  void AddPeerOnPart(absl::string_view metric, absl::string_view peer,
                     std::optional<double> own, std::optional<double> value,
                     absl::string_view note,
                     std::optional<Target> target = std::nullopt);

  // The value that Add was given for the metric; empty if there was none.
  std::optional<double> Value(absl::string_view metric) const;

 private:
  struct Figure {
    std::optional<double> value;
    std::string unit;
  };

  std::ostream& out_;
  std::map<std::string, Figure, std::less<>> figures_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_REPORT_H_
