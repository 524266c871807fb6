// Ordinary least squares, with up to two sets of fixed effects taken out.
#ifndef HEADWAY_DAEMON_EVIDENCE_MATH_LINEAR_MODEL_H_
#define HEADWAY_DAEMON_EVIDENCE_MATH_LINEAR_MODEL_H_

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::evidence {

// Rows that belong together: the group of each row, 0 to `count` - 1.
struct Grouping {
  std::string name;
  std::vector<int> group;
  int count = 0;
};

// The groups of equal labels, in the order in which they first occur.
Grouping MakeGrouping(std::string name, const std::vector<std::string>& labels);
// Rows that agree in both.
Grouping Intersect(const Grouping& a, const Grouping& b);
// Whether all rows of a group of `inner` are in one group of `outer`.
bool IsNested(const Grouping& inner, const Grouping& outer);

struct LinearInput {
  Eigen::VectorXd y;               // rows
  Eigen::MatrixXd x;               // rows x regressors
  std::vector<std::string> names;  // of the regressors
  std::vector<Grouping> effects;   // none, one or two
  // Adds "(Intercept)" before the others; effects take its place.
  bool intercept = true;
};

struct LinearFit {
  std::vector<std::string> names;
  Eigen::VectorXd coefficients;
  Eigen::VectorXd residuals;
  Eigen::MatrixXd x;             // without the effects' means
  Eigen::VectorXd y;             // the same
  Eigen::MatrixXd gram_inverse;  // (x'x)^-1
  std::vector<Grouping> effects;
  int effect_parameters = 0;  // dummies that the effects stand for
  double rss = 0;
  double r_squared = 0;         // of y as it was given
  double r_squared_within = 0;  // of y without the effects; else the same

  int rows() const { return static_cast<int>(residuals.size()); }
  int slopes() const { return static_cast<int>(coefficients.size()); }
  int parameters() const { return slopes() + effect_parameters; }
  int degrees() const { return rows() - parameters(); }
  double variance() const { return rss / degrees(); }
};

// INVALID_ARGUMENT: shapes that differ, a value that is not finite (named by
// row), no more rows than parameters, a regressor that is a linear combination
// of those before it or of the effects (to 1e-9 of its length; named), an
// outcome that does not vary. Pure.
absl::StatusOr<LinearFit> FitLinear(const LinearInput& input);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_MATH_LINEAR_MODEL_H_
