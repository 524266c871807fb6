#include "daemon/forecast/forecast.h"

#include <cmath>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/auto/backtest.h"
#include "daemon/forecast/auto/combination.h"
#include "daemon/forecast/auto/methods.h"
#include "daemon/forecast/auto/scale.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"
#include "daemon/forecast/paths.h"
#include "daemon/forecast/record_prediction.h"

namespace headway::forecast {
namespace {

constexpr int kMaxHorizon = 1000;
constexpr int kMaxSeason = 1000;
constexpr int kMaxLongSeason = 10'000;
constexpr size_t kMaxLongSeasons = 4;
// Below this a forecast says that it has few values.
constexpr int kFew = 10;
constexpr size_t kMostRegressors = 10;

absl::Status CheckLongSeasons(const Options& options) {
  if (options.long_seasons.size() > kMaxLongSeasons) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.long_seasons.size(),
        " long seasons are too many; give at most ", kMaxLongSeasons));
  }
  int previous = options.season;
  for (int cycle : options.long_seasons) {
    if (cycle <= previous || cycle > kMaxLongSeason) {
      return absl::InvalidArgumentError(absl::StrCat(
          "long season ", cycle,
          " is out of order or range; give cycles that rise, each longer than "
          "the season of ",
          options.season, " and no longer than ", kMaxLongSeason, " periods"));
    }
    previous = cycle;
  }
  return absl::OkStatus();
}

absl::Status CheckRegressors(const Options& options) {
  if (options.regressors.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckTakesRegressors(options.method));
  if (options.regressors.size() > kMostRegressors) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.regressors.size(), " regressors are too many; give at most ",
        kMostRegressors));
  }
  std::set<absl::string_view> names;
  for (const Regressor& regressor : options.regressors) {
    if (!names.insert(regressor.name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("two regressors have the name \"", regressor.name,
                       "\"; rename one of them"));
    }
  }
  return absl::OkStatus();
}

// Whether there is one for every period of `values` values and those ahead.
absl::Status CheckLengths(const Regressor& regressor, size_t values,
                          int horizon) {
  const size_t ahead = static_cast<size_t>(horizon);
  if (regressor.values.size() != values + ahead) {
    return absl::InvalidArgumentError(absl::StrCat(
        "regressor \"", regressor.name, "\" has ", regressor.values.size(),
        " values; give one for each of the ", values, " periods and the ",
        horizon, " ahead"));
  }
  if (!regressor.deviations.empty() && regressor.deviations.size() != ahead) {
    return absl::InvalidArgumentError(absl::StrCat(
        "regressor \"", regressor.name, "\" has ", regressor.deviations.size(),
        " deviations; give one for each of the ", horizon,
        " periods ahead, or none"));
  }
  return absl::OkStatus();
}

absl::Status CheckRegressorValues(const Options& options, size_t values) {
  for (const Regressor& regressor : options.regressors) {
    RETURN_IF_ERROR(CheckLengths(regressor, values, options.horizon));
    for (double value : regressor.values) {
      if (std::isfinite(value)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("regressor \"", regressor.name, "\" has the value ",
                       value, "; every one must be a finite number"));
    }
    for (double deviation : regressor.deviations) {
      if (std::isfinite(deviation) && deviation >= 0) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "regressor \"", regressor.name, "\" has the deviation ", deviation,
          "; every one must be a finite number from 0"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckValues(absl::Span<const double> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isinf(values[i])) {
      return absl::InvalidArgumentError(
          absl::StrCat("value ", values[i], " at position ", i + 1,
                       " is infinite; correct it, or leave it missing"));
    }
  }
  if (const int present = CountPresent(values); present < 2) {
    return absl::FailedPreconditionError(
        absl::StrCat("the series has ", present, " value",
                     present == 1 ? "" : "s", "; a forecast needs at least 2"));
  }
  return absl::OkStatus();
}

// A combination of a quantity of any kind.
absl::StatusOr<Prediction> PredictQuantity(
    const Combination& combination, absl::Span<const double> values,
    const Options& options, absl::Span<const double> probabilities,
    StopRequest stop) {
  if (options.quantity != Quantity::kRecord) {
    return PredictCombination(combination, values, options, probabilities,
                              stop);
  }
  absl::StatusOr<Prediction> prediction =
      PredictRecord(values, options, probabilities, stop);
  if (!absl::IsFailedPrecondition(prediction.status())) return prediction;
  const absl::Status reason = prediction.status();
  prediction =
      PredictCombination(combination, values, options, probabilities, stop);
  if (!prediction.ok()) return prediction;
  KeepRecord(values, *prediction);
  prediction->notes.push_back(
      absl::StrCat("forecast as a level that never falls: ", reason.message()));
  return prediction;
}

// On which a single method sees values within bounds. A regression sees
// logarithms where it can: its coefficients are then shares.
Curve CurveOf(const Options& options, const Method& method) {
  if (options.bounds == Bounds::kNone ||
      method.under_bounds == UnderBounds::kStraight) {
    return Curve::kStraight;
  }
  return options.regressors.empty() ? Curve::kLog : Curve::kExponential;
}

// A method that the series is too short for gives way to the naive one.
absl::StatusOr<Prediction> Predict(absl::Span<const double> values,
                                   const Options& options,
                                   absl::Span<const double> probabilities,
                                   StopRequest stop) {
  const Combination* combination = FindCombination(options.method);
  const auto run = [&](const Method& method) {
    return PredictWithinBounds(values, options, method,
                               CurveOf(options, method), probabilities, stop);
  };
  absl::StatusOr<Prediction> prediction =
      combination != nullptr
          ? PredictQuantity(*combination, values, options, probabilities, stop)
          : run(*FindMethod(options.method));
  if (absl::IsFailedPrecondition(prediction.status())) {
    const absl::Status reason = prediction.status();
    prediction = run(*FindMethod("naive"));
    if (prediction.ok()) {
      prediction->notes.push_back(absl::StrCat(
          reason.message(), "; the naive method was used instead",
          options.regressors.empty() ? "" : ", without the regressors"));
    }
  }
  if (prediction.ok()) HoldPoint(probabilities, *prediction);
  return prediction;
}

// From how many origins before the end a single method is scored.
constexpr int kMethodOrigins = 3;

// Scores the method on the series' own past.
std::optional<BacktestScore> RunBacktest(absl::Span<const double> values,
                                         const Options& options,
                                         StopRequest stop) {
  const Combination* combination = FindCombination(options.method);
  const BacktestPlan plan = PlanBacktest(
      static_cast<int>(values.size()), options.season, options.horizon,
      combination != nullptr ? combination->backtest_origins : kMethodOrigins);
  Backtest backtest(values, options.season, plan.horizon);
  Options past_options = options;
  past_options.horizon = plan.horizon;
  for (int origin : plan.origins) {
    if (stop.requested()) break;
    past_options.regressors =
        RegressorsUpTo(options.regressors, values.size(),
                       static_cast<size_t>(origin), plan.horizon);
    const absl::Span<const double> past = values.subspan(0, origin);
    if (!CheckValues(past).ok()) continue;
    const auto prediction = Predict(past, past_options, {0.1, 0.9}, stop);
    if (prediction.ok()) backtest.Add(origin, *prediction);
  }
  return backtest.Score();
}

const std::vector<absl::string_view>& AllNames() {
  static const auto* const names = [] {
    auto* all = new std::vector<absl::string_view>;
    for (const Combination& combination : Combinations()) {
      all->push_back(combination.name);
    }
    for (const Method& method : SingleMethods()) all->push_back(method.name);
    return all;
  }();
  return *names;
}

}  // namespace

absl::Status CheckOptions(const Options& options) {
  if (!IsMethodName(options.method)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown method \"", options.method, "\"; the methods are ",
        absl::StrJoin(MethodNames(), ", ")));
  }
  if (options.horizon < 1 || options.horizon > kMaxHorizon) {
    return absl::InvalidArgumentError(
        absl::StrCat("horizon ", options.horizon,
                     " is out of range; choose 1 to ", kMaxHorizon));
  }
  if (options.season < 1 || options.season > kMaxSeason) {
    return absl::InvalidArgumentError(absl::StrCat(
        "season ", options.season, " is out of range; choose 1 to ", kMaxSeason,
        " periods (1 for no season)"));
  }
  RETURN_IF_ERROR(CheckLongSeasons(options));
  RETURN_IF_ERROR(CheckRegressors(options));
  RETURN_IF_ERROR(CheckPathCount(options.paths));
  double previous = 0;
  for (double probability : options.probabilities) {
    if (!(probability > previous && probability < 1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("probability ", probability,
                       " is out of order or range; give probabilities that "
                       "rise, each above 0 and below 1"));
    }
    previous = probability;
  }
  return absl::OkStatus();
}

bool TakesRegressors(absl::string_view method) {
  const Method* found = FindMethod(method);
  return found != nullptr && found->takes_regressors;
}

absl::Status CheckTakesRegressors(absl::string_view method) {
  if (TakesRegressors(method)) return absl::OkStatus();
  std::vector<absl::string_view> able;
  for (const Method& other : SingleMethods()) {
    if (other.takes_regressors) able.push_back(other.name);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("method \"", method, "\" takes no regressors; choose ",
                   absl::StrJoin(able, " or "), ", or leave them out"));
}

std::vector<Regressor> RegressorsUpTo(absl::Span<const Regressor> regressors,
                                      size_t values, size_t length,
                                      int horizon) {
  std::vector<Regressor> then(regressors.begin(), regressors.end());
  const size_t ahead = static_cast<size_t>(horizon);
  for (Regressor& regressor : then) {
    regressor.values.resize(length + ahead);
    if (regressor.deviations.empty()) continue;
    std::vector<double> deviations(ahead, 0.0);
    for (size_t h = 0; h < ahead; ++h) {
      if (length + h >= values) {
        deviations[h] = regressor.deviations[length + h - values];
      }
    }
    regressor.deviations = std::move(deviations);
  }
  return then;
}

absl::Span<const absl::string_view> MethodNames() { return AllNames(); }

bool IsMethodName(absl::string_view name) {
  return FindCombination(name) != nullptr || FindMethod(name) != nullptr;
}

absl::StatusOr<Forecast> MakeForecast(absl::Span<const double> values,
                                      const Options& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  if (options.paths > 0) return MakeForecastWithPaths(values, options);
  StopLatch latch(options.stopped);
  const StopRequest stop(latch);
  if (stop.Ask()) return GivenUp();
  RETURN_IF_ERROR(CheckValues(values));
  RETURN_IF_ERROR(CheckRegressorValues(options, values.size()));
  ASSIGN_OR_RETURN(Prediction prediction,
                   Predict(values, options, options.probabilities, stop));
  Forecast forecast;
  forecast.model = std::move(prediction.model);
  if (const int n = CountPresent(values); n < kFew) {
    prediction.notes.push_back(absl::StrCat(
        "only ", n, " values: they tell little of their spread, which is ",
        FindCombination(options.method) != nullptr
            ? "mostly that of series like this one"
            : "uncertain"));
  }
  forecast.members = std::move(prediction.members);
  forecast.point = std::move(prediction.point);
  forecast.mean = std::move(prediction.mean);
  forecast.probabilities = options.probabilities;
  forecast.quantiles = std::move(prediction.quantiles);
  forecast.notes = std::move(prediction.notes);
  forecast.anomalies = std::move(prediction.anomalies);
  forecast.effects = std::move(prediction.effects);
  if (!options.backtest) return forecast;
  forecast.backtest = RunBacktest(values, options, stop);
  if (stop.requested()) return GivenUp();
  if (!forecast.backtest) {
    forecast.notes.push_back(
        "no backtest: the series is too short to hold a part of it back, or "
        "never changes over a season");
  }
  return forecast;
}

}  // namespace headway::forecast
