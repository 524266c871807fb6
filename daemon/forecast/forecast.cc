#include "daemon/forecast/forecast.h"

#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/backtest.h"
#include "daemon/forecast/methods.h"
#include "daemon/forecast/model.h"
#include "daemon/forecast/scale.h"

namespace headway::forecast {
namespace {

constexpr int kMaxHorizon = 1000;
constexpr int kMaxSeason = 1000;
constexpr int kMaxLongSeason = 10'000;
constexpr size_t kMaxLongSeasons = 4;
constexpr size_t kLeastOrigins = 3;
// "auto" leaves its prior for a candidate whose error in the backtest is below
// this share of the prior's: a few origins tell no smaller difference.
constexpr double kClearlyBetter = 0.6;

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

// Backtests each of `methods` on the series' own past.
std::vector<Backtest> RunBacktests(absl::Span<const double> values,
                                   const Options& options,
                                   absl::Span<const std::string> methods) {
  const BacktestPlan plan = PlanBacktest(static_cast<int>(values.size()),
                                         options.season, options.horizon);
  std::vector<Backtest> backtests(
      methods.size(), Backtest(values, options.season, plan.horizon));
  Options past_options = options;
  past_options.horizon = plan.horizon;
  for (int origin : plan.origins) {
    const absl::Span<const double> past = values.subspan(0, origin);
    if (!CheckValues(past).ok()) continue;
    const auto predictions =
        PredictWithinBounds(past, past_options, methods, {0.1, 0.9});
    if (!predictions.ok()) continue;
    for (size_t i = 0; i < methods.size(); ++i) {
      if ((*predictions)[i].ok()) backtests[i].Add(origin, *(*predictions)[i]);
    }
  }
  return backtests;
}

// Whether a candidate beats the prior at every origin, and clearly on the
// whole.
bool IsClearlyBetter(const Backtest& candidate, const Backtest& prior) {
  const std::vector<double>& errors = candidate.origin_errors();
  const std::vector<double>& prior_errors = prior.origin_errors();
  if (errors.size() < kLeastOrigins || errors.size() != prior_errors.size()) {
    return false;
  }
  for (size_t i = 0; i < errors.size(); ++i) {
    if (!(errors[i] < prior_errors[i])) return false;
  }
  return candidate.Score()->mase < kClearlyBetter * prior.Score()->mase;
}

struct Choice {
  std::string method;
  std::optional<BacktestScore> score;
};

// The candidate of least error among those clearly better than the first, or
// else the first.
Choice ChooseMethod(absl::Span<const double> values, const Options& options) {
  const std::vector<std::string> candidates(Candidates().begin(),
                                            Candidates().end());
  const std::vector<Backtest> backtests =
      RunBacktests(values, options, candidates);
  size_t best = 0;
  for (size_t i = 1; i < candidates.size(); ++i) {
    if (IsClearlyBetter(backtests[i], backtests[0]) &&
        backtests[i].Score()->mase < backtests[best].Score()->mase) {
      best = i;
    }
  }
  return {candidates[best], backtests[best].Score()};
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

absl::StatusOr<Forecast> MakeForecast(absl::Span<const double> values,
                                      const Options& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  RETURN_IF_ERROR(CheckValues(values));
  const bool chooses = options.method == "auto";
  Choice choice{options.method, std::nullopt};
  if (chooses) {
    choice = ChooseMethod(values, options);
  } else if (options.backtest) {
    choice.score = RunBacktests(values, options, {options.method})[0].Score();
  }
  ASSIGN_OR_RETURN(auto predictions,
                   PredictWithinBounds(values, options, {choice.method},
                                       options.probabilities));
  ASSIGN_OR_RETURN(Prediction prediction, std::move(predictions[0]));
  Forecast forecast;
  forecast.model = chooses ? absl::StrCat(prediction.model, " (chosen from ",
                                          Candidates().size(), ")")
                           : std::move(prediction.model);
  forecast.point = std::move(prediction.point);
  forecast.mean = std::move(prediction.mean);
  forecast.probabilities = options.probabilities;
  forecast.quantiles = std::move(prediction.quantiles);
  forecast.notes = std::move(prediction.notes);
  forecast.backtest = choice.score;
  if (!forecast.backtest && options.backtest) {
    forecast.notes.push_back(
        "no backtest: the series is too short, or too constant, to hold a part "
        "of it back");
  }
  return forecast;
}

}  // namespace headway::forecast
