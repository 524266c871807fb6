#include "daemon/forecast/math/cholesky.h"

#include <cmath>
#include <cstddef>

namespace headway::forecast {
namespace {

// Pivots below this share of their diagonal are rounding.
constexpr double kNoPivot = 1e-13;

}  // namespace

bool FactoriseCholesky(std::vector<std::vector<double>>& matrix) {
  for (size_t i = 0; i < matrix.size(); ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = matrix[i][j];
      for (size_t k = 0; k < j; ++k) sum -= matrix[i][k] * matrix[j][k];
      if (i != j) {
        matrix[i][j] = sum / matrix[j][j];
        continue;
      }
      if (!(sum > kNoPivot * matrix[i][i])) return false;
      matrix[i][i] = std::sqrt(sum);
    }
  }
  return true;
}

void SolveCholesky(const std::vector<std::vector<double>>& factor,
                   std::vector<double>& x) {
  const size_t n = factor.size();
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) x[i] -= factor[i][k] * x[k];
    x[i] /= factor[i][i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) x[i] -= factor[k][i] * x[k];
    x[i] /= factor[i][i];
  }
}

}  // namespace headway::forecast
