// What R's forecast package and statsforecast said about the competition
// series, and how long they took: directory/reference.
#ifndef HEADWAY_TOOLS_BENCH_FORECAST_REFERENCE_FORECASTS_H_
#define HEADWAY_TOOLS_BENCH_FORECAST_REFERENCE_FORECASTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "tools/bench/forecast/competition.h"
#include "tools/bench/forecast/forecast_scores.h"

namespace headway::bench {

// A method of a reference, or the median of several, that one of ours is
// compared with.
struct PeerMethod {
  // "R forecast" or "statsforecast".
  absl::string_view peer;
  // In its file; one, or the members of a median.
  std::vector<std::string> names;
  // The same method as ours, which is to be level with it.
  bool is_same_method = true;

  // "sf_dot", "median of sf_ets, sf_dot".
  std::string Describe() const;
};

// Whether a method is a choice among others or a combination of them.
bool IsCombination(absl::string_view method);

// What `method` of ours is compared with; empty if with nothing.
std::vector<PeerMethod> PeersOf(absl::string_view method);

// A method that took part in M3, as published: over all series of the set, or
// of the four for "m3_all".
struct PublishedScores {
  std::string method;
  double smape = 0;
  double mase = 0;

  // Against Naive2 as M4 computes it, which differs from that of M3.
  double Owa(const MeanScores& naive2) const {
    return (smape / naive2.smape + mase / naive2.mase) / 2;
  }
};
// Empty for a set that is none of M3.
std::vector<PublishedScores> LoadPublished(const std::string& directory,
                                           absl::string_view set);

// Of one set and both peers. Files that are absent hold nothing.
class ReferenceForecasts {
 public:
  ReferenceForecasts(const std::string& directory, const CompetitionSet& set);

  // For series `id`; nothing where the peer failed or was not run.
  std::optional<IntervalForecast> Find(const PeerMethod& peer,
                                       const std::string& id) const;
  // CPU seconds of one thread, of all members together.
  std::optional<double> FindSeconds(const PeerMethod& peer,
                                    const std::string& id) const;

 private:
  void LoadForecasts(const std::string& path);
  void LoadTimes(const std::string& path);

  // By id and method, "N0001 ets".
  absl::flat_hash_map<std::string, IntervalForecast> forecasts_;
  absl::flat_hash_map<std::string, double> seconds_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_FORECAST_REFERENCE_FORECASTS_H_
