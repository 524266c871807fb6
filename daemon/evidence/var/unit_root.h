// Whether a series wanders (has a unit root), and how many long-run relations
// several share.
#ifndef HEADWAY_DAEMON_EVIDENCE_VAR_UNIT_ROOT_H_
#define HEADWAY_DAEMON_EVIDENCE_VAR_UNIT_ROOT_H_

#include <Eigen/Dense>
#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/evidence/var/system.h"

namespace headway::evidence {

// The null hypothesis: a unit root.
struct AdfTest {
  double tau = 0;
  int lags = 0;  // of the differences
  int observations = 0;
  // MacKinnon's (1994) approximate asymptotic p-value.
  double p = 1;
  // At 1, 5 and 10 % for this number of observations: MacKinnon 2010,
  // "Critical Values for Cointegration Tests".
  std::array<double, 3> critical = {};
};

// The augmented test of Dickey and Fuller, with `lags` lagged differences;
// `lags` < 0 chooses 0 to 12 (n / 100)^(1/4) of them by the AIC over the same
// observations. `name` is for errors. INVALID_ARGUMENT: a missing value, no
// variation, too few periods. Pure.
absl::StatusOr<AdfTest> TestAdf(absl::string_view name,
                                const Eigen::VectorXd& values, int lags,
                                Deterministic deterministic);

// The null hypothesis: stationary around a level, or around a trend
// (Kwiatkowski, Phillips, Schmidt, Shin 1992).
struct KpssTest {
  double statistic = 0;
  int bandwidth = 0;  // 4 (n / 100)^(1/4), rounded down
  // At 10, 5, 2.5 and 1 %.
  std::array<double, 4> critical = {};
  // Between those by interpolation; 0.01 stands for at most, 0.1 for at least.
  double p = 1;
};

absl::StatusOr<KpssTest> TestKpss(absl::string_view name,
                                  const Eigen::VectorXd& values, bool trend);

// How often a series must be differenced, 0 to 2: until the test of Dickey and
// Fuller, with a constant and lags chosen, rejects a unit root at 5 %.
absl::StatusOr<int> OrderOfIntegration(absl::string_view name,
                                       const Eigen::VectorXd& values);

struct JohansenRow {
  int rank = 0;  // the null hypothesis: at most so many relations
  double trace = 0;
  // At 10, 5 and 1 % (Osterwald-Lenum 1992, case 1*); absent from a table for
  // more than 5 series: then all zero.
  std::array<double, 3> critical = {};
};

struct JohansenTest {
  std::vector<double> eigenvalues;  // falling
  std::vector<JohansenRow> rows;    // by rank
};

// Johansen's trace test with a constant within the relations, of a system in
// levels with `lags` >= 2 lags. Johansen 1991, Econometrica 59. Pure.
absl::StatusOr<JohansenTest> TestJohansen(const System& system, int lags);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_VAR_UNIT_ROOT_H_
