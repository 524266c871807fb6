#include "daemon/forecast/math/optimize.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double Rosenbrock(absl::Span<const double> x, absl::Span<double> gradient) {
  const double a = 1 - x[0];
  const double b = x[1] - x[0] * x[0];
  gradient[0] = -2 * a - 400 * x[0] * b;
  gradient[1] = 200 * b;
  return a * a + 100 * b * b;
}

MinimizeOptions Exact() {
  MinimizeOptions options;
  options.tolerance = 1e-14;
  return options;
}

TEST(MinimizeInBoxTest, FindsTheMinimumOfACurvedValley) {
  const Box box = {{-5, -5}, {5, 5}};
  const Minimum minimum = MinimizeInBox(Rosenbrock, {-1.2, 1}, box, Exact());
  EXPECT_NEAR(minimum.x[0], 1, 1e-5);
  EXPECT_NEAR(minimum.x[1], 1, 1e-5);
}

TEST(MinimizeInBoxTest, KnownCurvatureOfAQuadraticSavesEvaluations) {
  const auto quadratic = [](absl::Span<const double> x,
                            absl::Span<double> gradient) {
    gradient[0] = 2e4 * (x[0] - 1);
    gradient[1] = 2 * (x[1] - 1);
    return 1e4 * (x[0] - 1) * (x[0] - 1) + (x[1] - 1) * (x[1] - 1);
  };
  const Box box = {{-5, -5}, {5, 5}};
  MinimizeOptions informed = Exact();
  informed.curvature = {1e4, 1};
  const Minimum with = MinimizeInBox(quadratic, {0, -1}, box, informed);
  EXPECT_NEAR(with.x[0], 1, 1e-6);
  EXPECT_NEAR(with.x[1], 1, 1e-6);
  EXPECT_LT(with.evaluations,
            MinimizeInBox(quadratic, {0, -1}, box, Exact()).evaluations);
}

TEST(MinimizeInBoxTest, StopsOnABoundThatTheFunctionFallsTowards) {
  const Box box = {{-5, -5}, {0.5, 5}};
  const Minimum minimum = MinimizeInBox(Rosenbrock, {-1.2, 1}, box, Exact());
  EXPECT_EQ(minimum.x[0], 0.5);
  EXPECT_NEAR(minimum.x[1], 0.25, 1e-5);
}

TEST(MinimizeInBoxTest, TurnsBackFromWhereTheFunctionIsNotDefined) {
  const auto function = [](absl::Span<const double> x,
                           absl::Span<double> gradient) {
    if (x[0] <= 0) return kInfinity;
    gradient[0] = 1 - 1e-3 / x[0];
    return x[0] - 1e-3 * std::log(x[0]);
  };
  const Box box = {{-kInfinity}, {kInfinity}};
  const Minimum minimum = MinimizeInBox(function, {1}, box, Exact());
  EXPECT_NEAR(minimum.x[0], 1e-3, 1e-6);
}

TEST(MinimizeOnIntervalTest, FindsTheLowerOfTwoMinima) {
  const auto function = [](double x) {
    return std::min((x - 1) * (x - 1) + 0.1, 2 * (x - 3.3) * (x - 3.3));
  };
  EXPECT_NEAR(MinimizeOnInterval(function, 0, 4, 10), 3.3, 1e-6);
}

TEST(MinimizeOnIntervalTest, FindsAMinimumAtAnEnd) {
  EXPECT_EQ(MinimizeOnInterval([](double x) { return x; }, 2, 4, 10), 2);
  EXPECT_EQ(MinimizeOnInterval([](double x) { return -x; }, 2, 4, 10), 4);
}

}  // namespace
}  // namespace headway::forecast
