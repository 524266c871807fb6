// The penalty with which exponential smoothing is fitted for forecasts.
//
// Full likelihood has the better fit and the worse forecasts: with few values
// it fits noise, and with many it weighs the error one period ahead whatever
// the horizon (Pritularga, Svetunkov, Kourentzes 2023, "Shrinkage estimator for
// exponential smoothing models", International Journal of Forecasting 39).
// Plain types and pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_SHRINKAGE_H_
#define HEADWAY_DAEMON_FORECAST_ETS_SHRINKAGE_H_

namespace headway::forecast {

// What is added to minus twice the log-likelihood, as if the parameters had
// normal priors. The default adds nothing: full likelihood.
struct EtsShrinkage {
  double alpha_mean = 0;
  // Times the number of values observed and the square of alpha - alpha_mean.
  double alpha_weight = 0;
  // Times the number of values observed and the square of beta's share of its
  // interval, which is (least, alpha).
  double beta_weight = 0;
  // Times the sum of squared distances of the initial states from the starting
  // state. The unit is the root mean square change of the series for the level,
  // a quarter of it for the growth and a half of it for seasonal states.
  double state_weight = 0;
};

// The shrinkage for forecasts about one cycle or more ahead. Its figures were
// chosen on the held-out ends of training parts of M3, M4 and of trade and chip
// sales; docs/forecasting.md names them.
EtsShrinkage ForecastShrinkage(int season);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_SHRINKAGE_H_
