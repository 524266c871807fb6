// The plain types of the library's door: what a forecast is asked for, and what
// the answer holds. forecast.h has the functions.
#ifndef HEADWAY_DAEMON_FORECAST_OPTIONS_H_
#define HEADWAY_DAEMON_FORECAST_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace headway::forecast {

// The interval that the values lie in. Forecasts and all their quantiles lie in
// it too, because the series is forecast on a transformed scale without bounds.
enum class Bounds {
  kNone,
  kNonNegative,  // [0, inf): money, counts
  kPercent,      // [0, 100]
  kFraction,     // [0, 1]
};

// What kind of quantity the values are, which decides by which models and on
// which scale they are forecast.
enum class Quantity {
  // Counts and values on bounds are recognised, as is what the scale should be;
  // the forecast says what it was taken for.
  kInferred,
  // A stock, a flow, an amount of money; an index level: the scale by evidence.
  kLevel,
  kIndex,
  // Whole numbers, none negative, for which zero is a value like another.
  kCount,
  // Within bounds, and often exactly on one.
  kShare,
  // The largest so far, which never falls.
  kRecord,
  // A rate of change, or a balance that may change its sign: the straight
  // scale.
  kRate,
  kBalance,
  // What grows by a factor a period: the scale of logarithms.
  kGrowth,
};

// What explains a series besides its own past.
struct Regressor {
  // In answers; each its own.
  std::string name;
  // Of every period of the series, and then of every period ahead.
  std::vector<double> values;
  // Of the periods ahead: the standard deviation of what `values` has for them.
  // Empty where that is known.
  std::vector<double> deviations;
};

struct Options {
  // One of MethodNames().
  std::string method = "auto";
  // Periods ahead, 1 to 1000.
  int horizon = 12;
  // Periods in one seasonal cycle: 12 for months, 4 for quarters, 52 for weeks,
  // 7 for days; 1 for no season. 1 to 1000.
  int season = 1;
  // Further, longer cycles, in rising order: 168, the week, for hours with a
  // season of 24; 52, the year, for weeks with a season of 1, whose errors are
  // then still scaled by the change from one week to the next. At most 4, each
  // longer than the season and at most 10,000 periods. If empty, the methods
  // for long seasons look for one themselves, as docs/forecasting.md describes.
  std::vector<int> long_seasons;
  Bounds bounds = Bounds::kNone;
  Quantity quantity = Quantity::kInferred;
  // For the methods that TakesRegressors(). At most 10.
  std::vector<Regressor> regressors;
  // The probabilities of the quantiles wanted, in rising order, each in (0, 1).
  std::vector<double> probabilities = {0.025, 0.05, 0.1,  0.25, 0.5,
                                       0.75,  0.9,  0.95, 0.975};
  // For the models whose quantiles are simulated.
  uint64_t seed = 1;
  // Whether to score the method on the series' own past as well, which takes as
  // long as up to three more forecasts.
  bool backtest = true;
  // How many sample paths are drawn, which takes next to no time; 0 to 10,000.
  int paths = 0;
  // Whether the forecast is to be given up, because its caller is gone or out
  // of time. Asked at least every few milliseconds, from the threads that
  // forecast, so that it must be thread-safe and cheap; after a yes it is not
  // asked again. Empty: never.
  std::function<bool()> stopped;
};

// The errors of the method on the series' own past: it forecasts from up to
// three earlier origins, each time from the values before the origin alone, and
// the forecasts are compared with the values that followed.
// daemon/scores/scores.h defines the scores.
struct BacktestScore {
  int origins = 0;
  // Mean absolute scaled error: relative to the mean absolute change over one
  // season before the origin (Hyndman, Koehler 2006).
  double mase = 0;
  // Symmetric mean absolute percentage error, in percent, 0 to 200.
  double smape = 0;
  // Share of the actual values within the central 80 % interval, 0 to 1.
  double coverage80 = 0;
};

// What does not go with the other values.
enum class AnomalyKind {
  kOutlier,     // one value
  kLevelShift,  // that value and all after it
  kJump,        // the last value, which may be either
};

// What a forecast makes of it.
enum class AnomalyTreatment {
  // As of any other value: it may come again.
  kFitted,
  // Half of the forecast takes it for an error or a passing event, half for a
  // new level.
  kHalfFitted,
};

struct Anomaly {
  // From the first value, counted from 0.
  int position = 0;
  AnomalyKind kind = AnomalyKind::kOutlier;
  double observed = 0;
  // How far the values lie above where they would be without the anomaly, in
  // the unit of the values; negative if below.
  double size = 0;
  // `size` over its standard error, which is about standard normal in a series
  // without anomalies; of a jump over the usual change.
  double score = 0;
  AnomalyTreatment treatment = AnomalyTreatment::kFitted;
};

// The scale on which a model is linear.
enum class EffectScale { kValues, kLogarithms, kLogits, kSoftplus };

// What one more unit of a regressor adds on that scale.
struct RegressorEffect {
  std::string name;
  double coefficient = 0;
  double standard_error = 0;
  EffectScale scale = EffectScale::kValues;
};

// A model whose forecast was averaged with others.
struct ForecastMember {
  // "ETS(M,Ad,M) on logarithms".
  std::string model;
  // Its share; the shares of a forecast add up to one.
  double weight = 0;
};

struct Forecast {
  // The model that was fitted: "ETS(M,Ad,M)", "Theta". A combination names its
  // members.
  std::string model;
  // Empty for a single model.
  std::vector<ForecastMember> members;
  // The method's central forecast, and the mean of the distribution. [horizon]
  std::vector<double> point;
  std::vector<double> mean;
  // Those of the options.
  std::vector<double> probabilities;
  // [horizon][probability], non-decreasing in the probability.
  std::vector<std::vector<double>> quantiles;
  // [path][step]: as many as the options ask for, all as likely as one another.
  // The values of a step have its quantiles; paths.h says how steps go
  // together.
  std::vector<std::vector<double>> paths;
  // Absent if it was not asked for, and if no earlier origin can be scored;
  // `notes` then says why.
  std::optional<BacktestScore> backtest;
  // Those that the method met and did not take for values like the others;
  // anomalies.h finds all.
  std::vector<Anomaly> anomalies;
  // In the order of the options, without those that say nothing.
  std::vector<RegressorEffect> effects;
  // What a reader should know: missing values, values on a bound, a method that
  // was replaced by a simpler one.
  std::vector<std::string> notes;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_OPTIONS_H_
