#include <cstdio>
#include <vector>

#include "daemon/forecast/forecast.h"

int main() {
  std::vector<double> sales = {112, 118, 132, 129, 121, 135, 148, 148,
                               136, 119, 104, 118, 115, 126, 141, 135,
                               125, 149, 170, 170, 158, 133, 114, 140};
  headway::forecast::Options options;
  options.horizon = 6;
  options.bounds = headway::forecast::Bounds::kNonNegative;
  options.probabilities = {0.025, 0.975};
  const auto forecast = headway::forecast::MakeForecast(sales, options);
  if (!forecast.ok()) return 1;
  for (int h = 0; h < options.horizon; ++h) {
    std::printf("%d %.1f (%.1f to %.1f)\n", h + 1, forecast->point[h],
                forecast->quantiles[h][0], forecast->quantiles[h][1]);
  }
}
