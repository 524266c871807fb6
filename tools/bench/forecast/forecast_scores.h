// The measures of the M4 competition (Makridakis, Spiliotis, Assimakopoulos
// 2020), for one series and on average.
//
//   sMAPE       mean of 200 |y - f| / (|y| + |f|), in percent
//   MASE        mean of |y - f| over the scale
//   MSIS        mean of U - L + (2 / 0.05) (L - y if y < L, y - U if y > U)
//               over the scale, of the central 95 % interval
//   coverage95  share of actuals within that interval
//   OWA         mean of sMAPE and MASE, each over that of Naive2
//
// The scale is the mean absolute change over one season in the past.
#ifndef HEADWAY_TOOLS_BENCH_FORECAST_FORECAST_SCORES_H_
#define HEADWAY_TOOLS_BENCH_FORECAST_FORECAST_SCORES_H_

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "tools/bench/forecast/competition.h"

namespace headway::bench {

// The central 95 % interval is absent (empty) where a method gives none.
struct IntervalForecast {
  std::vector<double> point;
  std::vector<double> lower;
  std::vector<double> upper;
};

struct SeriesScore {
  double smape = 0;
  double mase = 0;
  // With an interval only.
  std::optional<double> msis;
  std::optional<double> coverage95;
};

// Nothing for a past without a change over a season, which has no scale.
std::optional<SeriesScore> ScoreSeries(const CompetitionSeries& series,
                                       int season,
                                       const IntervalForecast& forecast);

// Naive2 as the organisers' program computes it: the last value, seasonally
// adjusted by multiplicative classical decomposition if the autocorrelation at
// the lag of the season is significant at 90 % and there are three cycles.
std::vector<double> Naive2(absl::Span<const double> past, int season,
                           int horizon);

// Averages over series. [measure] is nothing where a series had none.
struct MeanScores {
  int series = 0;
  double owa = 0;
  double smape = 0;
  double mase = 0;
  std::optional<double> msis;
  std::optional<double> coverage95;
};

// Over the series that have a score in all of `method`, `naive2` and
// `restrict_to`, which run in parallel.
MeanScores Average(absl::Span<const std::optional<SeriesScore>> method,
                   absl::Span<const std::optional<SeriesScore>> naive2,
                   absl::Span<const std::optional<SeriesScore>> restrict_to);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_FORECAST_FORECAST_SCORES_H_
