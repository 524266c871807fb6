#include "daemon/forecast/models/log_linear.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/constants.h"
#include "daemon/forecast/math/student.h"

namespace headway::forecast {
namespace {

// The sum of squares cannot fall below this share of that about the mean: a
// perfect fit has a finite BIC, and rounding does not choose the breaks.
constexpr double kLeastLineSquaresShare = 1e-13;
// Intercept and slope.
constexpr int kLineParameters = 2;
// The parameters that a break date counts for in the BIC (Hall, Osborn, Sakkas
// 2013).
constexpr int kBreakParameters = 3;

// A line by least squares over values i to j - 1, from running sums.
struct Line {
  double count = 0;
  double mean_t = 0;
  double mean_z = 0;
  double spread = 0;  // of t, about its mean
  double slope = 0;
  double squares = 0;  // of the residuals
};

class RunningSums {
 public:
  RunningSums(absl::Span<const double> t, absl::Span<const double> z)
      : sums_(t.size() + 1) {
    // About the middle, so that the sums lose few digits.
    for (size_t i = 0; i < t.size(); ++i) {
      centre_t_ += (t[i] - centre_t_) / static_cast<double>(i + 1);
      centre_z_ += (z[i] - centre_z_) / static_cast<double>(i + 1);
    }
    for (size_t i = 0; i < t.size(); ++i) {
      const double a = t[i] - centre_t_;
      const double b = z[i] - centre_z_;
      const Sums& last = sums_[i];
      sums_[i + 1] = {last.t + a, last.z + b, last.tt + a * a, last.tz + a * b,
                      last.zz + b * b};
    }
  }

  Line Fit(int i, int j) const {
    const Sums& from = sums_[i];
    const Sums& to = sums_[j];
    Line line;
    line.count = j - i;
    const double t = (to.t - from.t) / line.count;
    const double z = (to.z - from.z) / line.count;
    line.spread = to.tt - from.tt - line.count * t * t;
    const double product = to.tz - from.tz - line.count * t * z;
    line.slope = product / line.spread;
    line.squares = std::max(
        0.0, to.zz - from.zz - line.count * z * z - line.slope * product);
    line.mean_t = t + centre_t_;
    line.mean_z = z + centre_z_;
    return line;
  }

 private:
  struct Sums {
    double t = 0;
    double z = 0;
    double tt = 0;
    double tz = 0;
    double zz = 0;
  };
  std::vector<Sums> sums_;
  double centre_t_ = 0;
  double centre_z_ = 0;
};

// The least sum of squares over the first j values in m + 1 segments, and where
// the last of these begins.
struct Partition {
  std::vector<std::vector<double>> squares;  // [m][j]
  std::vector<std::vector<int>> start;       // [m][j]
};

Partition BestPartitions(const RunningSums& sums, int n, int least,
                         StopRequest stop) {
  const int breaks = std::min(kMaxBreaks, n / least - 1);
  Partition best;
  best.squares.assign(breaks + 1, std::vector<double>(n + 1, kInfinity));
  best.start.assign(breaks + 1, std::vector<int>(n + 1, 0));
  for (int j = least; j <= n; ++j) best.squares[0][j] = sums.Fit(0, j).squares;
  // All partitions share the last segment's cost.
  for (int j = 2 * least; j <= n; ++j) {
    for (int i = least; i + least <= j; ++i) {
      const double last = sums.Fit(i, j).squares;
      for (int m = 1; m <= breaks; ++m) {
        const double total = best.squares[m - 1][i] + last;
        if (!(total < best.squares[m][j])) continue;
        best.squares[m][j] = total;
        best.start[m][j] = i;
      }
    }
    if (stop.RequestedAfter(static_cast<size_t>(10) * j)) break;
  }
  return best;
}

bool IsFinite(const Prediction& prediction) {
  const auto finite = [](double value) { return std::isfinite(value); };
  return std::all_of(prediction.mean.begin(), prediction.mean.end(), finite) &&
         std::all_of(prediction.quantiles.begin(), prediction.quantiles.end(),
                     [&finite](const std::vector<double>& quantiles) {
                       return std::all_of(quantiles.begin(), quantiles.end(),
                                          finite);
                     });
}

double Bic(double squares, int n, int breaks) {
  const double parameters =
      kLineParameters * (breaks + 1) + kBreakParameters * breaks;
  return n * std::log(squares / n) + parameters * std::log(n);
}

}  // namespace

absl::StatusOr<LogLinearFit> FitLogLinear(absl::Span<const double> values,
                                          StopRequest stop) {
  std::vector<double> t;
  std::vector<double> z;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    if (!(values[i] > 0)) {
      return absl::FailedPreconditionError(
          absl::StrCat("a log-linear trend needs values above zero, and value ",
                       i + 1, " is not"));
    }
    t.push_back(static_cast<double>(i));
    z.push_back(std::log(values[i]));
  }
  const int n = static_cast<int>(z.size());
  if (n < kLeastSegment) {
    return absl::FailedPreconditionError(
        absl::StrCat("a log-linear trend needs at least ", kLeastSegment,
                     " values, and there are ", n));
  }
  const int least = std::max(
      kLeastSegment, static_cast<int>(std::ceil(kLeastSegmentShare * n)));
  const RunningSums sums(t, z);
  const Partition best = BestPartitions(sums, n, least, stop);
  if (stop.requested()) return GivenUp();
  const Line whole = sums.Fit(0, n);
  const double floor =
      kLeastLineSquaresShare *
      (whole.squares + whole.slope * whole.slope * whole.spread);
  LogLinearFit fit;
  fit.observed = n;
  fit.bic = kInfinity;
  int breaks = 0;
  for (int m = 0; m < static_cast<int>(best.squares.size()); ++m) {
    const double bic = Bic(best.squares[m][n] + floor, n, m);
    if (!(bic < fit.bic)) continue;
    fit.bic = bic;
    fit.sum_of_squares = best.squares[m][n];
    breaks = m;
  }
  int end = n;
  for (int m = breaks; m >= 0; --m) {
    const int start = best.start[m][end];
    const Line line = sums.Fit(start, end);
    if (m == breaks) {
      fit.last_observed = end - start;
      fit.last_mean = line.mean_t;
      fit.last_spread = line.spread;
    }
    fit.segments.insert(fit.segments.begin(),
                        {static_cast<int>(t[start]),
                         line.mean_z - line.slope * line.mean_t, line.slope});
    end = start;
  }
  return fit;
}

Prediction PredictLogLinear(const LogLinearFit& fit, int values, int horizon,
                            absl::Span<const double> probabilities) {
  const int breaks = static_cast<int>(fit.segments.size()) - 1;
  const int degrees = fit.observed - kLineParameters * (breaks + 1);
  const double variance = fit.sum_of_squares / degrees;
  const LogLinearSegment& last = fit.segments.back();
  std::vector<double> point(horizon);
  std::vector<double> variances(horizon);
  for (int h = 0; h < horizon; ++h) {
    const double t = values + h;
    const double distance = t - fit.last_mean;
    point[h] = last.intercept + last.slope * t;
    variances[h] = variance * (1 + 1.0 / fit.last_observed +
                               distance * distance / fit.last_spread);
  }
  Prediction prediction = StudentPrediction(
      breaks == 0 ? "Log-linear trend"
                  : absl::StrCat("Log-linear trend with ", breaks,
                                 breaks == 1 ? " break" : " breaks"),
      std::move(point), variances, degrees, probabilities);
  for (int h = 0; h < horizon; ++h) {
    prediction.mean[h] = std::exp(prediction.mean[h] + variances[h] / 2);
    prediction.point[h] = std::exp(prediction.point[h]);
    for (double& quantile : prediction.quantiles[h]) {
      quantile = std::exp(quantile);
    }
  }
  return prediction;
}

absl::StatusOr<Prediction> LogLinear(const ModelInput& input) {
  absl::Span<const double> values = input.values;
  const size_t most = kMaxLogLinearValues;
  if (values.size() > most) values = values.last(most);
  ASSIGN_OR_RETURN(const LogLinearFit fit, FitLogLinear(values, input.stop));
  Prediction prediction = PredictLogLinear(fit, static_cast<int>(values.size()),
                                           input.horizon, input.probabilities);
  if (!IsFinite(prediction)) {
    return absl::FailedPreconditionError(
        "a log-linear trend through these values leaves the range of a double "
        "within the horizon");
  }
  return prediction;
}

}  // namespace headway::forecast
