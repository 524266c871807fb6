// Whether controls move with an outcome in the long run, or only seem to.
//
// Engle, Granger 1987, "Co-integration and Error Correction", Econometrica 55:
// the residuals of least squares, tested for a unit root, against the critical
// values of MacKinnon 2010, "Critical Values for Cointegration Tests", Queen's
// Economics Department Working Paper 1227.
#ifndef HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_COINTEGRATION_H_
#define HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_COINTEGRATION_H_

#include <Eigen/Dense>

#include "absl/status/statusor.h"

namespace headway::evidence {

struct ResidualRoot {
  // Of the residual's lag; the more below zero, the less it wanders.
  double tau = 0;
  // At 5 %, for this number of controls and values.
  double critical = 0;
  int lags = 0;  // of the differences, chosen by the AIC
  Eigen::Index values = 0;
  // There are more controls than critical values are known for (5): those of 5
  // stand in, which reject too often.
  bool too_many_controls = false;

  // The null hypothesis, a residual that wanders, is rejected.
  bool is_stationary() const { return tau < critical; }
};

// NaN in `outcome` is left out. FAILED_PRECONDITION: fewer than 20 values more
// than controls. Pure.
absl::StatusOr<ResidualRoot> TestResidualRoot(const Eigen::VectorXd& outcome,
                                              const Eigen::MatrixXd& controls);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_COINTEGRATION_H_
