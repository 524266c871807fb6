#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "Eigen/Dense"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/claims/estimates.h"
#include "daemon/forecast/math/normal.h"

namespace headway::evidence {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kLeastValues = 10;
constexpr int kLeastOnASide = 5;
constexpr int kLeastCycles = 4;
constexpr int kMostLags = 4;
// Fewer values by lag, and the errors are told too small too often.
constexpr int kValuesByLag = 25;
// The median of the limit distribution of the t statistic of a unit root under
// a linear trend, and the constant a of Perron and Yabu 2009, section 3.
constexpr double kMedian = -1.96;
constexpr double kBend = 10;

// The values that are there, with the regressors of each.
struct Sample {
  std::vector<int> places;
  VectorXd values;
  // Level, slope, then with an event step and change of the slope, then a
  // dummy for each place of the cycle but the first.
  MatrixXd regressors;
  // The column of the estimate.
  int wanted = 1;
};

struct Root {
  // The autoregressive root of the errors, 1 where it is near.
  double root = 1;
  // As estimated.
  double raw = 1;
  // The long-run variance of the errors' innovations.
  double variance = 0;
  int lags = 0;
};

absl::Status CheckSides(const TrendOptions& options,
                        const std::vector<int>& places) {
  if (static_cast<int>(places.size()) < kLeastValues) {
    return absl::FailedPreconditionError(absl::StrCat(
        "there are ", places.size(), " values; a slope needs ", kLeastValues));
  }
  if (!options.event.has_value()) return absl::OkStatus();
  const int event = *options.event;
  const auto first_after =
      std::lower_bound(places.begin(), places.end(), event);
  const auto before = first_after - places.begin();
  const auto after = places.end() - first_after;
  const double least = std::max<double>(kLeastOnASide, options.by_year);
  if (before < least || after < least) {
    return absl::FailedPreconditionError(
        absl::StrFormat("there are %d values before the event and %d from it "
                        "on; a change of the slope needs %d of each",
                        before, after, static_cast<int>(std::ceil(least))));
  }
  return absl::OkStatus();
}

// What is estimated, and which regressors that takes besides the seasons.
enum class Line { kSlope, kBend, kStep };

int ColumnsOf(Line line) { return line == Line::kBend ? 4 : 2; }

void FillLine(Line line, int place, const TrendOptions& options, int row,
              MatrixXd* regressors) {
  (*regressors)(row, 0) = 1;
  const bool is_after = options.event.has_value() && place >= *options.event;
  if (line == Line::kStep) {
    (*regressors)(row, 1) = is_after ? 1 : 0;
    return;
  }
  (*regressors)(row, 1) = place / options.by_year;
  if (line == Line::kBend && is_after) {
    (*regressors)(row, 2) = 1;
    (*regressors)(row, 3) = (place - *options.event) / options.by_year;
  }
}

absl::StatusOr<Sample> SampleOf(absl::Span<const double> values,
                                const TrendOptions& options, Line line) {
  Sample sample;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) sample.places.push_back(static_cast<int>(i));
  }
  RETURN_IF_ERROR(CheckSides(options, sample.places));
  const int rows = static_cast<int>(sample.places.size());
  const bool has_season =
      options.season > 1 && rows >= kLeastCycles * options.season;
  const int dummies = has_season ? options.season - 1 : 0;
  const int base = ColumnsOf(line);
  sample.wanted = line == Line::kBend ? 3 : 1;
  sample.values.resize(rows);
  sample.regressors = MatrixXd::Zero(rows, base + dummies);
  for (int row = 0; row < rows; ++row) {
    const int place = sample.places[row];
    sample.values[row] = values[place];
    FillLine(line, place, options, row, &sample.regressors);
    const int of_cycle = has_season ? place % options.season : 0;
    if (of_cycle > 0) sample.regressors(row, base + of_cycle - 1) = 1;
  }
  return sample;
}

struct LeastSquares {
  VectorXd coefficients;
  VectorXd residuals;
  // The inverse of the cross products.
  MatrixXd inverse;
};

LeastSquares Solve(const MatrixXd& regressors, const VectorXd& values) {
  LeastSquares fit;
  const MatrixXd cross = regressors.transpose() * regressors;
  fit.inverse =
      cross.ldlt().solve(MatrixXd::Identity(cross.rows(), cross.cols()));
  fit.coefficients = regressors.colPivHouseholderQr().solve(values);
  fit.residuals = values - regressors * fit.coefficients;
  return fit;
}

// The regression of the residuals on the one before and on `lags` differences.
// Rows begin after `most` lags, so that criteria compare.
LeastSquares FitRoot(const VectorXd& residuals, int lags, int most) {
  const int first = most + 1;
  const int rows = static_cast<int>(residuals.size()) - first;
  MatrixXd regressors(rows, 1 + lags);
  for (int row = 0; row < rows; ++row) {
    const int at = first + row;
    regressors(row, 0) = residuals[at - 1];
    for (int lag = 1; lag <= lags; ++lag) {
      regressors(row, lag) = residuals[at - lag] - residuals[at - lag - 1];
    }
  }
  return Solve(regressors, residuals.tail(rows));
}

// What is added to a root whose t statistic against one is `score`: Roy and
// Fuller's correction as Perron and Yabu have it. `length` is the number of
// residuals, `order` that of the autoregression, `trends` the number of
// coefficients of the trend.
double CorrectionOf(double score, double length, int order, double trends) {
  const double half = std::floor((order + 1) / 2.0);
  const double c1 = (1 + trends) * length;
  const double c2 = (c1 - kMedian * kMedian * (half + length)) /
                    (kMedian * (kBend + kMedian) * (half + length));
  if (score > kMedian) return -score;
  if (score > -kBend) {
    return half * score / length -
           (1 + trends) / (score + c2 * (score + kBend));
  }
  if (score > -std::sqrt(c1)) {
    return half * score / length - (1 + trends) / score;
  }
  return 0;
}

Root RootOf(const VectorXd& residuals, double trends) {
  const double length = static_cast<double>(residuals.size());
  Root best;
  double least = 0;
  const int most = std::min<int>(
      kMostLags, static_cast<int>(residuals.size()) / kValuesByLag);
  for (int lags = 0; lags <= most; ++lags) {
    const LeastSquares fit = FitRoot(residuals, lags, most);
    const double rows = static_cast<double>(fit.residuals.size());
    const double sum = fit.residuals.squaredNorm();
    const double criterion =
        std::log(sum / rows) + std::log(rows) * (lags + 1) / rows;
    if (lags > 0 && criterion >= least) continue;
    least = criterion;
    const double variance = sum / (rows - lags - 1);
    const double deviation = std::sqrt(variance * fit.inverse(0, 0));
    const double raw = fit.coefficients[0];
    const double score = (raw - 1) / deviation;
    double root =
        raw + CorrectionOf(score, length, lags + 1, trends) * deviation;
    // Where the root cannot be told from one, it is one: so the estimate has
    // the same distribution on both sides.
    if (std::abs(root - 1) <= 1 / std::sqrt(length) || root > 1) root = 1;
    const double gain = 1 - fit.coefficients.tail(lags).sum();
    best = {.root = std::max(root, -0.95),
            .raw = raw,
            .variance = variance / (gain * gain),
            .lags = lags};
  }
  return best;
}

// Rows less the root times the row before, where that one is there; the first
// row as it is.
void Difference(const Sample& sample, double root, MatrixXd* regressors,
                VectorXd* values) {
  const int rows = static_cast<int>(sample.places.size());
  *regressors = sample.regressors;
  *values = sample.values;
  for (int row = 1; row < rows; ++row) {
    const int step = sample.places[row] - sample.places[row - 1];
    const double factor = std::pow(root, step);
    regressors->row(row) -= factor * sample.regressors.row(row - 1);
    (*values)[row] -= factor * sample.values[row - 1];
  }
}

// The slope, or its change, and its error as the errors' root has it.
struct Slope {
  double estimate = 0;
  double deviation = 0;
  Root root;
};

Slope SlopeOf(const Sample& sample, const MatrixXd& annihilator,
              double trends) {
  Slope slope;
  slope.root = RootOf(annihilator * sample.values, trends);
  MatrixXd regressors;
  VectorXd differences;
  Difference(sample, slope.root.root, &regressors, &differences);
  const MatrixXd cross = regressors.transpose() * regressors;
  const Eigen::LDLT<MatrixXd> solver(cross);
  const VectorXd unit = VectorXd::Unit(cross.rows(), sample.wanted);
  const VectorXd row = solver.solve(unit);
  slope.estimate = row.dot(regressors.transpose() * differences);
  slope.deviation = std::sqrt(slope.root.variance * row[sample.wanted]);
  return slope;
}

// Errors of an autoregression of order one with this root, at the places.
void DrawErrors(const std::vector<int>& places, double root,
                forecast::NormalGenerator& normal, VectorXd* errors) {
  double error =
      root < 1 ? normal.Next() / std::sqrt(1 - root * root) : normal.Next();
  int place = places.front();
  for (size_t i = 0; i < places.size(); ++i) {
    for (; place < places[i]; ++place) error = root * error + normal.Next();
    (*errors)[static_cast<int>(i)] = error;
  }
}

// By how much the error must be multiplied for its normal interval to hold the
// true slope in 95 of 100 series: among series of this length without a slope,
// whose roots are anything from 0 to 1, those are taken whose estimated root is
// nearest to the one here.
double WideningOf(Sample sample, const MatrixXd& annihilator, double trends,
                  double root) {
  // Half of what a series of the economy may be before it is seen: that its
  // shocks stay.
  constexpr double kRoots[] = {0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98,
                               1, 1,   1,   1,   1,   1,    1};
  constexpr int kSeries = 120;
  constexpr int kNearest = 240;
  struct Draw {
    double distance = 0;
    double score = 0;
  };
  std::vector<Draw> draws;
  draws.reserve(std::size(kRoots) * kSeries);
  forecast::NormalGenerator normal(sample.places.size());
  for (const double drawn : kRoots) {
    for (int i = 0; i < kSeries; ++i) {
      DrawErrors(sample.places, drawn, normal, &sample.values);
      const Slope slope = SlopeOf(sample, annihilator, trends);
      draws.push_back({std::abs(slope.root.raw - root),
                       std::abs(slope.estimate) / slope.deviation});
    }
  }
  const auto by_distance = [](const Draw& a, const Draw& b) {
    return a.distance < b.distance;
  };
  std::stable_sort(draws.begin(), draws.end(), by_distance);
  draws.resize(kNearest);
  const auto cut = draws.begin() + kNearest * 95 / 100;
  std::nth_element(
      draws.begin(), cut, draws.end(),
      [](const Draw& a, const Draw& b) { return a.score < b.score; });
  return std::max(1.0, cut->score / forecast::NormalQuantile(0.975));
}

absl::StatusOr<Estimate> Fit(absl::Span<const double> values,
                             const TrendOptions& options, Line line,
                             absl::string_view what) {
  ASSIGN_OR_RETURN(const Sample sample, SampleOf(values, options, line));
  const auto rows = sample.regressors.rows();
  const Eigen::ColPivHouseholderQR<MatrixXd> decomposition(sample.regressors);
  const MatrixXd basis = decomposition.householderQ() *
                         MatrixXd::Identity(rows, sample.regressors.cols());
  const MatrixXd annihilator =
      MatrixXd::Identity(rows, rows) - basis * basis.transpose();
  const double scale = sample.values.cwiseAbs().maxCoeff();
  if ((annihilator * sample.values).norm() <= 1e-12 * scale) {
    return absl::FailedPreconditionError(
        "the values lie on a line, so nothing says how sure its slope is");
  }
  const double trends = ColumnsOf(line);
  const Slope slope = SlopeOf(sample, annihilator, trends);
  Estimate estimate;
  estimate.observations = static_cast<int>(rows);
  const double widening =
      WideningOf(sample, annihilator, trends, slope.root.raw);
  estimate.standard_error = widening * slope.deviation;
  const double reach =
      forecast::NormalQuantile(0.975) * estimate.standard_error;
  estimate.interval = {slope.estimate, slope.estimate - reach,
                       slope.estimate + reach};
  estimate.method = absl::StrFormat(
      "%s by feasible generalised least squares, root %.2f, errors times %.1f",
      what, slope.root.root, widening);
  return estimate;
}

}  // namespace

absl::StatusOr<Estimate> TrendSlope(absl::Span<const double> values,
                                    const TrendOptions& options) {
  return options.event.has_value()
             ? Fit(values, options, Line::kBend, "change of the slope")
             : Fit(values, options, Line::kSlope, "slope");
}

absl::StatusOr<Estimate> StepAtEvent(absl::Span<const double> values,
                                     const TrendOptions& options) {
  if (!options.event.has_value()) {
    return absl::InvalidArgumentError("a step needs an event");
  }
  return Fit(values, options, Line::kStep, "step");
}

}  // namespace headway::evidence
