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

absl::string_view NameOf(v1::Anomaly::Kind kind) {
  switch (kind) {
    case v1::Anomaly::OUTLIER:
      return "an outlier";
    case v1::Anomaly::LEVEL_SHIFT:
      return "a level shift";
    case v1::Anomaly::JUMP:
      return "a jump at the end";
    default:
      return "an anomaly";
  }
}

absl::string_view NameOf(v1::RegressorEffect::Scale scale) {
  switch (scale) {
    case v1::RegressorEffect::LOGARITHMS:
      return ", on logarithms";
    case v1::RegressorEffect::LOGITS:
      return ", on logits";
    case v1::RegressorEffect::SOFTPLUS:
      return ", on the inverse of softplus";
    default:
      return "";
  }
}

}  // namespace

std::string DescribeAnomaly(const v1::Anomaly& anomaly) {
  return absl::StrFormat(
      "%s: %s, %.4g where %.4g was expected (%.1f %s); %s", anomaly.period(),
      NameOf(anomaly.kind()), anomaly.observed(), anomaly.expected(),
      std::abs(anomaly.deviations()),
      anomaly.kind() == v1::Anomaly::JUMP ? "times the usual change"
                                          : "standard errors",
      anomaly.treatment() == v1::Anomaly::HALF_FITTED
          ? "half of the forecast takes it for an error or a passing event, "
            "half for a new level"
          : "fitted like any other value");
}

std::string DescribeBreak(const v1::ForecastBreak& one) {
  std::string text =
      one.kind() == v1::ForecastBreak::START
          ? absl::StrCat(one.period(),
                         ": a new start; nothing before is fitted")
          : absl::StrFormat(
                "%s: a break of the level, the values before it moved by %+.4g",
                one.period(), one.step());
  if (one.has_standard_error()) {
    absl::StrAppendFormat(&text, " (standard error %.3g)",
                          one.standard_error());
  }
  if (!one.reason().empty()) absl::StrAppend(&text, ": ", one.reason());
  return text;
}

std::string DescribeEffect(const v1::RegressorEffect& effect) {
  return absl::StrFormat("%s: %+.4g (standard error %.3g) a unit%s",
                         effect.name(), effect.coefficient(),
                         effect.standard_error(), NameOf(effect.scale()));
}

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
