#include "daemon/forecast/arima/form.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace headway::forecast {
namespace {

// The limit of R's auto.arima.
constexpr double kLeastRoot = 1.01;
// At this x, 1 - |r| is 5e-8: the model is as good as on the unit circle.
constexpr double kLargestFree = 3000;

// Coefficients a of the predictor sum a_j y_{t-j} from partial
// autocorrelations, by the recursion of Durbin and Levinson, in place.
void FromPartial(absl::Span<double> a) {
  for (size_t k = 1; k < a.size(); ++k) {
    const double partial = a[k];
    for (size_t j = 0; j < k / 2; ++j) {
      const double near = a[j];
      const double far = a[k - 1 - j];
      a[j] = near - partial * far;
      a[k - 1 - j] = far - partial * near;
    }
    if (k % 2 == 1) a[k / 2] *= 1 - partial;
  }
}

// The inverse; false where the predictor is not stationary.
bool ToPartial(absl::Span<double> a) {
  for (size_t k = a.size(); k-- > 0;) {
    const double partial = a[k];
    if (!(std::abs(partial) < 1)) return false;
    const double scale = 1 / (1 - partial * partial);
    for (size_t j = 0; j < k / 2; ++j) {
      const double near = a[j];
      const double far = a[k - 1 - j];
      a[j] = (near + partial * far) * scale;
      a[k - 1 - j] = (far + partial * near) * scale;
    }
    if (k % 2 == 1) a[k / 2] /= 1 - partial;
  }
  return true;
}

std::vector<double> BlockFromFree(absl::Span<const double> x, double sign) {
  std::vector<double> a(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    a[i] = x[i] / std::sqrt(1 + x[i] * x[i]);
  }
  FromPartial(absl::MakeSpan(a));
  for (double& value : a) value *= sign;
  return a;
}

void BlockToFree(absl::Span<const double> coefficients, double sign,
                 std::vector<double>& x) {
  std::vector<double> a;
  double shrink = 1;
  do {
    a.clear();
    double power = 1;
    for (double value : coefficients) {
      power *= shrink;
      a.push_back(std::isfinite(value) ? sign * value * power : 0.0);
    }
    shrink *= 0.97;
  } while (!ToPartial(absl::MakeSpan(a)));
  for (double partial : a) {
    const double free = partial / std::sqrt(1 - partial * partial);
    x.push_back(std::clamp(free, -kLargestFree, kLargestFree));
  }
}

// Whether 1 - sum a_j z^j has a root of modulus below `least`.
bool HasRootBelow(absl::Span<const double> a, double sign, double least) {
  std::vector<double> scaled;
  double power = 1;
  for (double value : a) {
    power *= least;
    scaled.push_back(sign * value * power);
  }
  return !ToPartial(absl::MakeSpan(scaled));
}

}  // namespace

std::string ArimaForm::Name() const {
  std::string name = absl::StrCat("ARIMA(", ar, ",", differences, ",", ma, ")");
  if (seasonal_ar + seasonal_differences + seasonal_ma > 0) {
    absl::StrAppend(&name, "(", seasonal_ar, ",", seasonal_differences, ",",
                    seasonal_ma, ")[", season, "]");
  }
  if (has_constant) {
    absl::StrAppend(&name, differences + seasonal_differences == 0
                               ? " with non-zero mean"
                               : " with drift");
  } else if (differences + seasonal_differences == 0) {
    absl::StrAppend(&name, " with zero mean");
  }
  return name;
}

ArimaCoefficients FromFree(const ArimaForm& form, absl::Span<const double> x) {
  ArimaCoefficients c;
  size_t next = 0;
  const auto take = [&](int count, double sign) {
    next += count;
    return BlockFromFree(x.subspan(next - count, count), sign);
  };
  c.ar = take(form.ar, 1);
  c.ma = take(form.ma, -1);
  c.seasonal_ar = take(form.seasonal_ar, 1);
  c.seasonal_ma = take(form.seasonal_ma, -1);
  return c;
}

std::vector<double> ToFree(const ArimaForm& form,
                           const ArimaCoefficients& coefficients) {
  std::vector<double> x;
  x.reserve(form.coefficients());
  BlockToFree(coefficients.ar, 1, x);
  BlockToFree(coefficients.ma, -1, x);
  BlockToFree(coefficients.seasonal_ar, 1, x);
  BlockToFree(coefficients.seasonal_ma, -1, x);
  return x;
}

LagPolynomial ProductLags(int degree, int seasonal_degree, int season) {
  LagPolynomial product;
  for (int i = 0; i <= seasonal_degree; ++i) {
    for (int j = 0; j <= degree; ++j) {
      if (i + j > 0) product.lags.push_back(i * season + j);
    }
  }
  std::sort(product.lags.begin(), product.lags.end());
  product.lags.erase(std::unique(product.lags.begin(), product.lags.end()),
                     product.lags.end());
  product.coefficients.resize(product.lags.size());
  return product;
}

void MultiplyInto(absl::Span<const double> factor,
                  absl::Span<const double> seasonal, int season, double sign,
                  LagPolynomial& product) {
  std::fill(product.coefficients.begin(), product.coefficients.end(), 0.0);
  for (size_t i = 0; i <= seasonal.size(); ++i) {
    for (size_t j = 0; j <= factor.size(); ++j) {
      if (i + j == 0) continue;
      const int lag = static_cast<int>(i) * season + static_cast<int>(j);
      const size_t at =
          std::lower_bound(product.lags.begin(), product.lags.end(), lag) -
          product.lags.begin();
      const double term = i == 0   ? factor[j - 1]
                          : j == 0 ? seasonal[i - 1]
                                   : sign * factor[j - 1] * seasonal[i - 1];
      product.coefficients[at] += term;
    }
  }
}

LagPolynomial ArPolynomial(const ArimaForm& form,
                           const ArimaCoefficients& coefficients) {
  LagPolynomial product = ProductLags(form.ar, form.seasonal_ar, form.season);
  MultiplyInto(coefficients.ar, coefficients.seasonal_ar, form.season, -1,
               product);
  return product;
}

LagPolynomial MaPolynomial(const ArimaForm& form,
                           const ArimaCoefficients& coefficients) {
  LagPolynomial product = ProductLags(form.ma, form.seasonal_ma, form.season);
  MultiplyInto(coefficients.ma, coefficients.seasonal_ma, form.season, 1,
               product);
  return product;
}

std::vector<double> Difference(absl::Span<const double> values,
                               const ArimaForm& form) {
  std::vector<double> result(values.begin(), values.end());
  const auto difference = [&](size_t lag) {
    for (size_t t = 0; t + lag < result.size(); ++t) {
      result[t] = result[t + lag] - result[t];
    }
    result.resize(result.size() - lag);
  };
  for (int i = 0; i < form.seasonal_differences; ++i) difference(form.season);
  for (int i = 0; i < form.differences; ++i) difference(1);
  return result;
}

std::vector<double> DifferencingPolynomial(const ArimaForm& form) {
  std::vector<double> polynomial = {1};
  const auto multiply = [&](size_t lag) {
    polynomial.resize(polynomial.size() + lag);
    for (size_t i = polynomial.size(); i-- > lag;) {
      polynomial[i] -= polynomial[i - lag];
    }
  };
  for (int i = 0; i < form.differences; ++i) multiply(1);
  for (int i = 0; i < form.seasonal_differences; ++i) multiply(form.season);
  return polynomial;
}

bool IsNearUnitRoot(const ArimaForm& form,
                    const ArimaCoefficients& coefficients) {
  const double seasonal = std::pow(kLeastRoot, form.season);
  return HasRootBelow(coefficients.ar, 1, kLeastRoot) ||
         HasRootBelow(coefficients.ma, -1, kLeastRoot) ||
         HasRootBelow(coefficients.seasonal_ar, 1, seasonal) ||
         HasRootBelow(coefficients.seasonal_ma, -1, seasonal);
}

}  // namespace headway::forecast
