// Cholesky's factorisation of a symmetric matrix, of which the lower half is
// read. Matrices are [row][column]. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_CHOLESKY_H_
#define HEADWAY_DAEMON_FORECAST_MATH_CHOLESKY_H_

#include <vector>

namespace headway::forecast {

// Puts the lower factor in place of the lower half; false where there is none,
// since the matrix is not positive definite.
bool FactoriseCholesky(std::vector<std::vector<double>>& matrix);

// Solves the equations of the factorised matrix, in place.
void SolveCholesky(const std::vector<std::vector<double>>& factor,
                   std::vector<double>& x);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_CHOLESKY_H_
