#include "tools/bench/forecast/forecast_scores.h"

#include <cmath>

#include "daemon/forecast/math/seasonality.h"

namespace headway::bench {
namespace {

constexpr double kAlpha = 0.05;
constexpr int kLeastCycles = 3;

// Zero where there is none.
double Scale(absl::Span<const double> past, int season) {
  double sum = 0;
  for (size_t t = season; t < past.size(); ++t) {
    sum += std::abs(past[t] - past[t - season]);
  }
  const double count =
      static_cast<double>(past.size()) - static_cast<double>(season);
  return count > 0 ? sum / count : 0;
}

double IntervalScore(double actual, double lower, double upper) {
  return upper - lower +
         2 / kAlpha *
             (std::max(0.0, lower - actual) + std::max(0.0, actual - upper));
}

// Adds up what every series has; nothing once one has not.
void Accumulate(std::optional<double>& sum, const std::optional<double>& term) {
  sum = sum && term ? std::optional<double>(*sum + *term) : std::nullopt;
}

}  // namespace

std::optional<SeriesScore> ScoreSeries(const CompetitionSeries& series,
                                       int season,
                                       const IntervalForecast& forecast) {
  const double scale = Scale(series.past, season);
  if (!(scale > 0)) return std::nullopt;
  const auto horizon = static_cast<double>(series.actual.size());
  SeriesScore score;
  double width = 0;
  double covered = 0;
  for (size_t h = 0; h < series.actual.size(); ++h) {
    const double actual = series.actual[h];
    const double error = std::abs(actual - forecast.point[h]);
    const double size = std::abs(actual) + std::abs(forecast.point[h]);
    score.smape += size > 0 ? 200 * error / size / horizon : 0;
    score.mase += error / scale / horizon;
    if (forecast.lower.empty()) continue;
    const double lower = forecast.lower[h];
    const double upper = forecast.upper[h];
    width += IntervalScore(actual, lower, upper) / scale / horizon;
    covered += actual >= lower && actual <= upper ? 1 / horizon : 0;
  }
  if (!forecast.lower.empty()) {
    score.msis = width;
    score.coverage95 = covered;
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
  double naive2_smape = 0;
  double naive2_mase = 0;
  for (size_t i = 0; i < method.size(); ++i) {
    if (!method[i] || !naive2[i] || !restrict_to[i]) continue;
    ++mean.series;
    mean.smape += method[i]->smape;
    mean.mase += method[i]->mase;
    naive2_smape += naive2[i]->smape;
    naive2_mase += naive2[i]->mase;
    Accumulate(mean.msis, method[i]->msis);
    Accumulate(mean.coverage95, method[i]->coverage95);
  }
  mean.owa = (mean.smape / naive2_smape + mean.mase / naive2_mase) / 2;
  const double n = mean.series;
  mean.smape /= n;
  mean.mase /= n;
  if (mean.msis) *mean.msis /= n;
  if (mean.coverage95) *mean.coverage95 /= n;
  return mean;
}

}  // namespace headway::bench
