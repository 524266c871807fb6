#include "tools/bench/forecast/reference_forecasts.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace headway::bench {
namespace {

constexpr absl::string_view kR = "R forecast";
constexpr absl::string_view kStatsforecast = "statsforecast";

struct Peer {
  absl::string_view method;
  absl::string_view peer;
  absl::string_view name;
};
constexpr Peer kPeers[] = {
    {"auto_ets", kR, "ets"},
    {"auto_ets", kStatsforecast, "sf_ets"},
    {"auto_arima", kR, "auto.arima"},
    {"auto_arima", kStatsforecast, "sf_arima"},
    {"arima", kR, "auto.arima"},
    {"arima", kStatsforecast, "sf_arima"},
    {"theta", kR, "thetaf"},
    {"auto_theta", kStatsforecast, "sf_theta"},
    {"dynamic_theta", kStatsforecast, "sf_dot"},
    {"auto_ces", kStatsforecast, "sf_ces"},
    {"ses", kR, "SES"},
    {"holt", kR, "Holt"},
    {"damped_holt", kR, "Damped"},
    {"seasonal_naive", kR, "snaive"},
};

std::optional<double> Number(absl::string_view text) {
  double value = 0;
  if (!absl::SimpleAtod(absl::StripAsciiWhitespace(text), &value) ||
      !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::string KeyOf(absl::string_view id, absl::string_view method) {
  return absl::StrCat(id, " ", method);
}

std::vector<double> Medians(const std::vector<const IntervalForecast*>& members,
                            std::vector<double> IntervalForecast::*path) {
  std::vector<double> medians;
  for (size_t h = 0; h < (members[0]->*path).size(); ++h) {
    std::vector<double> sorted;
    for (const IntervalForecast* member : members) {
      if ((member->*path).size() <= h) return {};
      sorted.push_back((member->*path)[h]);
    }
    std::sort(sorted.begin(), sorted.end());
    const size_t n = sorted.size();
    medians.push_back((sorted[(n - 1) / 2] + sorted[n / 2]) / 2);
  }
  return medians;
}

}  // namespace

std::string PeerMethod::Describe() const {
  return names.size() == 1
             ? names[0]
             : absl::StrCat("median of ", absl::StrJoin(names, ", "));
}

bool IsCombination(absl::string_view method) {
  return method == "auto" || method == "auto_fast" || method == "auto_best";
}

// Combinations stand beside the one that users of statsforecast reach for, SCUM
// (Petropoulos and Svetunkov 2020), and R's default.
std::vector<PeerMethod> PeersOf(absl::string_view method) {
  if (IsCombination(method)) {
    return {
        {kR, {"ets"}, false},
        {kStatsforecast, {"sf_ets", "sf_ces", "sf_dot", "sf_arima"}, false}};
  }
  std::vector<PeerMethod> peers;
  for (const Peer& peer : kPeers) {
    if (peer.method == method) {
      peers.push_back({peer.peer, {std::string(peer.name)}});
    }
  }
  return peers;
}

// "method","period",n,smape,mase,owa
std::vector<PublishedScores> LoadPublished(const std::string& directory,
                                           absl::string_view set) {
  std::ifstream file(directory +
                     "/competitions/m3/published_methods_scores.csv");
  std::vector<PublishedScores> all;
  absl::string_view frequency = set;
  if (!absl::ConsumePrefix(&frequency, "m3_")) return all;
  const std::string period =
      absl::StrCat("\"", absl::AsciiStrToUpper(frequency), "\"");
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    if (cells.size() != 6 || cells[1] != period) continue;
    const std::optional<double> smape = Number(cells[3]);
    const std::optional<double> mase = Number(cells[4]);
    if (!smape || !mase) continue;
    all.push_back({absl::StrReplaceAll(cells[0], {{"\"", ""}}), *smape, *mase});
  }
  return all;
}

ReferenceForecasts::ReferenceForecasts(const std::string& directory,
                                       const CompetitionSet& set) {
  for (absl::string_view folder : {"r", "statsforecast"}) {
    const std::string stem = absl::StrCat(directory, "/reference/", folder, "/",
                                          set.competition, "_", set.frequency);
    LoadForecasts(stem + "_forecasts.csv.gz");
    LoadTimes(stem + "_timing.csv");
  }
}

// id,method,h,forecast,lo95,hi95,actual; an interval may be missing.
void ReferenceForecasts::LoadForecasts(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return;
  char line[512];
  while (gzgets(file, line, sizeof(line)) != nullptr) {
    const std::vector<absl::string_view> cells =
        absl::StrSplit(absl::string_view(line), ',');
    if (cells.size() != 7) continue;
    const std::optional<double> point = Number(cells[3]);
    if (!point) continue;  // the header
    IntervalForecast& forecast = forecasts_[KeyOf(cells[0], cells[1])];
    forecast.point.push_back(*point);
    const std::optional<double> lower = Number(cells[4]);
    const std::optional<double> upper = Number(cells[5]);
    if (!lower || !upper) continue;
    forecast.lower.push_back(*lower);
    forecast.upper.push_back(*upper);
  }
  gzclose(file);
}

// id,method,n,cpu_s,elapsed_s,status; some methods in two steps.
void ReferenceForecasts::LoadTimes(const std::string& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::vector<absl::string_view> cells = absl::StrSplit(line, ',');
    if (cells.size() < 6 || absl::StripAsciiWhitespace(cells[5]) != "ok") {
      continue;
    }
    const std::optional<double> seconds = Number(cells[3]);
    if (!seconds) continue;
    absl::string_view method = cells[1];
    if (!absl::ConsumeSuffix(&method, "_fit")) {
      absl::ConsumeSuffix(&method, "_forecast");
    }
    if (method == "arima") method = "auto.arima";
    seconds_[KeyOf(cells[0], method)] += *seconds;
  }
}

std::optional<IntervalForecast> ReferenceForecasts::Find(
    const PeerMethod& peer, const std::string& id) const {
  std::vector<const IntervalForecast*> members;
  for (const std::string& name : peer.names) {
    const auto it = forecasts_.find(KeyOf(id, name));
    if (it == forecasts_.end()) continue;
    members.push_back(&it->second);
  }
  if (members.size() != peer.names.size()) return std::nullopt;
  return IntervalForecast{Medians(members, &IntervalForecast::point),
                          Medians(members, &IntervalForecast::lower),
                          Medians(members, &IntervalForecast::upper)};
}

std::optional<double> ReferenceForecasts::FindSeconds(
    const PeerMethod& peer, const std::string& id) const {
  double sum = 0;
  for (const std::string& name : peer.names) {
    const auto it = seconds_.find(KeyOf(id, name));
    if (it == seconds_.end()) return std::nullopt;
    sum += it->second;
  }
  return sum;
}

}  // namespace headway::bench
