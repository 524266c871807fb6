#include "daemon/evidence/breaks/triangle.h"

#include <algorithm>
#include <cmath>

namespace headway::evidence {

GrowingFit::GrowingFit(int regressors)
    : k_(regressors),
      r_(regressors * (regressors + 1)),
      pending_(regressors + 1) {}

void GrowingFit::Clear() {
  std::fill(r_.begin(), r_.end(), 0);
  rss_ = 0;
}

void GrowingFit::Add(const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                     int row) {
  for (int j = 0; j < k_; ++j) pending_[j] = x(row, j);
  pending_[k_] = y[row];
  for (int j = 0; j < k_; ++j) {
    if (pending_[j] == 0) continue;
    double* const line = &r_[j * (k_ + 1)];
    const double length = std::hypot(line[j], pending_[j]);
    const double c = line[j] / length;
    const double s = pending_[j] / length;
    for (int l = j; l <= k_; ++l) {
      const double old = line[l];
      line[l] = c * old + s * pending_[l];
      pending_[l] = c * pending_[l] - s * old;
    }
  }
  rss_ += pending_[k_] * pending_[k_];
}

std::vector<double> ForwardSums(const Eigen::MatrixXd& x,
                                const Eigen::VectorXd& y) {
  GrowingFit fit(static_cast<int>(x.cols()));
  std::vector<double> sums;
  for (int i = 0; i < y.size(); ++i) {
    fit.Add(x, y, i);
    sums.push_back(fit.rss());
  }
  return sums;
}

std::vector<double> BackwardSums(const Eigen::MatrixXd& x,
                                 const Eigen::VectorXd& y) {
  GrowingFit fit(static_cast<int>(x.cols()));
  std::vector<double> sums(y.size(), 0);
  for (int i = static_cast<int>(y.size()) - 1; i > 0; --i) {
    fit.Add(x, y, i);
    sums[i - 1] = fit.rss();
  }
  return sums;
}

}  // namespace headway::evidence
