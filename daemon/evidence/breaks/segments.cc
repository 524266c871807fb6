#include "daemon/evidence/breaks/segments.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/breaks/triangle.h"

namespace headway::evidence {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kMostRows = 4000;

// The sums of rows first to last, for all pairs.
class Triangle {
 public:
  Triangle(const BreakInput& input, int h)
      : n_(static_cast<int>(input.y.size())), sums_(n_) {
    GrowingFit fit(static_cast<int>(input.x.cols()));
    for (int first = 0; first + h <= n_; ++first) {
      fit.Clear();
      for (int row = first; row < n_; ++row) {
        fit.Add(input.x, input.y, row);
        sums_[first].push_back(fit.rss());
      }
    }
  }

  double rss(int first, int last) const { return sums_[first][last - first]; }

 private:
  int n_;
  std::vector<std::vector<double>> sums_;
};

absl::Status CheckBreaks(const BreakInput& input, int h) {
  const auto n = static_cast<int>(input.y.size());
  const auto k = static_cast<int>(input.x.cols());
  if (n > kMostRows) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are ", n,
                     " rows; breaks are looked for among at "
                     "most ",
                     kMostRows, ": take means over longer periods"));
  }
  if (h <= k || 2 * h > n) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the least length of a segment is ", h, "; it must be above the ", k,
        " regressors and at most half of the ", n, " rows"));
  }
  return FitLinear({.y = input.y,
                    .x = input.x,
                    .names = input.names,
                    .effects = {},
                    .intercept = false})
      .status();
}

Segmentation Score(std::vector<int> breaks, double rss, int n, int k) {
  Segmentation result{.breaks = std::move(breaks), .rss = rss};
  const auto m = static_cast<double>(result.breaks.size());
  const double parameters = (k + 1) * (m + 1);
  result.log_likelihood =
      -0.5 * n *
      (std::log(rss) + 1 - std::log(n) + std::log(2 * std::numbers::pi));
  result.bic = -2 * result.log_likelihood + std::log(n) * parameters;
  const double lwz_parameters = k * (m + 1) + m;
  result.lwz = n > lwz_parameters
                   ? std::log(rss / (n - lwz_parameters)) +
                         lwz_parameters / n * 0.299 * std::pow(std::log(n), 2.1)
                   : kInfinity;
  return result;
}

// The optimal last break before each end, for one break more.
struct Stage {
  std::vector<double> cost;
  std::vector<int> split;
};

Stage FirstStage(const Triangle& triangle, int n, int h) {
  Stage stage{std::vector<double>(n, kInfinity), std::vector<int>(n, -1)};
  for (int last = h - 1; last < n; ++last) {
    stage.cost[last] = triangle.rss(0, last);
  }
  return stage;
}

Stage NextStage(const Triangle& triangle, const Stage& before, int n, int h) {
  Stage stage{std::vector<double>(n, kInfinity), std::vector<int>(n, -1)};
  for (int last = 2 * h - 1; last < n; ++last) {
    for (int split = h - 1; split + h <= last; ++split) {
      if (before.cost[split] == kInfinity) continue;
      const double cost = before.cost[split] + triangle.rss(split + 1, last);
      if (cost >= stage.cost[last]) continue;
      stage.cost[last] = cost;
      stage.split[last] = split;
    }
  }
  return stage;
}

std::vector<int> Trace(const std::vector<Stage>& stages, int n) {
  std::vector<int> breaks;
  int last = n - 1;
  for (size_t m = stages.size() - 1; m > 0; --m) {
    last = stages[m].split[last];
    breaks.push_back(last + 1);
  }
  std::reverse(breaks.begin(), breaks.end());
  return breaks;
}

double LogNormalTail(double x) {
  if (x > -30) return std::log(0.5 * std::erfc(-x / std::numbers::sqrt2));
  return -x * x / 2 - std::log(-x) - 0.5 * std::log(2 * std::numbers::pi);
}

// The limit distribution of the estimated date (Bai 1997, appendix B).
struct DateLimit {
  double xi = 1;
  double phi = 1;

  double Below(double x) const {
    x = std::max(x, 1e-300);
    const double f = xi / phi;
    return -std::exp(std::log(x) / 2 - x / 8 -
                     std::log(2 * std::numbers::pi) / 2) -
           (phi / xi * (phi + 2 * xi) / (phi + xi)) *
               std::exp(f * (1 + f) * x / 2 +
                        LogNormalTail(-(0.5 + f) * std::sqrt(x))) +
           (x / 2 - 2 + std::pow(phi + 2 * xi, 2) / ((phi + xi) * xi)) *
               std::exp(LogNormalTail(-std::sqrt(x) / 2));
  }

  double Above(double x) const {
    x = std::max(x, 1e-300);
    const double f = xi * xi / phi;
    return 1 +
           std::sqrt(f) * std::exp(std::log(x) / 2 - f * x / 8 -
                                   std::log(2 * std::numbers::pi) / 2) +
           (xi / phi * (2 * phi + xi) / (phi + xi)) *
               std::exp((phi + xi) * x / 2 +
                        LogNormalTail(-(phi + xi / 2) / std::sqrt(phi) *
                                      std::sqrt(x))) -
           (std::pow(2 * phi + xi, 2) / ((phi + xi) * phi) - 2 + f * x / 2) *
               std::exp(LogNormalTail(-std::sqrt(f * x) / 2));
  }

  double Probability(double x) const { return x < 0 ? Below(-x) : Above(x); }

  std::optional<double> Quantile(double p) const {
    const double middle = Probability(0);
    if (!std::isfinite(middle)) return std::nullopt;
    double inner = 0;
    double outer = p < middle ? -1 : 1;
    const auto beyond = [&](double x) {
      return p < middle ? Probability(x) <= p : Probability(x) >= p;
    };
    while (!beyond(outer)) {
      outer *= 2;
      if (std::abs(outer) > 1e6) return std::nullopt;
    }
    for (int i = 0; i < 100; ++i) {
      const double mid = (inner + outer) / 2;
      (beyond(mid) ? outer : inner) = mid;
    }
    return (inner + outer) / 2;
  }
};

// What one side of a break contributes.
struct Side {
  Eigen::VectorXd coefficients;
  Eigen::MatrixXd moments;  // x'x / n
  Eigen::MatrixXd omega;    // covariance of the scores
};

absl::StatusOr<Side> FitSide(const BreakInput& input, int first, int last,
                             const std::optional<HacOptions>& hac,
                             Segment& segment) {
  const int n = last - first + 1;
  const LinearInput part{.y = input.y.segment(first - 1, n),
                         .x = input.x.middleRows(first - 1, n),
                         .names = input.names,
                         .effects = {},
                         .intercept = false};
  ASSIGN_OR_RETURN(const LinearFit fit, FitLinear(part));
  CovarianceOptions options(hac ? CovarianceKind::kHac
                                : CovarianceKind::kClassical);
  if (hac) options.hac = *hac;
  ASSIGN_OR_RETURN(const Covariance covariance,
                   EstimateCovariance(fit, options));
  segment = {first, last, fit.coefficients,
             covariance.matrix.diagonal().cwiseMax(0).cwiseSqrt()};
  Side side{fit.coefficients, part.x.transpose() * part.x / n, {}};
  side.omega =
      hac ? Eigen::MatrixXd(n * side.moments * covariance.matrix * side.moments)
          : Eigen::MatrixXd(fit.rss / n * side.moments);
  return side;
}

std::optional<BreakInterval> IntervalOf(const Side& before, const Side& after,
                                        int at, int rows, double level) {
  const Eigen::VectorXd delta = after.coefficients - before.coefficients;
  const auto form = [&](const Eigen::MatrixXd& m) {
    return delta.dot(m * delta);
  };
  const double q = form(before.moments);
  const double phi1 = form(before.omega) / q;
  const double phi2 = form(after.omega) / form(after.moments);
  if (!(q > 0) || !(phi1 > 0) || !(phi2 > 0)) return std::nullopt;
  DateLimit limit;
  limit.xi = form(after.moments) / q;
  limit.phi = limit.xi * phi2 / phi1;
  const std::optional<double> high = limit.Quantile((1 + level) / 2);
  const std::optional<double> low = limit.Quantile((1 - level) / 2);
  if (!high || !low) return std::nullopt;
  const double scale = phi1 / q;
  const double from = at - std::ceil(*high * scale);
  const double to = at - std::floor(*low * scale);
  return BreakInterval{at, static_cast<int>(std::max(1.0, from)),
                       static_cast<int>(std::min<double>(rows, to))};
}

}  // namespace

absl::StatusOr<BreakSearch> FindBreaks(const BreakInput& input, int h,
                                       std::optional<int> most) {
  RETURN_IF_ERROR(CheckBreaks(input, h));
  const auto n = static_cast<int>(input.y.size());
  const auto k = static_cast<int>(input.x.cols());
  const int room = n / h - 1;
  const int limit = std::min(room, most.value_or(room));
  const Triangle triangle(input, h);
  BreakSearch search{.least_rows = h};
  std::vector<Stage> stages = {FirstStage(triangle, n, h)};
  search.by_count.push_back(Score({}, stages[0].cost[n - 1], n, k));
  for (int m = 1; m <= limit; ++m) {
    stages.push_back(NextStage(triangle, stages.back(), n, h));
    search.by_count.push_back(
        Score(Trace(stages, n), stages.back().cost[n - 1], n, k));
  }
  for (int m = 1; m <= limit; ++m) {
    const auto& all = search.by_count;
    if (all[m].bic < all[search.best_bic].bic) search.best_bic = m;
    if (all[m].lwz < all[search.best_lwz].lwz) search.best_lwz = m;
  }
  return search;
}

absl::StatusOr<SegmentFits> FitSegments(const BreakInput& input,
                                        const std::vector<int>& breaks,
                                        const std::optional<HacOptions>& hac,
                                        double level) {
  const auto n = static_cast<int>(input.y.size());
  SegmentFits fits;
  std::vector<Side> sides;
  for (size_t i = 0; i <= breaks.size(); ++i) {
    const int first = i == 0 ? 1 : breaks[i - 1] + 1;
    const int last = i == breaks.size() ? n : breaks[i];
    ASSIGN_OR_RETURN(Side side, FitSide(input, first, last, hac,
                                        fits.segments.emplace_back()));
    sides.push_back(std::move(side));
  }
  for (size_t i = 0; i < breaks.size(); ++i) {
    fits.intervals.push_back(
        IntervalOf(sides[i], sides[i + 1], breaks[i], n, level));
    if (!fits.intervals.back()) {
      fits.warnings.push_back(absl::StrCat(
          "the break at row ", breaks[i],
          " has no interval: its two sides are too alike to date it"));
    }
  }
  return fits;
}

}  // namespace headway::evidence
