// How shocks travel through a vector autoregression.
#ifndef HEADWAY_DAEMON_EVIDENCE_VAR_RESPONSES_H_
#define HEADWAY_DAEMON_EVIDENCE_VAR_RESPONSES_H_

#include <Eigen/Dense>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/var/var.h"

namespace headway::evidence {

// Responses after 0 to `steps` periods, [response][shock], to shocks of one
// standard deviation, made orthogonal by Cholesky's factor in the order of the
// series: a shock moves those before it at once by nothing. Pure.
std::vector<Eigen::MatrixXd> OrthogonalResponses(const Var& var, int steps);

// Shares of the variance of the error of forecasting [series] that come from
// [shock], 1 to `steps` ahead; rows add up to one. Pure.
std::vector<Eigen::MatrixXd> VarianceDecomposition(const Var& var, int steps);

struct BandOptions {
  int steps = 10;
  int draws = 500;
  double level = 95;  // percent
  uint64_t seed = 1;
};

struct ResponseBands {
  std::vector<Eigen::MatrixXd> low;
  std::vector<Eigen::MatrixXd> high;
  int draws = 0;  // that could be fitted
};

// Percentiles over samples that are made of the model and residuals drawn with
// replacement, each fitted anew (Lütkepohl 2005, D.3). The same seed gives the
// same bands. INVALID_ARGUMENT: fewer than 100 draws, a level not within 0 and
// 100; FAILED_PRECONDITION: a tenth of the samples could not be fitted.
absl::StatusOr<ResponseBands> BootstrapBands(const Var& var,
                                             const BandOptions& options);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_VAR_RESPONSES_H_
