#include "daemon/evidence/var/residual_tests.h"

#include "absl/strings/str_cat.h"
#include "daemon/evidence/math/distributions.h"

namespace headway::evidence {

absl::StatusOr<PortmanteauTest> TestPortmanteau(const Var& var, int lags) {
  const int n = var.observations();
  if (lags <= var.options.lags || lags >= n) {
    return absl::InvalidArgumentError(
        absl::StrCat("the portmanteau test over ", lags,
                     " lags: it needs more than the ", var.options.lags,
                     " of the model and fewer than the ", n, " observations"));
  }
  const Eigen::MatrixXd& e = var.residuals;
  const Eigen::LDLT<Eigen::MatrixXd> covariance(var.covariance_ml);
  PortmanteauTest test;
  test.lags = lags;
  for (int lag = 1; lag <= lags; ++lag) {
    const Eigen::MatrixXd c =
        e.bottomRows(n - lag).transpose() * e.topRows(n - lag) / n;
    const double trace =
        (covariance.solve(c.transpose()) * covariance.solve(c)).trace();
    test.plain.statistic += n * trace;
    test.adjusted.statistic += n * trace * n / (n - lag);
  }
  const double k = var.system.series();
  for (ChiSquaredTest* each : {&test.plain, &test.adjusted}) {
    each->degrees = k * k * (lags - var.options.lags);
    each->p = ChiSquaredUpperTail(each->statistic, each->degrees);
  }
  return test;
}

ChiSquaredTest TestNormality(const Var& var) {
  const double n = var.observations();
  const Eigen::MatrixXd centred =
      var.residuals.rowwise() - var.residuals.colwise().mean();
  const Eigen::MatrixXd factor =
      Eigen::LLT<Eigen::MatrixXd>(centred.transpose() * centred / n).matrixL();
  const Eigen::ArrayXXd w =
      factor.triangularView<Eigen::Lower>().solve(centred.transpose()).array();
  const Eigen::ArrayXd skewness = w.cube().rowwise().mean();
  const Eigen::ArrayXd excess = w.square().square().rowwise().mean() - 3;
  ChiSquaredTest test;
  test.statistic =
      n * (skewness.square().sum() / 6 + excess.square().sum() / 24);
  test.degrees = 2.0 * var.system.series();
  test.p = ChiSquaredUpperTail(test.statistic, test.degrees);
  return test;
}

}  // namespace headway::evidence
