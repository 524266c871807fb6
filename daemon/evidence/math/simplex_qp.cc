#include "daemon/evidence/math/simplex_qp.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace headway::evidence {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Minimises |c x|^2 + ridge |x|^2 + sum_scale (1 - sum x)^2 over x >= 0, whose
// solution is that over the simplex times a positive number.
class NearestPoint {
 public:
  NearestPoint(MatrixXd columns, double ridge)
      : c_(std::move(columns)), ridge_(ridge), n_(c_.cols()) {
    const VectorXd squares =
        c_.colwise().squaredNorm().transpose().array() + ridge_;
    sum_scale_ = squares.mean();
    if (!(sum_scale_ > 0)) sum_scale_ = 1;
    x_ = VectorXd::Zero(n_);
    factor_ = MatrixXd::Zero(0, 0);
    is_free_.assign(static_cast<size_t>(n_), false);
  }

  // The weights.
  VectorXd Solve() {
    const int most = static_cast<int>(20 * n_ + 100);
    while (iterations_ < most) {
      const Index entering = Entering();
      if (entering < 0) break;
      if (!Add(entering)) {
        blocked_.push_back(entering);
        continue;
      }
      Descend();
      // What came in for rounding alone must wait until something changes.
      if (is_free_[static_cast<size_t>(entering)]) {
        blocked_.clear();
      } else {
        blocked_.push_back(entering);
      }
    }
    const double sum = x_.sum();
    return x_ / sum;
  }

  int iterations() const { return iterations_; }

 private:
  // Minus half the gradient.
  VectorXd Descent() const {
    const VectorXd fitted = c_ * x_;
    VectorXd descent = -(c_.transpose() * fitted) - ridge_ * x_;
    descent.array() += sum_scale_ * (1 - x_.sum());
    return descent;
  }

  // The weight that lowers the value the most; -1 if none does.
  Index Entering() const {
    // Of rounding in sums of numbers of this size.
    const double least = 1e-13 * sum_scale_;
    const VectorXd descent = Descent();
    Index best = -1;
    double most = least;
    for (Index j = 0; j < n_; ++j) {
      if (is_free_[static_cast<size_t>(j)] || descent[j] <= most ||
          std::find(blocked_.begin(), blocked_.end(), j) != blocked_.end()) {
        continue;
      }
      most = descent[j];
      best = j;
    }
    return best;
  }

  // Appends a row to the Cholesky factor of the free weights. False if the
  // column is one of those of the free weights, up to rounding.
  bool Add(Index j) {
    ++iterations_;
    const auto count = static_cast<Index>(free_.size());
    VectorXd products(count);
    for (Index i = 0; i < count; ++i) {
      products[i] = c_.col(free_[static_cast<size_t>(i)]).dot(c_.col(j));
    }
    products.array() += sum_scale_;
    const double square = c_.col(j).squaredNorm() + ridge_ + sum_scale_;
    VectorXd row = products;
    if (count > 0) {
      factor_.topLeftCorner(count, count)
          .triangularView<Eigen::Lower>()
          .solveInPlace(row);
    }
    const double rest = square - row.squaredNorm();
    if (rest <= 1e-14 * square) return false;
    factor_.conservativeResize(count + 1, count + 1);
    factor_.row(count).head(count) = row.transpose();
    factor_.col(count).head(count).setZero();
    factor_(count, count) = std::sqrt(rest);
    free_.push_back(j);
    is_free_[static_cast<size_t>(j)] = true;
    return true;
  }

  // The best free weights of any sign, refined with the columns themselves, so
  // that the errors of the normal equations do not stay.
  VectorXd Unbounded() const {
    const auto count = static_cast<Index>(free_.size());
    VectorXd x = VectorXd::Zero(count);
    for (int round = 0; round < 3; ++round) {
      VectorXd fitted = VectorXd::Zero(c_.rows());
      for (Index i = 0; i < count; ++i) {
        fitted += x[i] * c_.col(free_[static_cast<size_t>(i)]);
      }
      VectorXd step(count);
      const double sum = sum_scale_ * (1 - x.sum());
      for (Index i = 0; i < count; ++i) {
        step[i] = sum - c_.col(free_[static_cast<size_t>(i)]).dot(fitted) -
                  ridge_ * x[i];
      }
      factor_.triangularView<Eigen::Lower>().solveInPlace(step);
      factor_.triangularView<Eigen::Lower>().transpose().solveInPlace(step);
      x += step;
    }
    return x;
  }

  // To the best free weights, giving up those that would become negative.
  void Descend() {
    while (!free_.empty()) {
      const VectorXd target = Unbounded();
      double length = 1;
      for (size_t i = 0; i < free_.size(); ++i) {
        const double goal = target[static_cast<Index>(i)];
        const double now = x_[free_[i]];
        if (goal <= 0) length = std::min(length, now / (now - goal));
      }
      const size_t before = free_.size();
      MoveTo(target, length);
      if (free_.size() == before) return;
    }
  }

  void MoveTo(const VectorXd& target, double length) {
    std::vector<Index> kept;
    for (size_t i = 0; i < free_.size(); ++i) {
      double& x = x_[free_[i]];
      const double goal = target[static_cast<Index>(i)];
      const bool leaves = goal <= 0 && x / (x - goal) <= length;
      x = leaves ? 0 : x + length * (goal - x);
      if (leaves) {
        is_free_[static_cast<size_t>(free_[i])] = false;
      } else {
        kept.push_back(free_[i]);
      }
    }
    if (kept.size() == free_.size()) return;
    free_.clear();
    factor_.resize(0, 0);
    for (const Index j : kept) {
      if (!Add(j)) {
        is_free_[static_cast<size_t>(j)] = false;
        x_[j] = 0;
      }
    }
  }

  const MatrixXd c_;
  const double ridge_;
  const Index n_;
  double sum_scale_ = 1;
  VectorXd x_;
  std::vector<Index> free_;
  std::vector<bool> is_free_;
  // Columns that depend on those of the free weights, up to rounding.
  std::vector<Index> blocked_;
  // Lower Cholesky factor of c'c + ridge + sum_scale of the free weights.
  MatrixXd factor_;
  int iterations_ = 0;
};

absl::Status CheckProblem(const SimplexProblem& problem) {
  if (problem.a.cols() == 0 || problem.a.rows() != problem.b.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "least squares over the simplex: ", problem.a.rows(), " rows and ",
        problem.a.cols(), " columns for ", problem.b.size(),
        " values; give at least one column, and as many rows as values"));
  }
  if (!problem.a.allFinite() || !problem.b.allFinite()) {
    return absl::InvalidArgumentError(
        "least squares over the simplex: a value is missing or infinite; fill "
        "it or leave its row out");
  }
  if (!(problem.ridge >= 0) || !std::isfinite(problem.ridge)) {
    return absl::InvalidArgumentError(
        absl::StrCat("least squares over the simplex: the ridge is ",
                     problem.ridge, "; it must be zero or more"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SimplexFit> FitSimplex(const SimplexProblem& problem) {
  if (absl::Status status = CheckProblem(problem); !status.ok()) return status;
  MatrixXd columns = problem.a.colwise() - problem.b;
  if (problem.has_intercept && columns.rows() > 0) {
    columns.rowwise() -= columns.colwise().mean().eval();
  }
  NearestPoint search(columns, problem.ridge);
  SimplexFit fit;
  fit.weights = search.Solve();
  fit.iterations = search.iterations();
  const VectorXd residual = columns * fit.weights;
  fit.value =
      residual.squaredNorm() + problem.ridge * fit.weights.squaredNorm();
  const VectorXd gradient =
      2 * (columns.transpose() * residual + problem.ridge * fit.weights);
  fit.duality_gap =
      std::max(0.0, fit.weights.dot(gradient) - gradient.minCoeff());
  if (problem.has_intercept && problem.a.rows() > 0) {
    fit.intercept = (problem.b - problem.a * fit.weights).mean();
  }
  return fit;
}

}  // namespace headway::evidence
