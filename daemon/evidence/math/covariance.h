// Covariances of the coefficients of a linear model.
//
// One estimate has a dozen standard errors; which is right depends on how the
// rows hang together, so that there is no default.
#ifndef HEADWAY_DAEMON_EVIDENCE_MATH_COVARIANCE_H_
#define HEADWAY_DAEMON_EVIDENCE_MATH_COVARIANCE_H_

#include <Eigen/Dense>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/math/hac.h"
#include "daemon/evidence/math/linear_model.h"

namespace headway::evidence {

enum class CovarianceKind {
  kClassical,
  // White 1980 and MacKinnon and White 1985; HC1 has the factor N / (N - K).
  kHc0,
  kHc1,
  kHc2,
  kHc3,
  // One or two sets of clusters (Cameron, Gelbach and Miller 2011, "Robust
  // Inference With Multiway Clustering").
  kCluster,
  // Rows are in the order of time.
  kHac,
  // Scores summed over each period, then a Bartlett kernel over periods
  // (Driscoll and Kraay 1998, Review of Economics and Statistics 80).
  kDriscollKraay,
};

// Of clustered covariances. N rows, G clusters. HAC and Driscoll-Kraay have
// N / (N - K) with any but kNone, with which plm and sandwich print the latter.
enum class SmallSample {
  kNone,
  // G / (G - 1): sandwich's HC0, whose `cadjust` is on.
  kGroups,
  // G / (G - 1) (N - 1) / (N - K), each set of clusters with its own G, and all
  // effects counted in K but those nested in clusters, which count as one
  // intercept: Stata, sandwich's HC1. HAC: N / (N - K).
  kStata,
  // The same, but two sets share the lesser G: fixest.
  kFixest,
  // kStata with every effect in K: Stata's areg.
  kAllEffects,
  // Residuals of each cluster blown up by its leverage: sandwich's HC2 and HC3
  // (CR2 with the working model of independence, and CR3: Bell and McCaffrey
  // 2002). Not with effects.
  kLeverageHalf,
  kLeverageFull,
};

struct CovarianceOptions {
  explicit CovarianceOptions(CovarianceKind which) : kind(which) {}

  CovarianceKind kind;
  SmallSample correction = SmallSample::kStata;
  std::vector<Grouping> clusters;  // of kCluster: one or two
  HacOptions hac;                  // of kHac
  // Of kDriscollKraay: the period of each row, in order of time, and the lags;
  // the whole part of the fourth root of the number of periods without.
  Grouping periods;
  std::optional<int> lags;
};

struct Covariance {
  Eigen::MatrixXd matrix;
  // Of Student's t for tests: N - K, or the fewest clusters or periods less
  // one.
  double degrees = 0;
  // What was used, for people: "clustered by firm (500), Stata's correction".
  std::string description;
  std::vector<int> clusters;  // how many
  std::optional<double> bandwidth;
  std::vector<std::string> warnings;

  double StandardError(int coefficient) const;
};

// INVALID_ARGUMENT: clusters or periods that are missing or too few (two
// clusters or fewer), leverages with two effects. Pure.
absl::StatusOr<Covariance> EstimateCovariance(const LinearFit& fit,
                                              const CovarianceOptions& options);

struct CoefficientTest {
  double estimate = 0;
  double standard_error = 0;
  double t = 0;
  double p = 1;  // two-sided
  double low = 0;
  double high = 0;
};

// `level` in (0, 1).
CoefficientTest TestCoefficient(double estimate, double standard_error,
                                double degrees, double level);

// The Wald test that the coefficients at `places` are zero, as F.
struct WaldTest {
  double f = 0;
  int degrees1 = 0;
  double degrees2 = 0;
  double p = 1;
};
absl::StatusOr<WaldTest> TestZero(const Eigen::VectorXd& coefficients,
                                  const Covariance& covariance,
                                  const std::vector<int>& places);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_MATH_COVARIANCE_H_
