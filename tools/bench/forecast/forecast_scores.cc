#include "tools/bench/forecast/forecast_scores.h"

#include "daemon/forecast/math/seasonality.h"
#include "daemon/scores/scores.h"

namespace headway::bench {
namespace {

constexpr double kLevel = 0.95;
constexpr int kLeastCycles = 3;

// Adds a term to the sum; the sum is absent once any term is.
void Accumulate(std::optional<double>& sum, const std::optional<double>& term) {
  sum = sum && term ? std::optional<double>(*sum + *term) : std::nullopt;
}

}  // namespace

std::optional<SeriesScore> ScoreSeries(const CompetitionSeries& series,
                                       int season,
                                       const IntervalForecast& forecast) {
  const std::optional<double> scale =
      scores::SeasonalNaiveError(series.past, season);
  if (!scale.has_value()) return std::nullopt;
  SeriesScore score;
  score.smape = scores::SymmetricPercentageError(series.actual, forecast.point);
  score.mase =
      scores::MeanAbsoluteScaledError(series.actual, forecast.point, *scale);
  if (!forecast.lower.empty()) {
    const scores::Intervals intervals = {forecast.lower, forecast.upper,
                                         kLevel};
    score.msis =
        scores::MeanScaledIntervalScore(series.actual, intervals, *scale);
    score.coverage95 = scores::Coverage(series.actual, intervals);
  }
  return score;
}

std::vector<double> Naive2(absl::Span<const double> past, int season,
                           int horizon) {
  const auto n = static_cast<int>(past.size());
  std::vector<double> forecast(horizon, past.back());
  if (season < 2 || n < kLeastCycles * season ||
      !forecast::IsSeasonal(past, season)) {
    return forecast;
  }
  const std::vector<double> indices = forecast::SeasonalIndices(
      past, season, forecast::Decomposition::kMultiplicative);
  const double adjusted = past.back() / indices[(n - 1) % season];
  for (int h = 0; h < horizon; ++h) {
    forecast[h] = adjusted * indices[(n + h) % season];
  }
  return forecast;
}

MeanScores Average(absl::Span<const std::optional<SeriesScore>> method,
                   absl::Span<const std::optional<SeriesScore>> naive2,
                   absl::Span<const std::optional<SeriesScore>> restrict_to) {
  MeanScores mean{.msis = 0.0, .coverage95 = 0.0};
  scores::PointErrors benchmark;
  for (size_t i = 0; i < method.size(); ++i) {
    if (!method[i] || !naive2[i] || !restrict_to[i]) continue;
    ++mean.series;
    mean.smape += method[i]->smape;
    mean.mase += method[i]->mase;
    benchmark.smape += naive2[i]->smape;
    benchmark.mase += naive2[i]->mase;
    Accumulate(mean.msis, method[i]->msis);
    Accumulate(mean.coverage95, method[i]->coverage95);
  }
  // The ratios of sums over the same series are those of the means.
  mean.owa = scores::OverallWeightedAverage({mean.mase, mean.smape}, benchmark);
  const double n = mean.series;
  mean.smape /= n;
  mean.mase /= n;
  if (mean.msis) *mean.msis /= n;
  if (mean.coverage95) *mean.coverage95 /= n;
  return mean;
}

}  // namespace headway::bench
