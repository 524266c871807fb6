#include "daemon/forecast/math/ridge.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headway::forecast {
namespace {

// Over the mean of the regressors' sums of squares. A grid by powers of ten,
// from hardly any shrinkage to strong shrinkage: a convention.
constexpr double kPenalties[] = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10};

// The Cholesky factor of the equations with a penalty on the diagonal.
class PenalisedEquations {
 public:
  PenalisedEquations(const NormalEquations& equations, double penalty)
      : equations_(equations),
        penalty_(penalty),
        p_(equations.regressors()),
        factor_(static_cast<size_t>(p_) * p_) {
    for (int i = 0; i < p_; ++i) {
      for (int j = 0; j <= i; ++j) {
        double sum = equations.gram(i, j) + (i == j ? penalty : 0);
        for (int k = 0; k < j; ++k) sum -= at(i, k) * at(j, k);
        // The penalty keeps the diagonal clear of rounding.
        at(i, j) =
            i == j ? std::sqrt(std::max(sum, penalty / 2)) : sum / at(j, j);
      }
    }
  }

  std::vector<double> Solve() const {
    std::vector<double> x(p_);
    for (int i = 0; i < p_; ++i) {
      double sum = equations_.product(i);
      for (int k = 0; k < i; ++k) sum -= at(i, k) * x[k];
      x[i] = sum / at(i, i);
    }
    for (int i = p_ - 1; i >= 0; --i) {
      double sum = x[i];
      for (int k = i + 1; k < p_; ++k) sum -= at(k, i) * x[k];
      x[i] = sum / at(i, i);
    }
    return x;
  }

  // The trace of the matrix that takes the targets to the fit: p less the
  // penalty times the trace of the inverse, the squares of the factor's own.
  double EffectiveParameters() const {
    double trace = 0;
    std::vector<double> column(p_);
    for (int j = 0; j < p_; ++j) {
      for (int i = j; i < p_; ++i) {
        double sum = i == j ? 1 : 0;
        for (int k = j; k < i; ++k) sum -= at(i, k) * column[k];
        column[i] = sum / at(i, i);
        trace += column[i] * column[i];
      }
    }
    return p_ - penalty_ * trace;
  }

 private:
  double& at(int i, int j) { return factor_[i * p_ + j]; }
  double at(int i, int j) const { return factor_[i * p_ + j]; }

  const NormalEquations& equations_;
  const double penalty_;
  const int p_;
  std::vector<double> factor_;
};

}  // namespace

void NormalEquations::Add(absl::Span<const double> row, double target) {
  for (int i = 0; i < p_; ++i) {
    double* const sums = &gram_[static_cast<size_t>(i) * p_];
    for (int j = 0; j <= i; ++j) sums[j] += row[i] * row[j];
    products_[i] += row[i] * target;
  }
  target_squares_ += target * target;
  ++observations_;
}

RidgeFit FitRidge(const NormalEquations& equations) {
  const int p = equations.regressors();
  const double n = equations.observations();
  double scale = 0;
  for (int i = 0; i < p; ++i) scale += equations.gram(i, i) / p;
  RidgeFit best;
  best.coefficients.assign(p, 0.0);
  best.variance = equations.target_squares() / n;
  if (!(scale > 0)) return best;
  double best_score = std::numeric_limits<double>::infinity();
  for (double share : kPenalties) {
    const double penalty = share * scale;
    const PenalisedEquations solver(equations, penalty);
    std::vector<double> x = solver.Solve();
    double squares = equations.target_squares();
    for (int i = 0; i < p; ++i) {
      squares -= x[i] * (equations.product(i) + penalty * x[i]);
    }
    squares = std::max(squares, 0.0);
    const double left = n - solver.EffectiveParameters();
    if (!(left > 0)) continue;
    const double score = squares / (left * left);
    if (score < best_score) {
      best_score = score;
      best = {std::move(x), squares / left};
    }
  }
  return best;
}

}  // namespace headway::forecast
