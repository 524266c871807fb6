#include "tools/bench/calibration/processes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>

namespace headway::bench {
namespace {

// Far from zero, so that no process but those on logarithms meets it.
constexpr double kLevel = 100;
// Steps after which a stationary process has forgotten its start.
constexpr int kBurnIn = 200;

double Normal(Generator& generator) {
  return std::normal_distribution<double>()(generator);
}

double Uniform(Generator& generator) {
  return std::uniform_real_distribution<double>()(generator);
}

// Student's t with `degrees` degrees of freedom, scaled to variance one.
double HeavyTailed(double degrees, Generator& generator) {
  return std::student_t_distribution<double>(degrees)(generator) *
         std::sqrt((degrees - 2) / degrees);
}

std::vector<double> Generate(int size, const std::function<double(int)>& next) {
  std::vector<double> values(size);
  for (int t = 0; t < size; ++t) values[t] = next(t);
  return values;
}

// phi is the autocorrelation at lag one; innovations have variance one.
std::vector<double> Autoregression(double phi, int size, Generator& generator) {
  double state = 0;
  for (int t = 0; t < kBurnIn; ++t) state = phi * state + Normal(generator);
  return Generate(size, [&](int) {
    state = phi * state + Normal(generator);
    return kLevel + state;
  });
}

std::vector<double> RandomWalk(int size, Generator& generator) {
  double level = kLevel;
  return Generate(size, [&](int) { return level += Normal(generator); });
}

std::vector<double> Ar07(int size, Generator& generator) {
  return Autoregression(0.7, size, generator);
}

std::vector<double> WhiteNoise(int size, Generator& generator) {
  return Generate(size, [&](int) { return kLevel + Normal(generator); });
}

std::vector<double> TrendAndNoise(int size, Generator& generator) {
  return Generate(size,
                  [&](int t) { return kLevel + 0.3 * t + Normal(generator); });
}

std::vector<double> LevelAndSeason(int size, Generator& generator) {
  std::array<double, 12> season;
  for (double& value : season) value = 2 * Normal(generator);
  return Generate(size, [&](int t) {
    return kLevel + season[t % season.size()] + Normal(generator);
  });
}

std::vector<double> DriftInLogarithms(int size, Generator& generator) {
  double logarithm = std::log(kLevel);
  return Generate(size, [&](int) {
    logarithm += 0.01 + 0.05 * Normal(generator);
    return std::exp(logarithm);
  });
}

// The exponential smoothing model of a level: a walk seen through noise.
std::vector<double> LocalLevel(int size, Generator& generator) {
  double level = kLevel;
  return Generate(size, [&](int) {
    level += 0.5 * Normal(generator);
    return level + Normal(generator);
  });
}

std::vector<double> SeasonalWalk(int size, Generator& generator) {
  std::array<double, 4> season;
  for (double& value : season) value = 4 * Normal(generator);
  double level = kLevel;
  return Generate(size, [&](int t) {
    level += 0.2 + 0.5 * Normal(generator);
    return level + (season[t % season.size()] += 0.2 * Normal(generator)) +
           Normal(generator);
  });
}

// One value in twenty has an error of five standard deviations more.
std::vector<double> Outliers(int size, Generator& generator) {
  return Generate(size, [&](int) {
    const double noise = Normal(generator);
    const bool is_outlier = Uniform(generator) < 0.05;
    return kLevel + (is_outlier ? noise + 5 * Normal(generator) : noise);
  });
}

std::vector<double> Integers(int size, Generator& generator) {
  std::vector<double> values = Autoregression(0.5, size, generator);
  for (double& value : values) value = std::round(20 + 3 * (value - kLevel));
  return values;
}

std::vector<double> DoubleSeason(int size, Generator& generator) {
  std::array<double, 7> week;
  std::array<double, 30> month;
  for (double& value : week) value = 2 * Normal(generator);
  for (double& value : month) value = Normal(generator);
  return Generate(size, [&](int t) {
    return kLevel + week[t % week.size()] + month[t % month.size()] +
           Normal(generator);
  });
}

std::vector<double> HeavyTails(int size, Generator& generator) {
  double level = kLevel;
  return Generate(size,
                  [&](int) { return level += HeavyTailed(4, generator); });
}

std::vector<double> LevelShifts(int size, Generator& generator) {
  double level = kLevel;
  return Generate(size, [&](int) {
    if (Uniform(generator) < 0.02) level += 5 * Normal(generator);
    return level + Normal(generator);
  });
}

// GARCH(1,1) (Bollerslev 1986) in the changes of a level.
std::vector<double> VolatilityClusters(int size, Generator& generator) {
  double level = kLevel;
  double variance = 1;
  double change = 0;
  const auto next = [&](int) {
    variance = 0.05 + 0.15 * change * change + 0.8 * variance;
    change = std::sqrt(variance) * Normal(generator);
    return level += change;
  };
  for (int t = 0; t < kBurnIn; ++t) next(t);
  level = kLevel;
  return Generate(size, next);
}

std::vector<double> NearUnitRoot(int size, Generator& generator) {
  return Autoregression(0.97, size, generator);
}

std::vector<double> RareCounts(int size, Generator& generator) {
  std::poisson_distribution<int> counts(0.4);
  return Generate(size, [&](int) { return counts(generator); });
}

std::vector<double> Counts(int size, Generator& generator) {
  std::poisson_distribution<int> counts(4);
  return Generate(size, [&](int) { return counts(generator); });
}

// Clustered counts: Poisson with a gamma-distributed mean (negative binomial).
std::vector<double> ClusteredCounts(int size, Generator& generator) {
  std::gamma_distribution<double> mean(1.5, 1);
  return Generate(size, [&](int) {
    return std::poisson_distribution<int>(mean(generator))(generator);
  });
}

// A share that is often whole, and otherwise somewhat below.
std::vector<double> SharesAtTheBound(int size, Generator& generator) {
  return Generate(size, [&](int) {
    return Uniform(generator) < 0.6 ? 100.0
                                    : 100 - 5 * std::abs(Normal(generator));
  });
}

std::vector<double> Shares(int size, Generator& generator) {
  double logit = -1;
  return Generate(size, [&](int) {
    logit += 0.1 * Normal(generator);
    return 100 / (1 + std::exp(-logit));
  });
}

constexpr auto kNone = forecast::Bounds::kNone;
constexpr auto kNonNegative = forecast::Bounds::kNonNegative;
constexpr auto kPercent = forecast::Bounds::kPercent;
constexpr Process kProcesses[] = {
    {"random_walk", Kind::kPlain, 1, kNone, RandomWalk},
    {"ar07", Kind::kPlain, 1, kNone, Ar07},
    {"white_noise", Kind::kPlain, 1, kNone, WhiteNoise},
    {"trend_noise", Kind::kPlain, 1, kNone, TrendAndNoise},
    {"level_season12", Kind::kPlain, 12, kNone, LevelAndSeason},
    {"log_drift", Kind::kPlain, 12, kNone, DriftInLogarithms},
    {"local_level", Kind::kPlain, 1, kNone, LocalLevel},
    {"seasonal_walk4", Kind::kPlain, 4, kNone, SeasonalWalk},
    {"outliers", Kind::kPlain, 1, kNone, Outliers},
    {"integers", Kind::kPlain, 1, kNone, Integers},
    {"double_season", Kind::kPlain, 7, kNone, DoubleSeason},
    {"heavy_tails", Kind::kPlain, 1, kNone, HeavyTails},
    {"level_shifts", Kind::kOracle, 1, kNone, LevelShifts},
    {"volatility_clusters", Kind::kOracle, 1, kNone, VolatilityClusters},
    {"near_unit_root", Kind::kOracle, 1, kNone, NearUnitRoot},
    {"poisson04", Kind::kAtoms, 1, kNonNegative, RareCounts},
    {"poisson4", Kind::kAtoms, 1, kNonNegative, Counts},
    {"clustered_counts", Kind::kAtoms, 1, kNonNegative, ClusteredCounts},
    {"share_at_bound", Kind::kAtoms, 1, kPercent, SharesAtTheBound},
    {"share", Kind::kPlain, 1, kPercent, Shares},
};

}  // namespace

absl::Span<const Process> Processes() { return kProcesses; }

std::vector<double> DrawSeries(const Process& process, int size,
                               uint64_t index) {
  std::vector<uint32_t> words = {static_cast<uint32_t>(index),
                                 static_cast<uint32_t>(index >> 32),
                                 static_cast<uint32_t>(size)};
  words.insert(words.end(), process.name.begin(), process.name.end());
  std::seed_seq seed(words.begin(), words.end());
  Generator generator(seed);
  return process.draw(size, generator);
}

}  // namespace headway::bench
