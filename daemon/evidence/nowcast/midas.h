// Regressions of a rare series on frequent ones: MIDAS, unrestricted MIDAS and
// bridge equations.
//
// Ghysels, Santa-Clara, Valkanov 2004; Ghysels, Sinko, Valkanov 2007, "MIDAS
// Regressions: Further Results and New Directions", Econometric Reviews 26;
// Foroni, Marcellino, Schumacher 2015, "Unrestricted Mixed Data Sampling",
// Journal of the Royal Statistical Society A 178.
#ifndef HEADWAY_DAEMON_EVIDENCE_NOWCAST_MIDAS_H_
#define HEADWAY_DAEMON_EVIDENCE_NOWCAST_MIDAS_H_

#include <Eigen/Dense>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/nowcast/midas_weights.h"

namespace headway::evidence {

struct MidasRegressor {
  std::string name;
  MidasWeights weights = MidasWeights::kNealmon;
  int first_lag = 0;     // of column 0, for names
  Eigen::MatrixXd lags;  // periods of the target x lags, the nearest first
};

struct MidasData {
  Eigen::VectorXd target;
  // A constant, a trend, the target's own past: periods x regressors.
  std::vector<std::string> other_names;
  Eigen::MatrixXd others;
  std::vector<MidasRegressor> regressors;
};

struct MidasCoefficient {
  std::string name;  // "const", "payrolls.delta", "payrolls.theta1",
                     // "payrolls.lag3"
  double estimate = 0;
  // Absent where the coefficients do not follow from the data, as thetas
  // without an effect.
  std::optional<double> standard_error = std::nullopt;
};

struct MidasFit {
  std::vector<MidasCoefficient> coefficients;
  std::vector<MidasRegressor> shapes;  // of the regressors, without their lags
  // Of each regressor: the coefficients of its lags, weight times delta.
  std::vector<Eigen::VectorXd> lag_coefficients;
  std::vector<Eigen::VectorXd> lag_weights;  // empty where unrestricted
  Eigen::VectorXd fitted;
  Eigen::VectorXd residuals;
  double rss = 0;
  double r_squared = 0;
  int observations = 0;
  int degrees = 0;  // observations less all coefficients, thetas too
  double sigma = 0;
  double aic = 0;
  double bic = 0;
  int starts = 0;  // of the search; 0 where least squares need none
  // Of all coefficients, in their order; absent as their standard errors are.
  std::optional<Eigen::MatrixXd> covariance;
  std::vector<Eigen::Vector2d> thetas;  // of each regressor; 0 without
  Eigen::Index other_count = 0;
};

// Least squares; thetas by a search from fixed starts over what least squares
// leave for each. INVALID_ARGUMENT: shapes, missing values, collinear columns,
// no more periods than coefficients. Pure.
absl::StatusOr<MidasFit> FitMidas(const MidasData& data);

struct MidasForecast {
  double mean = 0;
  // With the uncertainty of coefficients where they have a covariance.
  double standard_error = 0;
  bool with_coefficients = false;
};

// For a period with these other regressors and, for each regressor, these lags.
absl::StatusOr<MidasForecast> ForecastMidas(
    const MidasFit& fit, const Eigen::VectorXd& others,
    const std::vector<Eigen::VectorXd>& lags);

struct RestrictionTest {
  double f = 0;
  double degrees1 = 0;
  double degrees2 = 0;
  double p = 1;
};

// The null hypothesis: the shape of the weights holds, against every lag having
// its own coefficient. Of two fits of the same data. INVALID_ARGUMENT: the
// second is not less restricted.
absl::StatusOr<RestrictionTest> TestRestriction(const MidasFit& restricted,
                                                const MidasFit& unrestricted);

// The next `steps` values of a series by its autoregression, of 1 to
// `most_lags` lags by the BIC; the series has no gaps.
absl::StatusOr<Eigen::VectorXd> ExtendByAutoregression(
    const std::string& name, const Eigen::VectorXd& values, int steps,
    int most_lags);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_NOWCAST_MIDAS_H_
