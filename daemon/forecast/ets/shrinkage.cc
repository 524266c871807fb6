#include "daemon/forecast/ets/shrinkage.h"

#include <algorithm>
#include <cmath>

#include "daemon/forecast/ets/form.h"

namespace headway::forecast {

EtsShrinkage ForecastShrinkage(int season) {
  EtsShrinkage shrinkage;
  season = std::min(season, kMaxEtsSeason);
  // The longer the cycle, the further ahead forecasts go, and the less the
  // error of one period should move the level.
  shrinkage.alpha_mean = 0.92 * std::exp(-season / 12.0);
  shrinkage.alpha_weight = 0.5 * std::sqrt(season);
  shrinkage.beta_weight = 1;
  shrinkage.state_weight = 1;
  return shrinkage;
}

}  // namespace headway::forecast
