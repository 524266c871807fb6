#include "daemon/forecast/arima/start.h"

#include <algorithm>
#include <cmath>

namespace headway::forecast {
namespace {

// Solves the symmetric positive system `matrix` x = `right`, row by row, of
// size right.size(), in place; the diagonal is raised a little, which costs
// nothing in a starting point and keeps it solvable.
void SolveRidge(std::vector<double>& matrix, std::vector<double>& right) {
  const size_t n = right.size();
  for (size_t i = 0; i < n; ++i) {
    matrix[i * n + i] = matrix[i * n + i] * (1 + 1e-6) + 1e-300;
    for (size_t j = 0; j <= i; ++j) {
      double sum = matrix[i * n + j];
      for (size_t k = 0; k < j; ++k)
        sum -= matrix[i * n + k] * matrix[j * n + k];
      matrix[i * n + j] =
          j < i ? sum / matrix[j * n + j] : std::sqrt(std::max(sum, 1e-300));
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) right[i] -= matrix[i * n + k] * right[k];
    right[i] /= matrix[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) right[i] -= matrix[k * n + i] * right[k];
    right[i] /= matrix[i * n + i];
  }
}

// Coefficients of the autoregression of `order` (Durbin and Levinson on the
// sample autocovariances).
std::vector<double> Autoregression(const std::vector<double>& values,
                                   int order) {
  const int n = static_cast<int>(values.size());
  std::vector<double> covariance(order + 1);
  for (int lag = 0; lag <= order; ++lag) {
    for (int t = lag; t < n; ++t) {
      covariance[lag] += values[t] * values[t - lag];
    }
  }
  std::vector<double> a(order);
  std::vector<double> previous;
  double variance = covariance[0];
  for (int k = 0; k < order && variance > 0; ++k) {
    double sum = covariance[k + 1];
    for (int j = 0; j < k; ++j) sum -= a[j] * covariance[k - j];
    const double partial = sum / variance;
    previous = a;
    for (int j = 0; j < k; ++j) a[j] -= partial * previous[k - 1 - j];
    a[k] = partial;
    variance *= 1 - partial * partial;
  }
  return a;
}

int LongOrder(int size, int season) {
  constexpr int kMost = 60;
  const int wanted = std::max(10, season + 3);
  return std::max(0, std::min({wanted, kMost, size / 3}));
}

}  // namespace

HannanRissanen::HannanRissanen(const ArimaDesign& design)
    : values_(design.values), errors_(design.values.size()) {
  const int n = static_cast<int>(values_.size());
  const int first = design.missing;
  const int sides = static_cast<int>(design.sides.size()) - first;
  std::vector<double> matrix(sides * sides);
  std::vector<double> right(sides);
  for (int i = 0; i < sides; ++i) {
    const std::vector<double>& side = design.sides[first + i];
    for (int j = 0; j <= i; ++j) {
      for (int t = 0; t < n; ++t) {
        matrix[i * sides + j] += side[t] * design.sides[first + j][t];
      }
    }
    for (int t = 0; t < n; ++t) right[i] += side[t] * values_[t];
  }
  SolveRidge(matrix, right);
  for (int i = 0; i < sides; ++i) {
    for (int t = 0; t < n; ++t) {
      values_[t] -= right[i] * design.sides[first + i][t];
    }
  }
  const std::vector<double> a =
      Autoregression(values_, LongOrder(n, design.form.season));
  for (int t = 0; t < n; ++t) {
    errors_[t] = values_[t];
    const int most = std::min(t, static_cast<int>(a.size()));
    for (int j = 0; j < most; ++j) errors_[t] -= a[j] * values_[t - 1 - j];
  }
}

std::vector<double> HannanRissanen::Start(const ArimaForm& form) const {
  const int n = static_cast<int>(values_.size());
  struct Regressor {
    const std::vector<double>* series;
    int lag;
  };
  std::vector<Regressor> regressors;
  const auto add = [&](const std::vector<double>& series, int count, int step) {
    for (int i = 1; i <= count; ++i) regressors.push_back({&series, i * step});
  };
  add(values_, form.ar, 1);
  add(errors_, form.ma, 1);
  add(values_, form.seasonal_ar, form.season);
  add(errors_, form.seasonal_ma, form.season);

  const size_t k = regressors.size();
  std::vector<double> matrix(k * k);
  std::vector<double> right(k);
  for (size_t i = 0; i < k; ++i) {
    const double* x = regressors[i].series->data();
    const int x_lag = regressors[i].lag;
    for (int t = x_lag; t < n; ++t) right[i] += x[t - x_lag] * values_[t];
    for (size_t j = 0; j <= i; ++j) {
      const double* y = regressors[j].series->data();
      const int y_lag = regressors[j].lag;
      double sum = 0;
      for (int t = std::max(x_lag, y_lag); t < n; ++t) {
        sum += x[t - x_lag] * y[t - y_lag];
      }
      matrix[i * k + j] = sum;
    }
  }
  SolveRidge(matrix, right);
  ArimaCoefficients coefficients;
  auto next = right.begin();
  const auto take = [&](int count) {
    next += count;
    return std::vector<double>(next - count, next);
  };
  coefficients.ar = take(form.ar);
  coefficients.ma = take(form.ma);
  coefficients.seasonal_ar = take(form.seasonal_ar);
  coefficients.seasonal_ma = take(form.seasonal_ma);
  return ToFree(form, coefficients);
}

}  // namespace headway::forecast
