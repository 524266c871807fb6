#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/scores/scores.h"
#include "tools/bench/paths/runs.h"

namespace headway::bench {
namespace {

using Paths = std::vector<std::vector<double>>;

constexpr size_t kPast = 120;
constexpr size_t kHorizon = 12;

std::vector<double> Autoregression(uint64_t seed) {
  forecast::NormalGenerator normal(seed);
  std::vector<double> values = {0};
  while (values.size() < kPast + kHorizon) {
    values.push_back(0.7 * values.back() + normal.Next());
  }
  return values;
}

// The same values at each step, in another order at each.
Paths Shuffled(Paths paths) {
  for (size_t h = 0; h < paths[0].size(); ++h) {
    for (size_t p = paths.size(); p-- > 1;) {
      const double uniform = forecast::UniformAt(h, p);
      const size_t other =
          static_cast<size_t>(uniform * static_cast<double>(p + 1));
      std::swap(paths[p][h], paths[other][h]);
    }
  }
  return paths;
}

enum class Of { kSum, kMaximum, kBoth };

Paths Reduced(const Paths& paths, Of of) {
  Paths reduced;
  for (const std::vector<double>& path : paths) {
    const double sum = std::accumulate(path.begin(), path.end(), 0.0);
    const double most = *std::max_element(path.begin(), path.end());
    reduced.push_back(of == Of::kSum       ? std::vector<double>{sum}
                      : of == Of::kMaximum ? std::vector<double>{most}
                                           : std::vector<double>{sum, most});
  }
  return reduced;
}

}  // namespace

absl::Status MeasureEnergy(bool quick, Report& report) {
  const uint64_t series = quick ? 100 : 1000;
  forecast::Options options;
  options.method = "arima";
  options.horizon = static_cast<int>(kHorizon);
  options.paths = 500;
  options.backtest = false;
  const std::pair<Of, const char*> kinds[] = {
      {Of::kSum, "sum"}, {Of::kMaximum, "maximum"}, {Of::kBoth, "both"}};
  double together[3] = {};
  double apart[3] = {};
  for (uint64_t seed = 1; seed <= series; ++seed) {
    const std::vector<double> values = Autoregression(seed);
    const std::vector<double> past(values.begin(), values.begin() + kPast);
    const Paths future = {{values.begin() + kPast, values.end()}};
    ASSIGN_OR_RETURN(const forecast::Forecast made,
                     forecast::MakeForecast(past, options));
    const Paths shuffled = Shuffled(made.paths);
    for (size_t i = 0; i < 3; ++i) {
      const Of of = kinds[i].first;
      const std::vector<double> actual = Reduced(future, of)[0];
      together[i] += scores::EnergyScore(actual, Reduced(made.paths, of));
      apart[i] += scores::EnergyScore(actual, Reduced(shuffled, of));
    }
  }
  for (size_t i = 0; i < 3; ++i) {
    const std::string metric = absl::StrCat("energy_score.", kinds[i].second);
    report.Add(metric, together[i] / static_cast<double>(series), "1",
               absl::StrCat("12 steps of AR(0.7), ", series, " series of ",
                            kPast, " values, 500 paths by arima"));
    report.AddPeer(metric, "independent marginals",
                   apart[i] / static_cast<double>(series),
                   "the same values in another order at each step");
  }
  return absl::OkStatus();
}

}  // namespace headway::bench
