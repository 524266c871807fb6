// The stored forecasts of R's forecast package and of statsforecast for the
// competition series, and the times that they took: directory/reference.
#ifndef HEADWAY_TOOLS_BENCH_FORECAST_REFERENCE_FORECASTS_H_
#define HEADWAY_TOOLS_BENCH_FORECAST_REFERENCE_FORECASTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "daemon/scores/scores.h"
#include "tools/bench/forecast/competition.h"
#include "tools/bench/forecast/forecast_scores.h"

namespace headway::bench {

// A method of a peer, or the median of several, that one of Headway's methods
// is compared with.
struct PeerMethod {
  // "R forecast" or "statsforecast".
  absl::string_view peer;
  // Its name in the peer's files, or the names of the members of a median.
  std::vector<std::string> names;
  // Whether it is the same method as Headway's, so that the two should score
  // alike.
  bool is_same_method = true;

  // "sf_dot", "median of sf_ets, sf_dot".
  std::string Describe() const;
};

// Whether a method of Headway chooses among others or combines them.
bool IsCombination(absl::string_view method);

// The peers of Headway's `method`; empty if there is none.
std::vector<PeerMethod> PeersOf(absl::string_view method);

// The published scores of a method that took part in M3, over all series of a
// set, or of all four sets for "m3_all".
struct PublishedScores {
  std::string method;
  double smape = 0;
  double mase = 0;

  // Against Naive2 as in M4, which differs from the Naive2 of M3.
  double Owa(const MeanScores& naive2) const {
    return scores::OverallWeightedAverage({mase, smape},
                                          {naive2.mase, naive2.smape});
  }
};
// Empty for a set that is not part of M3.
std::vector<PublishedScores> LoadPublished(const std::string& directory,
                                           absl::string_view set);

// The forecasts and times of both peers on one set. A file that is absent
// counts as empty.
class ReferenceForecasts {
 public:
  ReferenceForecasts(const std::string& directory, const CompetitionSet& set);

  // The forecast for the series `id`; absent if the peer failed on it or was
  // not run.
  std::optional<IntervalForecast> Find(const PeerMethod& peer,
                                       const std::string& id) const;
  // CPU seconds on one thread, the sum over all members.
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
