#include "daemon/evidence/math/hac.h"

#include <cmath>
#include <numbers>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::evidence {
namespace {

constexpr double kLeastWeight = 1e-7;

struct Autoregression {
  double slope = 0;
  double variance = 0;
};

// With an intercept, by least squares.
Autoregression FitAr1(const Eigen::VectorXd& values) {
  const Eigen::Index n = values.size() - 1;
  const Eigen::ArrayXd y = values.tail(n).array() - values.tail(n).mean();
  const Eigen::ArrayXd x = values.head(n).array() - values.head(n).mean();
  const double spread = x.square().sum();
  if (!(spread > 0)) return {};
  const double slope = (x * y).sum() / spread;
  return {slope, (y - slope * x).square().sum() / static_cast<double>(n)};
}

// The curvature of the spectrum at zero, of order one or two.
double AndrewsAlpha(const Eigen::MatrixXd& scores,
                    const Eigen::VectorXd& weights, bool first) {
  double above = 0;
  double below = 0;
  for (int j = 0; j < scores.cols(); ++j) {
    if (!(weights[j] > 0)) continue;
    const Autoregression ar = FitAr1(scores.col(j));
    const double s4 = weights[j] * ar.variance * ar.variance;
    const double rest = 1 - ar.slope;
    const double top = 4 * ar.slope * ar.slope * s4;
    above += first ? top / (std::pow(rest, 6) * std::pow(1 + ar.slope, 2))
                   : top / std::pow(rest, 8);
    below += s4 / std::pow(rest, 4);
  }
  return below > 0 ? above / below : 0;
}

double AndrewsBandwidth(const Eigen::MatrixXd& scores,
                        const Eigen::VectorXd& weights, Kernel kernel) {
  const auto n = static_cast<double>(scores.rows());
  const bool first = kernel == Kernel::kBartlett;
  const double alpha = AndrewsAlpha(scores, weights, first);
  switch (kernel) {
    case Kernel::kBartlett:
      return 1.1447 * std::cbrt(n * alpha);
    case Kernel::kParzen:
      return 2.6614 * std::pow(n * alpha, 0.2);
    case Kernel::kTukeyHanning:
      return 1.7462 * std::pow(n * alpha, 0.2);
    case Kernel::kQuadraticSpectral:
      break;
  }
  return 1.3221 * std::pow(n * alpha, 0.2);
}

absl::StatusOr<double> NeweyWestBandwidth(const Eigen::MatrixXd& scores,
                                          const Eigen::VectorXd& weights,
                                          const HacOptions& options) {
  if (options.kernel == Kernel::kTukeyHanning) {
    return absl::InvalidArgumentError(
        "Newey and West's rule has no Tukey-Hanning kernel; choose Andrews' "
        "rule or another kernel");
  }
  const bool first = options.kernel == Kernel::kBartlett;
  const double rate = first                               ? 2.0 / 9
                      : options.kernel == Kernel::kParzen ? 4.0 / 25
                                                          : 2.0 / 25;
  const Eigen::Index n = scores.rows();
  const double all = static_cast<double>(n) + (options.prewhiten ? 1 : 0);
  const auto lags = std::min<Eigen::Index>(
      n - 1, static_cast<Eigen::Index>(std::floor((options.prewhiten ? 3 : 4) *
                                                  std::pow(all / 100, rate))));
  const Eigen::VectorXd one = scores * weights;
  double s0 = one.squaredNorm();
  double sq = 0;
  for (Eigen::Index j = 1; j <= lags; ++j) {
    const double product = 2 * one.head(n - j).dot(one.tail(n - j));
    s0 += product;
    sq += static_cast<double>(first ? j : j * j) * product;
  }
  const double order = first ? 1.0 / 3 : 1.0 / 5;
  const double factor = first                               ? 1.1447
                        : options.kernel == Kernel::kParzen ? 2.6614
                                                            : 1.3221;
  return factor * std::pow(std::pow(sq / s0, 2), order) * std::pow(all, order);
}

struct Whitened {
  Eigen::MatrixXd scores;
  Eigen::MatrixXd recolour;
};

absl::StatusOr<Whitened> Prewhiten(const Eigen::MatrixXd& scores) {
  const Eigen::Index n = scores.rows() - 1;
  const Eigen::Index k = scores.cols();
  const Eigen::MatrixXd before = scores.topRows(n);
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(before);
  const Eigen::MatrixXd lag = qr.solve(scores.bottomRows(n)).transpose();
  const Eigen::MatrixXd rest = Eigen::MatrixXd::Identity(k, k) - lag;
  const Eigen::FullPivLU<Eigen::MatrixXd> lu(rest);
  if (qr.rank() < k || !lu.isInvertible()) {
    return absl::FailedPreconditionError(
        "the scores cannot be prewhitened: a VAR(1) of them has no unique "
        "solution or a unit root; leave prewhitening out");
  }
  return Whitened{scores.bottomRows(n) - before * lag.transpose(),
                  lu.inverse()};
}

Eigen::MatrixXd WeightedProducts(const Eigen::MatrixXd& scores, Kernel kernel,
                                 double bandwidth) {
  const Eigen::Index n = scores.rows();
  Eigen::MatrixXd half = 0.5 * scores.transpose() * scores;
  for (Eigen::Index j = 1; j < n && bandwidth > 0; ++j) {
    const double weight =
        KernelWeight(kernel, static_cast<double>(j) / bandwidth);
    if (kernel != Kernel::kQuadraticSpectral && weight == 0) break;
    if (std::abs(weight) <= kLeastWeight) continue;
    half +=
        weight * scores.topRows(n - j).transpose() * scores.bottomRows(n - j);
  }
  return half + half.transpose();
}

}  // namespace

double KernelWeight(Kernel kernel, double x) {
  x = std::abs(x);
  if (x == 0) return 1;
  switch (kernel) {
    case Kernel::kBartlett:
      return std::max(0.0, 1 - x);
    case Kernel::kParzen:
      if (x <= 0.5) return 1 - 6 * x * x + 6 * x * x * x;
      return x < 1 ? 2 * std::pow(1 - x, 3) : 0;
    case Kernel::kTukeyHanning:
      return x < 1 ? (1 + std::cos(std::numbers::pi * x)) / 2 : 0;
    case Kernel::kQuadraticSpectral:
      break;
  }
  const double y = 6 * std::numbers::pi * x / 5;
  return 3 / (y * y) * (std::sin(y) / y - std::cos(y));
}

absl::StatusOr<LongRun> LongRunCovariance(const Eigen::MatrixXd& scores,
                                          const Eigen::VectorXd& weights,
                                          const HacOptions& options) {
  if (scores.rows() < 4) {
    return absl::InvalidArgumentError(
        absl::StrCat("a long-run covariance of ", scores.rows(),
                     " periods says nothing; four are the least"));
  }
  if (options.bandwidth && !(*options.bandwidth > 0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the bandwidth ", *options.bandwidth, " is not above zero"));
  }
  Whitened whitened{scores,
                    Eigen::MatrixXd::Identity(scores.cols(), scores.cols())};
  if (options.prewhiten) {
    ASSIGN_OR_RETURN(whitened, Prewhiten(scores));
  }
  LongRun result;
  if (options.bandwidth) {
    result.bandwidth = *options.bandwidth;
  } else if (options.rule == BandwidthRule::kAndrews) {
    result.bandwidth =
        AndrewsBandwidth(whitened.scores, weights, options.kernel);
  } else {
    ASSIGN_OR_RETURN(result.bandwidth,
                     NeweyWestBandwidth(whitened.scores, weights, options));
  }
  const Eigen::MatrixXd products =
      WeightedProducts(whitened.scores, options.kernel, result.bandwidth);
  result.sum = whitened.recolour * products * whitened.recolour.transpose();
  return result;
}

}  // namespace headway::evidence
