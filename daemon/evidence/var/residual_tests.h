// Whether the residuals of a vector autoregression are what it supposes.
#ifndef HEADWAY_DAEMON_EVIDENCE_VAR_RESIDUAL_TESTS_H_
#define HEADWAY_DAEMON_EVIDENCE_VAR_RESIDUAL_TESTS_H_

#include "absl/status/statusor.h"
#include "daemon/evidence/var/granger.h"
#include "daemon/evidence/var/var.h"

namespace headway::evidence {

struct PortmanteauTest {
  int lags = 0;
  ChiSquaredTest plain;
  // Each lag weighted by n / (n - lag), for short samples.
  ChiSquaredTest adjusted;
};

// The null hypothesis: no correlation between residuals up to `lags` apart
// (Lütkepohl 2005, 4.4.3). INVALID_ARGUMENT: `lags` not above those of the
// model, or not below the observations. Pure.
absl::StatusOr<PortmanteauTest> TestPortmanteau(const Var& var, int lags);

// The null hypothesis: normal residuals, by skewness and kurtosis of residuals
// made orthogonal (Lütkepohl 2005, 4.5). Pure.
ChiSquaredTest TestNormality(const Var& var);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_VAR_RESIDUAL_TESTS_H_
