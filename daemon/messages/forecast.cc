#include "daemon/messages/forecast.h"

#include <cmath>
#include <cstddef>
#include <utility>

namespace headway::messages {

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

}  // namespace headway::messages
