// Sums of squared residuals of a regression on growing stretches of rows.
#ifndef HEADWAY_DAEMON_EVIDENCE_BREAKS_TRIANGLE_H_
#define HEADWAY_DAEMON_EVIDENCE_BREAKS_TRIANGLE_H_

#include <Eigen/Dense>
#include <vector>

namespace headway::evidence {

// Least squares of rows that are added one by one, by Givens rotations: stable,
// and at ease with rows that are collinear at first.
class GrowingFit {
 public:
  explicit GrowingFit(int regressors);

  void Clear();
  // Row `row` of x and y.
  void Add(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, int row);
  double rss() const { return rss_; }

 private:
  int k_;
  std::vector<double> r_;        // upper triangle, k x (k + 1) with Q'y
  std::vector<double> pending_;  // the row that is rotated in
  double rss_ = 0;
};

// The sums of rows 0 to i, and of rows i + 1 to the last, for each i.
std::vector<double> ForwardSums(const Eigen::MatrixXd& x,
                                const Eigen::VectorXd& y);
std::vector<double> BackwardSums(const Eigen::MatrixXd& x,
                                 const Eigen::VectorXd& y);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_BREAKS_TRIANGLE_H_
