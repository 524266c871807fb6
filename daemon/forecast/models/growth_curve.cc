#include "daemon/forecast/models/growth_curve.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/constants.h"
#include "daemon/forecast/math/optimize.h"
#include "daemon/forecast/math/student.h"

namespace headway::forecast {
namespace {

constexpr int kParameters = 3;
// One value for each parameter, and as many for the residuals.
constexpr int kLeastGrowthValues = 2 * kParameters;
// The number of starts that are searched from. A convention.
constexpr int kFollowed = 4;
// The sum of squares cannot fall below this share of that of the values.
constexpr double kLeastCurveSquaresShare = 1e-24;
// Added to the diagonal of the parameters' correlation matrix, so that the
// variance is finite also in directions that the values do not determine.
constexpr double kRidge = 1e-10;
// A value takes a few exponentials.
constexpr size_t kStepsPerValue = 10;

using Shape = std::array<double, 2>;

// The curve of limit 1, and its derivatives in the variables of the search.
struct Unit {
  double value = 0;
  Shape slope = {};
};

Unit Sigmoid(GrowthCurve curve, double t, double midpoint, double scale) {
  const double z = (t - midpoint) / scale;
  Unit unit;
  double steepness;
  if (curve == GrowthCurve::kLogistic) {
    unit.value = 1 / (1 + std::exp(-z));
    steepness = unit.value * (1 - unit.value);
  } else {
    unit.value = std::exp(-std::exp(-z));
    // Where the value is zero, so is this, though the exponential is not
    // finite.
    steepness = unit.value > 0 ? unit.value * std::exp(-z) : 0;
  }
  unit.slope = {-steepness / scale, -steepness * z};
  return unit;
}

// The share of adopters up to t, with its derivatives in log p and log q.
Unit Adopted(double t, double p, double q) {
  const double rate = p + q;
  const double ratio = q / p;
  const double left = std::exp(-rate * t);
  const double bottom = 1 + ratio * left;
  Unit unit;
  unit.value = -std::expm1(-rate * t) / bottom;
  const double in_rate = (1 + ratio) * t * left / (bottom * bottom);
  const double in_ratio = -left * -std::expm1(-rate * t) / (bottom * bottom);
  unit.slope = {in_rate * p - in_ratio * ratio, in_rate * q + in_ratio * ratio};
  return unit;
}

// The slopes are those in the variables of the search: midpoint, and the
// logarithm of the scale; the logarithms of p and q.
Unit UnitAt(GrowthCurve curve, double t, const Shape& shape) {
  if (curve != GrowthCurve::kBass) {
    return Sigmoid(curve, t, shape[0], shape[1]);
  }
  const Unit now = Adopted(t, shape[0], shape[1]);
  const Unit before = Adopted(t - 1, shape[0], shape[1]);
  return {now.value - before.value,
          {now.slope[0] - before.slope[0], now.slope[1] - before.slope[1]}};
}

// The logarithm of the sum of squares, the limit being the best for the shape.
// The search's first variable, if a midpoint, is in lengths of the series.
class GrowthObjective {
 public:
  // `direction` is that of a logistic curve: -1 falls.
  GrowthObjective(absl::Span<const double> values, GrowthCurve curve,
                  double direction, StopRequest stop)
      : values_(values),
        curve_(curve),
        direction_(direction),
        stop_(stop),
        unit_(curve == GrowthCurve::kBass ? 1
                                          : static_cast<double>(values.size())),
        units_(values.size()) {
    for (double value : values) {
      if (!std::isnan(value)) squares_ += value * value;
    }
  }

  double operator()(absl::Span<const double> x, absl::Span<double> gradient) {
    stop_.RequestedAfter(kStepsPerValue * values_.size());
    const Shape shape = ToShape(x);
    double own = 0;
    double common = 0;
    Shape own_slope = {};
    Shape common_slope = {};
    for (size_t i = 0; i < values_.size(); ++i) {
      if (std::isnan(values_[i])) continue;
      const Unit unit = UnitAt(curve_, static_cast<double>(i + 1), shape);
      units_[i] = unit.value;
      own += unit.value * unit.value;
      common += unit.value * values_[i];
      for (int k = 0; k < 2; ++k) {
        own_slope[k] += unit.value * unit.slope[k];
        common_slope[k] += values_[i] * unit.slope[k];
      }
    }
    if (!(own > 0) || !(common > 0)) return kInfinity;
    limit_ = common / own;
    sum_of_squares_ = SumOfSquares();
    const double sum = sum_of_squares_ + kLeastCurveSquaresShare * squares_;
    for (int k = 0; k < 2; ++k) {
      gradient[k] =
          -2 * limit_ * (common_slope[k] - limit_ * own_slope[k]) / sum;
    }
    gradient[0] *= unit_;
    return std::log(sum);
  }

  // The limit of the last evaluation.
  double limit() const { return limit_; }
  double sum_of_squares() const { return sum_of_squares_; }

  Shape ToShape(absl::Span<const double> x) const {
    if (curve_ == GrowthCurve::kBass) return {std::exp(x[0]), std::exp(x[1])};
    return {x[0] * unit_, direction_ * std::exp(x[1])};
  }

 private:
  // A second pass: the difference of the sums would lose its digits where the
  // fit is close.
  double SumOfSquares() const {
    double sum = 0;
    for (size_t i = 0; i < values_.size(); ++i) {
      if (std::isnan(values_[i])) continue;
      const double error = values_[i] - limit_ * units_[i];
      sum += error * error;
    }
    return sum;
  }

  absl::Span<const double> values_;
  const GrowthCurve curve_;
  const double direction_;
  const StopRequest stop_;
  const double unit_;
  std::vector<double> units_;  // the curve of limit 1
  double squares_ = 0;
  double limit_ = 0;
  double sum_of_squares_ = 0;
};

// The shape parameters among which one curve is fitted to n values.
struct Region {
  Box box;
  std::vector<std::vector<double>> starts;
};

Region RegionOf(GrowthCurve curve, double n) {
  Region region;
  std::vector<double> first;
  std::vector<double> second;
  if (curve == GrowthCurve::kBass) {
    region.box.lower = {std::log(1e-7), std::log(1e-5)};
    region.box.upper = {std::log(0.9), std::log(5.0)};
    for (double p : {1e-5, 1e-3, 0.01, 0.1}) first.push_back(std::log(p));
    for (double q : {0.01, 0.1, 0.4, 1.0}) second.push_back(std::log(q));
  } else {
    region.box.lower = {-2, std::log(0.01 * n)};
    region.box.upper = {3, std::log(2 * n)};
    first = {-0.2, 0.2, 0.5, 0.8, 1.2};
    for (double scale : {0.03, 0.1, 0.3}) second.push_back(std::log(scale * n));
  }
  for (double a : first) {
    for (double b : second) region.starts.push_back({a, b});
  }
  return region;
}

GrowthFit FitInDirection(absl::Span<const double> values, GrowthCurve curve,
                         double direction, StopRequest stop) {
  GrowthObjective objective(values, curve, direction, stop);
  const auto function = [&objective](absl::Span<const double> x,
                                     absl::Span<double> gradient) {
    return objective(x, gradient);
  };
  Region region = RegionOf(curve, static_cast<double>(values.size()));
  std::vector<double> gradient(2);
  std::vector<std::pair<double, std::vector<double>>> ranked;
  for (std::vector<double>& start : region.starts) {
    if (stop.requested()) break;
    const double value = objective(start, absl::MakeSpan(gradient));
    if (value < kInfinity) ranked.emplace_back(value, std::move(start));
  }
  std::sort(ranked.begin(), ranked.end());
  if (ranked.size() > kFollowed) ranked.resize(kFollowed);
  Minimum best;
  best.value = kInfinity;
  MinimizeOptions options;
  options.tolerance = 1e-12;
  for (auto& [value, start] : ranked) {
    if (stop.requested()) break;
    Minimum minimum =
        MinimizeInBox(function, std::move(start), region.box, options, stop);
    if (minimum.value < best.value) best = std::move(minimum);
  }
  GrowthFit fit;
  fit.curve = curve;
  fit.sum_of_squares = kInfinity;
  if (best.value == kInfinity) return fit;
  objective(best.x, absl::MakeSpan(gradient));
  fit.limit = objective.limit();
  fit.shape = objective.ToShape(best.x);
  fit.sum_of_squares = objective.sum_of_squares();
  fit.observed = CountPresent(values);
  return fit;
}

absl::string_view GrowthName(GrowthCurve curve) {
  switch (curve) {
    case GrowthCurve::kLogistic:
      return "Logistic curve";
    case GrowthCurve::kGompertz:
      return "Gompertz curve";
    case GrowthCurve::kBass:
      return "Bass curve";
  }
  return "Growth curve";
}

int Degrees(const GrowthFit& fit) { return fit.observed - kParameters; }

double ResidualVariance(const GrowthFit& fit) {
  return fit.sum_of_squares / Degrees(fit);
}

using Row = std::array<double, kParameters>;

Row Derivatives(const GrowthFit& fit, double t) {
  const Unit unit = UnitAt(fit.curve, t, fit.shape);
  return {unit.value, fit.limit * unit.slope[0], fit.limit * unit.slope[1]};
}

// What the uncertainty of the parameters adds to the variance of a value, in
// units of the variance of the residuals: by Cholesky's decomposition of the
// parameters' information, scaled to a diagonal of one.
class Leverage {
 public:
  Leverage(absl::Span<const double> values, const GrowthFit& fit) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i])) continue;
      const Row row = Derivatives(fit, static_cast<double>(i + 1));
      for (int a = 0; a < kParameters; ++a) {
        for (int b = 0; b <= a; ++b) root_[a][b] += row[a] * row[b];
      }
    }
    for (int a = 0; a < kParameters; ++a) {
      size_[a] = root_[a][a] > 0 ? std::sqrt(root_[a][a]) : 1;
    }
    for (int a = 0; a < kParameters; ++a) {
      for (int b = 0; b <= a; ++b) {
        double sum = root_[a][b] / (size_[a] * size_[b]);
        if (a == b) sum += kRidge;
        for (int c = 0; c < b; ++c) sum -= root_[a][c] * root_[b][c];
        root_[a][b] = a == b ? std::sqrt(std::max(sum, kRidge * kRidge))
                             : sum / root_[b][b];
      }
    }
  }

  double Of(const Row& row) const {
    double squares = 0;
    Row solved = {};
    for (int a = 0; a < kParameters; ++a) {
      double sum = row[a] / size_[a];
      for (int b = 0; b < a; ++b) sum -= root_[a][b] * solved[b];
      solved[a] = sum / root_[a][a];
      squares += solved[a] * solved[a];
    }
    return squares;
  }

 private:
  std::array<Row, kParameters> root_ = {};
  Row size_ = {};
};

absl::StatusOr<Prediction> Predict(const ModelInput& input, GrowthCurve curve) {
  ASSIGN_OR_RETURN(const GrowthFit fit,
                   FitGrowthCurve(input.values, curve, input.stop));
  return PredictGrowthCurve(input.values, fit, input.horizon,
                            input.probabilities);
}

}  // namespace

absl::StatusOr<GrowthFit> FitGrowthCurve(absl::Span<const double> values,
                                         GrowthCurve curve, StopRequest stop) {
  const int present = CountPresent(values);
  if (present < kLeastGrowthValues) {
    return absl::FailedPreconditionError(
        absl::StrCat("a ", GrowthName(curve), " needs at least ",
                     kLeastGrowthValues, " values, and there are ", present));
  }
  GrowthFit fit = FitInDirection(values, curve, 1, stop);
  if (curve == GrowthCurve::kLogistic) {
    GrowthFit falling = FitInDirection(values, curve, -1, stop);
    if (falling.sum_of_squares < fit.sum_of_squares) fit = falling;
  }
  if (stop.requested()) return GivenUp();
  if (fit.sum_of_squares == kInfinity) {
    return absl::FailedPreconditionError(absl::StrCat(
        "a ", GrowthName(curve), " needs values that are mostly above zero"));
  }
  // One more unit of the limit, far along the curve.
  const double share = Leverage(values, fit).Of({1, 0, 0});
  fit.limit_error = std::sqrt(ResidualVariance(fit) * share);
  return fit;
}

double GrowthValue(const GrowthFit& fit, double t) {
  return fit.limit * UnitAt(fit.curve, t, fit.shape).value;
}

Prediction PredictGrowthCurve(absl::Span<const double> values,
                              const GrowthFit& fit, int horizon,
                              absl::Span<const double> probabilities) {
  const Leverage leverage(values, fit);
  const double n = static_cast<double>(values.size());
  const double variance = ResidualVariance(fit);
  std::vector<double> point(horizon);
  std::vector<double> variances(horizon);
  for (int h = 0; h < horizon; ++h) {
    const double t = n + h + 1;
    point[h] = GrowthValue(fit, t);
    variances[h] = variance * (1 + leverage.Of(Derivatives(fit, t)));
  }
  Prediction prediction =
      StudentPrediction(absl::StrCat(GrowthName(fit.curve)), std::move(point),
                        variances, Degrees(fit), probabilities);
  if (!(fit.limit_error < fit.limit / 2)) {
    prediction.notes.push_back(
        absl::StrCat("the values do not tell yet where the ",
                     GrowthName(fit.curve), " levels off"));
  }
  return prediction;
}

absl::StatusOr<Prediction> Logistic(const ModelInput& input) {
  return Predict(input, GrowthCurve::kLogistic);
}

absl::StatusOr<Prediction> Gompertz(const ModelInput& input) {
  return Predict(input, GrowthCurve::kGompertz);
}

absl::StatusOr<Prediction> Bass(const ModelInput& input) {
  return Predict(input, GrowthCurve::kBass);
}

}  // namespace headway::forecast
