#include "daemon/forecast/paths.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/math/cholesky.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/quantile_function.h"
#include "daemon/forecast/math/stop.h"
#include "daemon/forecast/math/transform.h"

namespace headway::forecast {
namespace {

constexpr int kMostPaths = 10'000;
// So few draws are no strata of their own. A convention.
constexpr int kLeastDrawn = 500;
// Dense enough that a line between two of them is as good as the quantiles.
constexpr double kGrid[] = {0.005, 0.01,  0.025, 0.05, 0.1,  0.15, 0.2,
                            0.25,  0.3,   0.35,  0.4,  0.45, 0.5,  0.55,
                            0.6,   0.65,  0.7,   0.75, 0.8,  0.85, 0.9,
                            0.95,  0.975, 0.99,  0.995};
// Probabilities nearer to each other than this are one: a slope between the two
// would be rounding.
constexpr double kLeastApart = 1e-6;

std::vector<double> ScoresOf(absl::Span<const double> probabilities) {
  std::vector<double> scores(probabilities.size());
  std::transform(probabilities.begin(), probabilities.end(), scores.begin(),
                 NormalQuantile);
  return scores;
}

// Half the distance between the quantiles one standard deviation to either
// side, squared: the variance of a normal distribution.
double VarianceOf(const QuantileFunction& quantiles,
                  const Transform& transform) {
  const double half = (transform.Forward(quantiles.At(1)) -
                       transform.Forward(quantiles.At(-1))) /
                      2;
  return half * half;
}

std::vector<double> WeightsOf(absl::Span<const double> variances) {
  std::vector<double> weights(variances.size());
  weights[0] = 1;
  // What has fallen and rises again has not grown.
  double greatest = variances[0];
  for (size_t j = 1; j < variances.size() && variances[0] > 0; ++j) {
    const double growth = (variances[j] - greatest) / variances[0];
    if (growth > 0 && std::isfinite(growth)) weights[j] = std::sqrt(growth);
    greatest = std::max(greatest, variances[j]);
  }
  return weights;
}

// The innovations of all series, correlated within each period.
class Innovations {
 public:
  Innovations(absl::Span<const PathJob> jobs,
              std::vector<std::vector<double>> factor, size_t drawn)
      : jobs_(jobs), factor_(std::move(factor)), drawn_(drawn) {}

  // Those of `step` of a series, one for each draw.
  std::vector<double> At(size_t series, int64_t step) const {
    if (factor_.empty()) return Own(series, step);
    std::vector<double> sum(drawn_);
    for (size_t other = 0; other <= series; ++other) {
      const double weight = factor_[series][other];
      if (weight == 0) continue;
      const std::vector<double> own =
          Own(other, step + jobs_[series].first - jobs_[other].first);
      for (size_t p = 0; p < drawn_; ++p) sum[p] += weight * own[p];
    }
    return sum;
  }

 private:
  // A series may be asked for steps before its first, which have numbers of
  // their own since the counter wraps.
  std::vector<double> Own(size_t series, int64_t step) const {
    std::vector<double> own(drawn_);
    const uint64_t start = static_cast<uint64_t>(step) * drawn_;
    for (size_t p = 0; p < drawn_; ++p) {
      own[p] = NormalAt(jobs_[series].seed, start + p);
    }
    return own;
  }

  absl::Span<const PathJob> jobs_;
  std::vector<std::vector<double>> factor_;
  size_t drawn_;
};

// Turns draws that are ordered by the copula into those of the distribution:
// the least of them into its lowest stratum, and so on.
void Stratify(const QuantileFunction& quantiles,
              absl::Span<const double> strata, size_t count,
              std::vector<double>& draws) {
  std::vector<uint32_t> order(draws.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&draws](uint32_t a, uint32_t b) {
    return draws[a] != draws[b] ? draws[a] < draws[b] : a < b;
  });
  for (size_t rank = 0; rank < order.size(); ++rank) {
    if (order[rank] < count) draws[order[rank]] = quantiles.At(strata[rank]);
  }
  draws.resize(count);
}

// The standard normal scores of the middles of equally likely parts.
std::vector<double> StrataOf(size_t drawn) {
  std::vector<double> strata(drawn);
  for (size_t k = 0; k < drawn; ++k) {
    strata[k] = NormalQuantile((static_cast<double>(k) + 0.5) /
                               static_cast<double>(drawn));
  }
  return strata;
}

absl::StatusOr<PathRows> DrawOne(const PathLaw& law, size_t series,
                                 const Innovations& innovations,
                                 absl::Span<const double> strata, size_t count,
                                 StopRequest stop) {
  const std::vector<double> scores = ScoresOf(law.probabilities);
  std::vector<std::vector<double>> shocks;
  PathRows rows;
  for (size_t h = 0; h < law.quantiles.size(); ++h) {
    if (stop.Ask()) return GivenUp();
    shocks.push_back(innovations.At(series, static_cast<int64_t>(h)));
    std::vector<double> draws(strata.size());
    for (size_t j = 0; j <= h; ++j) {
      const double weight = law.weights[j];
      if (weight == 0) continue;
      const std::vector<double>& shock = shocks[h - j];
      for (size_t p = 0; p < draws.size(); ++p) draws[p] += weight * shock[p];
    }
    Stratify(QuantileFunction(scores, law.quantiles[h], law.bounds), strata,
             count, draws);
    rows.push_back(std::move(draws));
  }
  return rows;
}

absl::Status CheckCorrelation(const std::vector<std::vector<double>>& rows,
                              size_t series) {
  const auto fits = [series](const std::vector<double>& row) {
    return row.size() == series;
  };
  if (rows.empty() ||
      (rows.size() == series && std::all_of(rows.begin(), rows.end(), fits))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the correlation of the innovations has ", rows.size(),
                   " rows; give ", series, " of ", series, ", or none"));
}

// Keeps those of `kept`, which all are among those of the forecast.
void KeepQuantiles(absl::Span<const double> kept, Forecast& forecast) {
  std::vector<size_t> places;
  for (double probability : kept) {
    places.push_back(static_cast<size_t>(
        std::lower_bound(forecast.probabilities.begin(),
                         forecast.probabilities.end(), probability) -
        forecast.probabilities.begin()));
  }
  for (std::vector<double>& quantiles : forecast.quantiles) {
    std::vector<double> left;
    for (size_t place : places) left.push_back(quantiles[place]);
    quantiles = std::move(left);
  }
  forecast.probabilities.assign(kept.begin(), kept.end());
}

// Many series are forecast with one seed, and are not to go together by it.
uint64_t SeedOf(absl::Span<const double> values, uint64_t seed) {
  StableHash hash;
  hash.Add(seed);
  for (double value : values) hash.Add(value);
  return hash.value();
}

// From [step][path] to [path][step].
std::vector<std::vector<double>> Transposed(const PathRows& rows) {
  std::vector<std::vector<double>> paths(rows[0].size());
  for (size_t p = 0; p < paths.size(); ++p) {
    for (const std::vector<double>& row : rows) paths[p].push_back(row[p]);
  }
  return paths;
}

}  // namespace

absl::Status CheckPathCount(int count) {
  if (0 <= count && count <= kMostPaths) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(count, " paths are out of range; choose 0 to ", kMostPaths));
}

std::vector<double> PathProbabilities(absl::Span<const double> also) {
  std::vector<double> all(also.begin(), also.end());
  for (double probability : kGrid) {
    if (std::none_of(also.begin(), also.end(), [probability](double other) {
          return std::abs(other - probability) < kLeastApart;
        })) {
      all.push_back(probability);
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

absl::StatusOr<PathLaw> MakePathLaw(absl::Span<const double> values,
                                    const Forecast& forecast, Bounds bounds) {
  if (forecast.probabilities.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "paths are drawn from at least two quantiles, and the "
        "forecast has ",
        forecast.probabilities.size(), "; ask for those of PathProbabilities"));
  }
  const Curve curve = bounds == Bounds::kNone ? Curve::kStraight : Curve::kLog;
  ASSIGN_OR_RETURN(const Transform transform,
                   Transform::Create(bounds, curve, values));
  PathLaw law = {forecast.probabilities, forecast.quantiles, {}, bounds};
  const std::vector<double> scores = ScoresOf(law.probabilities);
  std::vector<double> variances;
  for (const std::vector<double>& quantiles : law.quantiles) {
    variances.push_back(
        VarianceOf(QuantileFunction(scores, quantiles, bounds), transform));
  }
  law.weights = WeightsOf(variances);
  return law;
}

absl::StatusOr<std::vector<PathRows>> DrawPaths(
    absl::Span<const PathJob> jobs,
    std::vector<std::vector<double>> correlation, int count,
    const std::function<bool()>& stopped) {
  RETURN_IF_ERROR(CheckPathCount(count));
  RETURN_IF_ERROR(CheckCorrelation(correlation, jobs.size()));
  if (!correlation.empty() && !FactoriseCholesky(correlation)) {
    return absl::InvalidArgumentError(
        "the correlation of the innovations is not positive definite; shrink "
        "it towards its diagonal");
  }
  StopLatch latch(stopped);
  const StopRequest stop(latch);
  const size_t drawn = static_cast<size_t>(std::max(count, kLeastDrawn));
  const std::vector<double> strata = StrataOf(drawn);
  const Innovations innovations(jobs, std::move(correlation), drawn);
  std::vector<PathRows> paths;
  for (size_t i = 0; i < jobs.size(); ++i) {
    ASSIGN_OR_RETURN(PathRows rows,
                     DrawOne(*jobs[i].law, i, innovations, strata,
                             static_cast<size_t>(count), stop));
    paths.push_back(std::move(rows));
  }
  return paths;
}

absl::StatusOr<Forecast> MakeForecastWithPaths(absl::Span<const double> values,
                                               const Options& options) {
  Options dense = options;
  dense.paths = 0;
  dense.probabilities = PathProbabilities(options.probabilities);
  ASSIGN_OR_RETURN(Forecast forecast, MakeForecast(values, dense));
  ASSIGN_OR_RETURN(const PathLaw law,
                   MakePathLaw(values, forecast, options.bounds));
  const PathJob job = {&law, SeedOf(values, options.seed)};
  ASSIGN_OR_RETURN(const std::vector<PathRows> paths,
                   DrawPaths({job}, {}, options.paths, options.stopped));
  forecast.paths = Transposed(paths[0]);
  KeepQuantiles(options.probabilities, forecast);
  return forecast;
}

}  // namespace headway::forecast
