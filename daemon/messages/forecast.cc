#include "daemon/messages/forecast.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace headway::messages {
namespace {

int StepsInOneYear(v1::Frequency frequency) {
  switch (frequency) {
    case v1::ANNUAL:
      return 1;
    case v1::SEMIANNUAL:
      return 2;
    case v1::QUARTERLY:
      return 4;
    case v1::MONTHLY:
      return 12;
    case v1::WEEKLY:
      return 52;
    default:
      return 365;
  }
}

}  // namespace

v1::ForecastStep ToForecastStep(std::string period, double point, double mean,
                                absl::Span<const double> probabilities,
                                absl::Span<const double> quantiles) {
  v1::ForecastStep step;
  step.set_period(std::move(period));
  step.set_point(point);
  step.set_mean(mean);
  for (size_t i = 0; i < probabilities.size(); ++i) {
    v1::Quantile* quantile = step.add_quantiles();
    quantile->set_probability(probabilities[i]);
    quantile->set_value(quantiles[i]);
  }
  return step;
}

std::optional<double> QuantileAt(const v1::ForecastStep& step,
                                 double probability) {
  for (const v1::Quantile& quantile : step.quantiles()) {
    // Probabilities such as (1 - 0.8) / 2 are not exact.
    if (std::abs(quantile.probability() - probability) < 1e-9) {
      return quantile.value();
    }
  }
  return std::nullopt;
}

const v1::ForecastStep* StepInOneYear(const v1::Forecast& forecast) {
  if (forecast.steps().empty()) return nullptr;
  const int steps =
      std::min(StepsInOneYear(forecast.frequency()), forecast.steps_size());
  return &forecast.steps(steps - 1);
}

std::string DescribeBadRecord(const v1::BacktestScore& score) {
  constexpr int kLeastOrigins = 10;
  constexpr double kWorstMase = 2;
  constexpr double kLeastCoverage = 0.5;
  if (score.origins() < kLeastOrigins) return "";
  std::string why;
  if (score.mase() > kWorstMase) {
    why = absl::StrFormat(
        "its errors were %.1f times those of the seasonal "
        "naive method",
        score.mase());
  }
  if (score.coverage80() < kLeastCoverage) {
    absl::StrAppend(&why, why.empty() ? "" : ", and ",
                    absl::StrFormat("its 80 %% interval held %.0f %% of the "
                                    "actuals",
                                    100 * score.coverage80()));
  }
  return why.empty()
             ? ""
             : absl::StrCat("do not rely on it: on this series' past ", why);
}

}  // namespace headway::messages
