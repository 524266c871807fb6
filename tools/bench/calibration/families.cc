#include "tools/bench/calibration/families.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace headway::bench {
namespace {

// Steps after which a stationary process has forgotten its start.
constexpr int kForgetting = 300;
constexpr int kSeasons[] = {4, 7, 12, 12};

// Draws the parameters of one series and its errors.
class Draw {
 public:
  explicit Draw(uint64_t seed)
      : generator_(seed),
        level(LogUniform(20, 3000)),
        deviation(LogUniform(0.3, 3)),
        errors_(Choice(5)) {}

  double Uniform(double least, double most) {
    return std::uniform_real_distribution<double>(least, most)(generator_);
  }
  double LogUniform(double least, double most) {
    return std::exp(Uniform(std::log(least), std::log(most)));
  }
  double Normal() { return std::normal_distribution<double>()(generator_); }
  int Choice(int count) { return static_cast<int>(generator_() % count); }

  // An error of variance one: normal in three series of five, else of Laplace's
  // distribution or Student's with five degrees of freedom.
  double Error() {
    if (errors_ < 3) return Normal();
    if (errors_ == 3) {
      const double size = std::exponential_distribution<double>()(generator_);
      return (Choice(2) == 0 ? -size : size) / std::sqrt(2);
    }
    return std::student_t_distribution<double>(5)(generator_) * std::sqrt(0.6);
  }

  // `amplitude` times normal numbers, one for each season of a cycle.
  std::vector<double> Season(int season, double amplitude) {
    std::vector<double> effects(season);
    for (double& effect : effects) effect = amplitude * Normal();
    return effects;
  }

 private:
  std::mt19937_64 generator_;

 public:
  const double level;
  const double deviation;

 private:
  int errors_;
};

// phi and theta of an ARMA(1,1) around zero.
std::vector<double> Stationary(int size, double phi, double theta, Draw& draw) {
  double state = 0;
  double before = 0;
  const auto next = [&] {
    const double error = draw.deviation * draw.Error();
    state = phi * state + error + theta * before;
    before = error;
    return state;
  };
  for (int t = 0; t < kForgetting; ++t) next();
  std::vector<double> values(size);
  for (double& value : values) value = next();
  return values;
}

// Adds level, slope and season to `values`.
void Add(double level, double slope, const std::vector<double>& season,
         std::vector<double>& values) {
  for (size_t t = 0; t < values.size(); ++t) {
    values[t] += level + slope * static_cast<double>(t) +
                 (season.empty() ? 0 : season[t % season.size()]);
  }
}

RandomSeries Walk(int size, Draw& draw) {
  RandomSeries series{std::vector<double>(size)};
  const double drift =
      draw.Choice(2) == 0 ? 0 : draw.Uniform(-0.3, 0.3) * draw.deviation;
  double level = draw.level;
  for (double& value : series.values) {
    value = level += drift + draw.deviation * draw.Error();
  }
  return series;
}

RandomSeries Autoregression(int size, Draw& draw) {
  const double phi =
      draw.Choice(2) == 0 ? draw.Uniform(-0.5, 0.98) : draw.Uniform(0.4, 0.95);
  RandomSeries series{Stationary(size, phi, 0, draw)};
  Add(draw.level, 0, {}, series.values);
  return series;
}

RandomSeries Noise(int size, Draw& draw) {
  RandomSeries series{Stationary(size, 0, 0, draw)};
  Add(draw.level, 0, {}, series.values);
  return series;
}

RandomSeries Trend(int size, Draw& draw) {
  const double slope = draw.Uniform(-0.6, 0.6) * draw.deviation;
  const double phi = draw.Choice(3) == 0 ? draw.Uniform(0, 0.7) : 0;
  RandomSeries series{Stationary(size, phi, 0, draw)};
  Add(draw.level, slope, {}, series.values);
  return series;
}

RandomSeries LocalLevel(int size, Draw& draw) {
  RandomSeries series{std::vector<double>(size)};
  const double step = draw.LogUniform(0.05, 2) * draw.deviation;
  const double drift = draw.Choice(2) == 0 ? 0 : draw.Uniform(-0.3, 0.3) * step;
  double level = draw.level;
  for (double& value : series.values) {
    level += drift + step * draw.Error();
    value = level + draw.deviation * draw.Normal();
  }
  return series;
}

RandomSeries LocalTrend(int size, Draw& draw) {
  RandomSeries series{std::vector<double>(size)};
  // Down to lines that bend too little to be told from straight ones.
  const double step = draw.LogUniform(0.01, 1) * draw.deviation;
  const double bend = draw.LogUniform(0.0005, 0.1) * draw.deviation;
  double slope = draw.Uniform(-0.2, 0.2) * draw.deviation;
  double level = draw.level;
  for (double& value : series.values) {
    slope += bend * draw.Normal();
    level += slope + step * draw.Error();
    value = level + draw.deviation * draw.Normal();
  }
  return series;
}

// A level that jumps now and then.
RandomSeries ShiftingLevel(int size, Draw& draw) {
  const double rate = draw.LogUniform(0.003, 0.05);
  const double jump = draw.Uniform(1, 7) * draw.deviation;
  RandomSeries series{std::vector<double>(size)};
  double level = draw.level;
  for (double& value : series.values) {
    if (draw.Uniform(0, 1) < rate) level += jump * draw.Normal();
    value = level + draw.deviation * draw.Error();
  }
  return series;
}

RandomSeries MixedAutoregression(int size, Draw& draw) {
  const double phi = draw.Uniform(-0.3, 0.9);
  RandomSeries series{Stationary(size, phi, draw.Uniform(-0.8, 0.8), draw)};
  Add(draw.level, 0, {}, series.values);
  return series;
}

RandomSeries AutoregressiveChanges(int size, Draw& draw) {
  RandomSeries series{Stationary(size, draw.Uniform(-0.4, 0.8), 0, draw)};
  double level = draw.level;
  for (double& value : series.values) value = level += value;
  return series;
}

RandomSeries FixedSeason(int size, Draw& draw) {
  const int season = kSeasons[draw.Choice(4)];
  const std::vector<double> effects =
      draw.Season(season, draw.Uniform(0.3, 3) * draw.deviation);
  const double slope =
      draw.Choice(2) == 0 ? 0 : draw.Uniform(-0.1, 0.1) * draw.deviation;
  const double phi = draw.Choice(2) == 0 ? 0 : draw.Uniform(0, 0.8);
  RandomSeries series{Stationary(size, phi, 0, draw), season};
  Add(draw.level, slope, effects, series.values);
  return series;
}

RandomSeries ChangingSeason(int size, Draw& draw) {
  const int season = kSeasons[draw.Choice(4)];
  std::vector<double> effects =
      draw.Season(season, draw.Uniform(0.3, 3) * draw.deviation);
  const double step = draw.LogUniform(0.1, 1) * draw.deviation;
  const double change = draw.Uniform(0, 0.3) * draw.deviation;
  const double drift = draw.Uniform(-0.2, 0.2) * draw.deviation;
  const double noise = draw.Uniform(0, 1) * draw.deviation;
  double level = draw.level;
  RandomSeries series{{}, season};
  for (int t = 0; t < size; ++t) {
    level += drift + step * draw.Error();
    double& effect = effects[t % season];
    effect += change * draw.Normal();
    series.values.push_back(level + effect + noise * draw.Normal());
  }
  return series;
}

// A season in logarithms, in half of the series.
RandomSeries WithSeasonOfRates(double rate, Draw& draw,
                               std::vector<double> logarithms) {
  const int season = draw.Choice(2) == 0 ? 1 : kSeasons[draw.Choice(4)];
  const double amplitude = draw.Choice(2) == 0 ? 0 : draw.Uniform(0.5, 3);
  Add(std::log(draw.level), 0, draw.Season(season, amplitude * rate),
      logarithms);
  for (double& value : logarithms) value = std::exp(value);
  return {std::move(logarithms), season};
}

RandomSeries WalkOfLogarithms(int size, Draw& draw) {
  const double rate = draw.LogUniform(0.01, 0.12);
  const double drift = draw.Uniform(-0.25, 0.5) * rate;
  std::vector<double> logarithms(size);
  double level = 0;
  for (double& value : logarithms) {
    value = level += drift + rate * draw.Error();
  }
  return WithSeasonOfRates(rate, draw, std::move(logarithms));
}

RandomSeries TrendOfLogarithms(int size, Draw& draw) {
  // No series grows by more than exp(15).
  constexpr double kMostGrowth = 15;
  const double rate = draw.LogUniform(0.02, 0.3);
  const double slope = draw.Choice(3) == 0 ? draw.Uniform(0.05, 0.35)
                                           : draw.Uniform(-0.1, 0.4) * rate;
  std::vector<double> logarithms(size);
  for (double& value : logarithms) value = rate * draw.Error();
  Add(0, std::min(slope, kMostGrowth / size), {}, logarithms);
  return WithSeasonOfRates(rate, draw, std::move(logarithms));
}

using Family = RandomSeries (*)(int size, Draw& draw);
constexpr Family kFamilies[] = {
    Walk,
    Autoregression,
    Noise,
    Trend,
    LocalLevel,
    LocalTrend,
    ShiftingLevel,
    MixedAutoregression,
    AutoregressiveChanges,
    FixedSeason,
    ChangingSeason,
    WalkOfLogarithms,
    TrendOfLogarithms,
};

}  // namespace

RandomSeries DrawRandomSeries(int size, uint64_t index) {
  std::seed_seq words{static_cast<uint32_t>(index),
                      static_cast<uint32_t>(index >> 32),
                      static_cast<uint32_t>(size)};
  uint32_t seed[2];
  words.generate(std::begin(seed), std::end(seed));
  Draw draw((uint64_t{seed[0]} << 32) | seed[1]);
  return kFamilies[index % std::size(kFamilies)](size, draw);
}

}  // namespace headway::bench
