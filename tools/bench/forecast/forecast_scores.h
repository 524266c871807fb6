// The scores of a method on the series of a competition, for one series and on
// average: sMAPE, MASE, MSIS and the coverage of the central 95 % interval, and
// OWA against Naive2, all as in the M4 competition. daemon/scores/scores.h
// defines them and names the papers.
#ifndef HEADWAY_TOOLS_BENCH_FORECAST_FORECAST_SCORES_H_
#define HEADWAY_TOOLS_BENCH_FORECAST_FORECAST_SCORES_H_

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "tools/bench/forecast/competition.h"

namespace headway::bench {

// The bounds are those of the central 95 % interval, and empty if a method
// gives none.
struct IntervalForecast {
  std::vector<double> point;
  std::vector<double> lower;
  std::vector<double> upper;
};

struct SeriesScore {
  double smape = 0;
  double mase = 0;
  // Absent without an interval.
  std::optional<double> msis;
  std::optional<double> coverage95;
};

// Absent where the past has no scale: see scores::SeasonalNaiveError.
std::optional<SeriesScore> ScoreSeries(const CompetitionSeries& series,
                                       int season,
                                       const IntervalForecast& forecast);

// Naive2 as the organisers' program computes it: the last value, seasonally
// adjusted by multiplicative classical decomposition if there are three cycles
// and the autocorrelation at the lag of the season is significant at 90 %.
std::vector<double> Naive2(absl::Span<const double> past, int season,
                           int horizon);

// Averages over series. An optional average is absent if any series has none.
struct MeanScores {
  int series = 0;
  double owa = 0;
  double smape = 0;
  double mase = 0;
  std::optional<double> msis;
  std::optional<double> coverage95;
};

// Over the series that have a score in each of `method`, `naive2` and
// `restrict_to`, which hold one element a series.
MeanScores Average(absl::Span<const std::optional<SeriesScore>> method,
                   absl::Span<const std::optional<SeriesScore>> naive2,
                   absl::Span<const std::optional<SeriesScore>> restrict_to);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_FORECAST_FORECAST_SCORES_H_
