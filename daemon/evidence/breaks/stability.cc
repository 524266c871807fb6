#include "daemon/evidence/breaks/stability.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/breaks/triangle.h"
#include "daemon/evidence/math/distributions.h"
#include "daemon/forecast/math/normal.h"

namespace headway::evidence {
namespace {

constexpr int kSteps = 1000;
constexpr int kBits = 50;  // of one uniform number

absl::StatusOr<LinearFit> FitWhole(const BreakInput& input) {
  return FitLinear({.y = input.y,
                    .x = input.x,
                    .names = input.names,
                    .effects = {},
                    .intercept = false});
}

double NormalBelow(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

std::vector<double> FSeries(const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                            int first, int last) {
  const std::vector<double> forward = ForwardSums(x, y);
  const std::vector<double> backward = BackwardSums(x, y);
  const double degrees = static_cast<double>(y.size() - 2 * x.cols());
  std::vector<double> f;
  for (int row = first; row <= last; ++row) {
    const double rest = forward[row - 1] + backward[row - 1];
    f.push_back((forward.back() - rest) / (rest / degrees));
  }
  return f;
}

struct Functionals {
  double sup = 0;
  double ave = 0;
  double exp = 0;
};

// Of values of F; exp is taken relative to the largest, which cannot overflow.
Functionals Summarise(const std::vector<double>& f) {
  Functionals result;
  result.sup = *std::max_element(f.begin(), f.end());
  double exps = 0;
  for (const double value : f) {
    result.ave += value;
    exps += std::exp(0.5 * (value - result.sup));
  }
  const auto count = static_cast<double>(f.size());
  result.ave /= count;
  result.exp = 0.5 * result.sup + std::log(exps / count);
  return result;
}

// Draws the squared tied-down walk of `k` dimensions over its variance. Steps
// are signs, fifty from a number: a thousand of them are as good as normal.
class LimitDraws {
 public:
  LimitDraws(int k, double from, double to, uint64_t seed)
      : k_(k), seed_(seed), walk_(kSteps + 1) {
    first_ = std::max(1, static_cast<int>(std::floor(from * kSteps)));
    last_ = std::min(kSteps - 1, static_cast<int>(std::floor(to * kSteps)));
    values_.resize(last_ - first_ + 1);
  }

  const std::vector<double>& Next() {
    std::fill(values_.begin(), values_.end(), 0);
    for (int dimension = 0; dimension < k_; ++dimension) AddDimension();
    for (int i = first_; i <= last_; ++i) {
      const double t = static_cast<double>(i) / kSteps;
      values_[i - first_] /= kSteps * t * (1 - t);
    }
    return values_;
  }

 private:
  void AddDimension() {
    uint64_t bits = 0;
    for (int i = 0; i < kSteps; ++i) {
      if (i % kBits == 0) {
        bits = static_cast<uint64_t>(
            std::ldexp(forecast::UniformAt(seed_, ++counter_), kBits));
      }
      walk_[i + 1] = walk_[i] + ((bits & 1) != 0 ? 1 : -1);
      bits >>= 1;
    }
    for (int i = first_; i <= last_; ++i) {
      const double tied = walk_[i] - walk_[kSteps] * i / kSteps;
      values_[i - first_] += tied * tied;
    }
  }

  int k_;
  uint64_t seed_;
  uint64_t counter_ = 0;
  int first_ = 0;
  int last_ = 0;
  std::vector<double> walk_;
  std::vector<double> values_;
};

void AddLimitProbabilities(int k, int rows, const StabilityOptions& options,
                           FTests& tests) {
  LimitDraws draws(k, static_cast<double>(tests.first) / rows,
                   static_cast<double>(tests.last) / rows, options.seed);
  int sup = 1;
  int ave = 1;
  int exp = 1;
  for (int draw = 0; draw < options.limit_draws; ++draw) {
    const Functionals drawn = Summarise(draws.Next());
    sup += drawn.sup >= tests.sup.statistic;
    ave += drawn.ave >= tests.ave.statistic;
    exp += drawn.exp >= tests.exp.statistic;
  }
  const double all = options.limit_draws + 1;
  tests.least_p = 1 / all;
  tests.sup.p = sup / all;
  tests.ave.p = ave / all;
  tests.exp.p = exp / all;
}

struct ResidualProcess {
  double slope = 0;
  Eigen::VectorXd innovations;
};

// The slope of residuals is too small by about (1 + 3 slope) / n (Kendall
// 1954).
ResidualProcess FitResiduals(const Eigen::VectorXd& residuals) {
  const Eigen::Index n = residuals.size() - 1;
  const double raw = residuals.head(n).dot(residuals.tail(n)) /
                     residuals.head(n).squaredNorm();
  ResidualProcess process;
  process.slope = std::clamp(
      raw + (1 + 3 * raw) / static_cast<double>(residuals.size()), -0.99, 0.99);
  process.innovations = residuals.tail(n) - raw * residuals.head(n);
  process.innovations.array() -= process.innovations.mean();
  return process;
}

void AddAutoregressive(const BreakInput& input, const LinearFit& whole,
                       const StabilityOptions& options, FTests& tests) {
  constexpr int kBurnIn = 100;
  const ResidualProcess process = FitResiduals(whole.residuals);
  tests.residual_slope = process.slope;
  if (options.bootstrap_draws < 1) return;
  const Eigen::VectorXd fitted = input.y - whole.residuals;
  const auto n = static_cast<int>(input.y.size());
  const auto pool = static_cast<double>(process.innovations.size());
  uint64_t counter = 0;
  int extreme = 1;
  for (int draw = 0; draw < options.bootstrap_draws; ++draw) {
    Eigen::VectorXd y = fitted;
    double state = 0;
    for (int t = -kBurnIn; t < n; ++t) {
      const double u = forecast::UniformAt(options.seed + 1, ++counter);
      state = process.slope * state +
              process.innovations[static_cast<Eigen::Index>(u * pool)];
      if (t >= 0) y[t] += state;
    }
    const std::vector<double> f = FSeries(input.x, y, tests.first, tests.last);
    extreme += *std::max_element(f.begin(), f.end()) >= tests.sup.statistic;
  }
  const double all = options.bootstrap_draws + 1;
  tests.sup_p_autoregressive = extreme / all;
  tests.least_p_autoregressive = 1 / all;
}

}  // namespace

absl::StatusOr<FTests> TestStability(const BreakInput& input,
                                     const StabilityOptions& options) {
  if (!(options.trim > 0) || !(options.trim < 0.5)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the trimming ", options.trim,
                     " is not between 0 and 0.5; 0.15 is usual"));
  }
  ASSIGN_OR_RETURN(const LinearFit whole, FitWhole(input));
  const int n = whole.rows();
  const int k = whole.slopes();
  FTests tests;
  tests.seed = options.seed;
  tests.first =
      std::max(k + 1, static_cast<int>(std::floor(options.trim * n + 1e-9)));
  tests.last = std::min(
      n - k - 1, static_cast<int>(std::floor((1 - options.trim) * n + 1e-9)));
  if (tests.first > tests.last) {
    return absl::InvalidArgumentError(
        absl::StrCat(n, " rows are too few to try a break in a regression of ",
                     k, " coefficients; add rows or trim less"));
  }
  tests.f = FSeries(input.x, input.y, tests.first, tests.last);
  const Functionals found = Summarise(tests.f);
  tests.sup.statistic = found.sup;
  tests.ave.statistic = found.ave;
  tests.exp.statistic = found.exp;
  tests.at = tests.first +
             static_cast<int>(std::max_element(tests.f.begin(), tests.f.end()) -
                              tests.f.begin());
  AddLimitProbabilities(k, n, options, tests);
  AddAutoregressive(input, whole, options, tests);
  return tests;
}

absl::StatusOr<ChowTest> TestChow(const BreakInput& input, int at) {
  ASSIGN_OR_RETURN(const LinearFit whole, FitWhole(input));
  const int k = whole.slopes();
  const int n = whole.rows();
  if (at <= k || at >= n - k) {
    return absl::InvalidArgumentError(
        absl::StrCat("a break after row ", at, " of ", n,
                     " leaves too few rows on one "
                     "side for ",
                     k, " coefficients; each side needs ", k + 1));
  }
  ChowTest test;
  test.wald = FSeries(input.x, input.y, at, at)[0];
  test.degrees1 = k;
  test.degrees2 = n - 2 * k;
  test.f = test.wald / k;
  test.p = FUpperTail(test.f, k, test.degrees2);
  return test;
}

absl::StatusOr<StabilityTest> TestOlsCusum(const BreakInput& input) {
  ASSIGN_OR_RETURN(const LinearFit whole, FitWhole(input));
  const double scale = std::sqrt(whole.variance() * whole.rows());
  double sum = 0;
  StabilityTest test;
  for (const double residual : whole.residuals) {
    sum += residual;
    test.statistic = std::max(test.statistic, std::abs(sum) / scale);
  }
  // The largest absolute value of a Brownian bridge (Kolmogorov).
  if (test.statistic < 0.1) return test;
  test.p = 0;
  for (int i = 1; i <= 100; ++i) {
    test.p += (i % 2 == 1 ? 2 : -2) *
              std::exp(-2 * i * i * test.statistic * test.statistic);
  }
  test.p = std::clamp(test.p, 0.0, 1.0);
  return test;
}

absl::StatusOr<StabilityTest> TestRecursiveCusum(const BreakInput& input) {
  RETURN_IF_ERROR(FitWhole(input).status());
  const auto k = static_cast<int>(input.x.cols());
  const std::vector<double> sums = ForwardSums(input.x, input.y);
  const auto count = static_cast<double>(sums.size()) - k;
  // The sign of a recursive residual is that of the row's own prediction error.
  std::vector<double> residuals;
  for (size_t i = static_cast<size_t>(k); i < sums.size(); ++i) {
    const auto rows = static_cast<Eigen::Index>(i);
    const Eigen::VectorXd beta =
        input.x.topRows(rows).colPivHouseholderQr().solve(input.y.head(rows));
    const double error = input.y[rows] - input.x.row(rows).dot(beta);
    residuals.push_back(
        std::copysign(std::sqrt(std::max(0.0, sums[i] - sums[i - 1])), error));
  }
  double mean = 0;
  for (const double residual : residuals) mean += residual / count;
  double variance = 0;
  for (const double residual : residuals) {
    variance += (residual - mean) * (residual - mean) / (count - 1);
  }
  StabilityTest test;
  double sum = 0;
  for (size_t i = 0; i < residuals.size(); ++i) {
    sum += residuals[i] / std::sqrt(variance * count);
    const double t = static_cast<double>(i + 1) / count;
    test.statistic = std::max(test.statistic, std::abs(sum) / (1 + 2 * t));
  }
  const double x = test.statistic;
  test.p = x < 0.3 ? 1 - 0.1464 * x
                   : 2 * (1 - NormalBelow(3 * x) +
                          std::exp(-4 * x * x) *
                              (NormalBelow(x) + NormalBelow(5 * x) - 1) -
                          std::exp(-16 * x * x) * (1 - NormalBelow(x)));
  return test;
}

}  // namespace headway::evidence
