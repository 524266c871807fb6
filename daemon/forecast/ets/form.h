// The forms of exponential smoothing, their parameters and their states.
//
// Hyndman, Koehler, Ord, Snyder 2008, "Forecasting with Exponential Smoothing:
// The State Space Approach", Springer. The parameters are those of R's
// forecast package: beta lies between 0 and alpha, gamma between 0 and
// 1 - alpha. Plain types and pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_FORM_H_
#define HEADWAY_DAEMON_FORECAST_ETS_FORM_H_

#include <string>
#include <vector>

namespace headway::forecast {

enum class EtsComponent { kNone, kAdditive, kMultiplicative };

struct EtsForm {
  EtsComponent error = EtsComponent::kAdditive;  // never kNone
  EtsComponent trend = EtsComponent::kNone;
  bool damped = false;  // only with a trend
  EtsComponent season = EtsComponent::kNone;

  bool has_trend() const { return trend != EtsComponent::kNone; }
  bool has_season() const { return season != EtsComponent::kNone; }

  friend bool operator==(const EtsForm&, const EtsForm&) = default;
};

// The name as R writes it: "ETS(M,Ad,M)".
std::string EtsName(const EtsForm& form);

struct EtsSmoothing {
  double alpha = 0;
  double beta = 0;
  double gamma = 0;
  double phi = 1;
};

struct EtsState {
  double level = 0;
  double growth = 0;
  // [season]; seasonal[i] belongs to the period i + 1 ahead. Empty without a
  // season.
  std::vector<double> seasonal;
};

// The longest season that is modelled by seasonal states, in periods. Longer
// ones would have more states than most series can identify. The limit of R's
// `ets`.
inline constexpr int kMaxEtsSeason = 24;

// The number of smoothing parameters and of free initial states. The last
// seasonal state is not free, since the others determine it.
int CountEtsParameters(const EtsForm& form, int season);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_FORM_H_
