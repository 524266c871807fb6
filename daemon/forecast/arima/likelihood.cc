#include "daemon/forecast/arima/likelihood.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "daemon/forecast/math/constants.h"

namespace headway::forecast {
namespace {

double SumOfSquares(absl::Span<const double> values) {
  double sum = 0;
  for (double value : values) sum += value * value;
  return sum;
}

}  // namespace

ArimaLikelihood::ArimaLikelihood(const ArimaDesign& design,
                                 const ArimaForm& form, StopRequest stop)
    : design_(design),
      form_(form),
      stop_(stop),
      ar_(ProductLags(form.ar, form.seasonal_ar, form.season)),
      ma_(ProductLags(form.ma, form.seasonal_ma, form.season)) {
  columns_.push_back(&design.values);
  for (size_t i = 0; i < design.sides.size(); ++i) {
    const bool is_constant =
        design.allows_constant && static_cast<int>(i) == design.missing;
    if (is_constant && !form.has_constant) continue;
    used_sides_.push_back(static_cast<int>(i));
    columns_.push_back(&design.sides[i]);
  }
  sides_ = static_cast<int>(used_sides_.size());
  // A remainder below this share is rounding: the fit is exact.
  least_sum_of_squares_ =
      1e-24 * SumOfSquares(design.values) + std::numeric_limits<double>::min();
  residuals_.resize(design.values.size() * kLanes);
  regression_.resize(kLanes * sides_);
  products_.resize((sides_ + 1) * (sides_ + 1) * kLanes);
  triangle_.resize(sides_ * sides_);
  filter_.SetLags(ar_.lags, ma_.lags);
}

void ArimaLikelihood::SetPoint(int lane, absl::Span<const double> x) {
  const ArimaCoefficients c = FromFree(form_, x);
  MultiplyInto(c.ar, c.seasonal_ar, form_.season, -1, ar_);
  MultiplyInto(c.ma, c.seasonal_ma, form_.season, 1, ma_);
  for (size_t i = 0; i < ar_.lags.size(); ++i) {
    filter_.ar()[i * kLanes + lane] = ar_.coefficients[i];
  }
  for (size_t i = 0; i < ma_.lags.size(); ++i) {
    filter_.ma()[i * kLanes + lane] = ma_.coefficients[i];
  }
}

// Works in blocks of periods, so that a block of all columns fits the cache.
void ArimaLikelihood::MultiplySides() {
  constexpr int kBlock = 16;
  const int columns = sides_ + 1;
  std::fill(products_.begin(), products_.end(), 0.0);
  for (int start = 0; start < size(); start += kBlock) {
    const int end = std::min(start + kBlock, size());
    for (int i = 1; i < columns; ++i) {
      if (end <= filter_.start(i)) continue;
      const double* left = filter_.whitened(i);
      for (int j = 0; j <= i; ++j) {
        if (end <= filter_.start(j)) continue;
        const double* right = filter_.whitened(j);
        double* product = &products_[(i * columns + j) * kLanes];
        double sum[kLanes];
        std::copy(product, product + kLanes, sum);
        for (int t = start; t < end; ++t) {
          for (int lane = 0; lane < kLanes; ++lane) {
            sum[lane] += left[t * kLanes + lane] * right[t * kLanes + lane];
          }
        }
        std::copy(sum, sum + kLanes, product);
      }
    }
  }
}

// Generalised least squares by the Cholesky factor of the normal equations;
// adds the determinant of the missing values' part.
bool ArimaLikelihood::SolveSides(int lane, double* coefficients,
                                 double& log_determinant) {
  const int columns = sides_ + 1;
  const auto product = [&](int i, int j) {
    return products_[((i + 1) * columns + j + 1) * kLanes + lane];
  };
  for (int i = 0; i < sides_; ++i) {
    double* row = &triangle_[i * sides_];
    double rest = products_[(i + 1) * columns * kLanes + lane];
    for (int j = 0; j <= i; ++j) {
      double sum = product(i, j);
      const double* other = &triangle_[j * sides_];
      for (int k = 0; k < j; ++k) sum -= row[k] * other[k];
      if (j < i) {
        row[j] = sum / other[j];
        rest -= row[j] * coefficients[j];
      } else {
        if (!(sum > 1e-14 * product(i, i))) return false;
        row[i] = std::sqrt(sum);
      }
    }
    coefficients[i] = rest / row[i];
    if (i < design_.missing) log_determinant += 2 * std::log(row[i]);
  }
  for (int i = sides_ - 1; i >= 0; --i) {
    double sum = coefficients[i];
    for (int k = i + 1; k < sides_; ++k) {
      sum -= triangle_[k * sides_ + i] * coefficients[k];
    }
    coefficients[i] = sum / triangle_[i * sides_ + i];
  }
  return true;
}

void ArimaLikelihood::Evaluate(int lanes) {
  filter_.Run(columns_, lanes, stop_);
  if (stop_.requested()) return;
  MultiplySides();
  const double* values = filter_.whitened(0);
  double scale[kLanes] = {};
  bool usable[kLanes] = {};
  for (int lane = 0; lane < lanes; ++lane) {
    double log_determinant = filter_.log_determinant()[lane];
    usable[lane] =
        SolveSides(lane, regression_.data() + lane * sides_, log_determinant) &&
        std::isfinite(log_determinant);
    scale[lane] = usable[lane]
                      ? std::exp(log_determinant / (2 * design_.observations))
                      : 0.0;
  }
  double sum[kLanes] = {};
  for (int t = 0; t < size(); ++t) {
    double* residual = &residuals_[t * kLanes];
    for (int lane = 0; lane < kLanes; ++lane) {
      residual[lane] = values[t * kLanes + lane];
    }
    for (int side = 0; side < sides_; ++side) {
      const double* column = filter_.whitened(side + 1) + t * kLanes;
      for (int lane = 0; lane < kLanes; ++lane) {
        residual[lane] -= regression_[lane * sides_ + side] * column[lane];
      }
    }
    for (int lane = 0; lane < kLanes; ++lane) {
      residual[lane] *= scale[lane];
      sum[lane] += residual[lane] * residual[lane];
    }
  }
  for (int lane = 0; lane < lanes; ++lane) {
    sum_of_squares_[lane] = usable[lane] && std::isfinite(sum[lane])
                                ? std::max(sum[lane], least_sum_of_squares_)
                                : kInfinity;
  }
}

std::vector<double> ArimaLikelihood::MissingCovariance() const {
  return InverseOfLeading(design_.missing);
}

std::vector<double> ArimaLikelihood::SideVariances() const {
  const std::vector<double> covariance = InverseOfLeading(sides_);
  std::vector<double> variances;
  for (int i = 0; i < sides_; ++i) {
    variances.push_back(covariance[i * sides_ + i]);
  }
  return variances;
}

// Of the information matrix of the first `n` side columns at lane 0, row by
// row.
std::vector<double> ArimaLikelihood::InverseOfLeading(int n) const {
  const int columns = sides_ + 1;
  // The inverse of the lower triangle of the factor, then its square.
  std::vector<double> inverse(n * n);
  std::vector<double> factor(n * n);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) {
      double sum = products_[((i + 1) * columns + j + 1) * kLanes];
      for (int k = 0; k < j; ++k) sum -= factor[i * n + k] * factor[j * n + k];
      factor[i * n + j] = j < i ? sum / factor[j * n + j] : std::sqrt(sum);
    }
  }
  for (int j = 0; j < n; ++j) {
    inverse[j * n + j] = 1 / factor[j * n + j];
    for (int i = j + 1; i < n; ++i) {
      double sum = 0;
      for (int k = j; k < i; ++k) sum -= factor[i * n + k] * inverse[k * n + j];
      inverse[i * n + j] = sum / factor[i * n + i];
    }
  }
  std::vector<double> covariance(n * n);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int k = std::max(i, j); k < n; ++k) {
        sum += inverse[k * n + i] * inverse[k * n + j];
      }
      covariance[i * n + j] = sum;
    }
  }
  return covariance;
}

double ArimaLikelihood::LogLikelihood(double sum_of_squares) const {
  constexpr double kLogTwoPi = 1.8378770664093453;
  const double n = design_.observations;
  return -0.5 * n * (kLogTwoPi + 1 + std::log(sum_of_squares / n));
}

}  // namespace headway::forecast
