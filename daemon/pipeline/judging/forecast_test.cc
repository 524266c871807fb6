#include "daemon/pipeline/judging/forecast_test.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/claims/verdict.h"
#include "daemon/forecast/math/normal.h"

namespace headway::pipeline {
namespace {

constexpr int kFarthest = 1000;
constexpr double kLow = 0.05;
constexpr double kHigh = 0.95;

// Close in the tails, where thresholds of claims lie; the 90 % interval and the
// median are among them.
std::vector<double> Grid() {
  std::vector<double> grid = {0.005, 0.01, 0.02, 0.03, 0.04};
  for (int percent = 5; percent <= 95; percent += 5) {
    grid.push_back(percent / 100.0);
  }
  for (const double tail : {0.96, 0.97, 0.98, 0.99, 0.995}) {
    grid.push_back(tail);
  }
  return grid;
}

// The last period that is over by the end of the day.
series::Period LastPeriodBy(absl::CivilDay day, series::Frequency frequency) {
  series::Period period = series::PeriodContaining(frequency, day);
  if (series::EndDay(period) > day + 1) --period.ordinal;
  return period;
}

absl::StatusOr<int> StepsTo(const std::string& by, const TestedValues& tested,
                            std::string* period) {
  ASSIGN_OR_RETURN(const series::Period day,
                   series::ParsePeriod(by, series::Frequency::kDaily));
  const series::Period last =
      LastPeriodBy(series::FirstDay(day), tested.frequency);
  *period = series::FormatPeriod(last);
  const int steps = last.ordinal - tested.last();
  if (steps < 1) {
    return absl::FailedPreconditionError(
        absl::StrCat(*period, " is not ahead of the values, which end with ",
                     series::FormatPeriod({tested.frequency, tested.last()})));
  }
  if (steps > kFarthest) {
    return absl::FailedPreconditionError(
        absl::StrCat(*period, " is ", steps, " steps ahead, more than the ",
                     kFarthest, " that are forecast"));
  }
  return steps;
}

absl::StatusOr<v1::Forecast> Compute(const ClaimTest& test, int steps,
                                     const TestedValues& tested,
                                     const JudgeInputs& inputs) {
  PipelineManager::ForecastRequest request;
  const std::string& text = test.definition.values();
  const auto indicator = inputs.definitions->indicators.find(text);
  if (indicator != inputs.definitions->indicators.end()) {
    request.indicator = text;
    request.method = indicator->second.forecast.method;
  } else {
    request.expression = text;
  }
  request.horizon = steps;
  request.as_of = inputs.instant;
  request.recorded_by = inputs.options.recorded_by;
  request.probabilities = Grid();
  ASSIGN_OR_RETURN(PipelineManager::ComputedForecasts computed,
                   inputs.pipelines->ComputeForecast(
                       request, *inputs.reader, inputs.options.check_alive));
  for (v1::Forecast& forecast : computed.forecasts) {
    if (!HasLabels(tested.labels, forecast.labels())) continue;
    if (!forecast.error().empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat("it cannot be forecast: ", forecast.error()));
    }
    return std::move(forecast);
  }
  return absl::FailedPreconditionError(
      absl::StrCat(text, " is not forecast for the series of the test"));
}

double QuantileAt(const v1::ForecastStep& step, double probability) {
  for (const v1::Quantile& quantile : step.quantiles()) {
    if (std::abs(quantile.probability() - probability) < 1e-9) {
      return quantile.value();
    }
  }
  return step.point();
}

v1::TestResult::Outcome OutcomeOf(double probability, double support) {
  if (probability > support) return v1::TestResult::SUPPORTS;
  if (probability < 1 - support) return v1::TestResult::CONTRADICTS;
  return v1::TestResult::UNCLEAR;
}

}  // namespace

double ProbabilityAbove(const std::vector<double>& probabilities,
                        const std::vector<double>& quantiles,
                        double threshold) {
  const auto above =
      std::upper_bound(quantiles.begin(), quantiles.end(), threshold);
  if (above == quantiles.begin()) return 1 - probabilities.front();
  if (above == quantiles.end()) return 1 - probabilities.back();
  const size_t high = static_cast<size_t>(above - quantiles.begin());
  const size_t low = high - 1;
  const double part =
      (threshold - quantiles[low]) / (quantiles[high] - quantiles[low]);
  return 1 - (probabilities[low] +
              part * (probabilities[high] - probabilities[low]));
}

absl::Status RunForecastTest(const ClaimTest& test, const TestedValues& tested,
                             const JudgeInputs& inputs,
                             v1::TestResult* result) {
  const config::v1::ForecastTest& forecast = test.definition.forecast();
  std::string period;
  ASSIGN_OR_RETURN(const int steps, StepsTo(forecast.by(), tested, &period));
  ASSIGN_OR_RETURN(const v1::Forecast made,
                   Compute(test, steps, tested, inputs));
  if (made.steps_size() < steps) {
    return absl::FailedPreconditionError(
        absl::StrCat("the forecast ends before ", period));
  }
  const v1::ForecastStep& step = made.steps(steps - 1);
  std::vector<double> probabilities;
  std::vector<double> quantiles;
  for (const v1::Quantile& quantile : step.quantiles()) {
    probabilities.push_back(quantile.probability());
    quantiles.push_back(quantile.value());
  }
  if (quantiles.empty()) {
    return absl::FailedPreconditionError("the forecast has no quantiles");
  }
  double probability =
      ProbabilityAbove(probabilities, quantiles, test.definition.threshold());
  if (test.definition.side() == config::v1::BELOW) {
    probability = 1 - probability;
  }
  result->set_estimate(QuantileAt(step, 0.5));
  result->set_low(QuantileAt(step, kLow));
  result->set_high(QuantileAt(step, kHigh));
  result->set_unit(tested.unit.ToString());
  result->set_probability(probability);
  result->set_outcome(OutcomeOf(probability, forecast.probability()));
  result->set_observations(static_cast<int>(tested.values.size()));
  result->set_method(absl::StrCat("forecast of ", period, ", ", steps,
                                  " steps ahead, by ", made.model()));
  for (const std::string& note : made.notes()) result->add_notes(note);
  return absl::OkStatus();
}

}  // namespace headway::pipeline
