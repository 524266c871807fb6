#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/models/theta/classical.h"
#include "daemon/forecast/models/theta/fit.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/models/inputs.h"

namespace headway::forecast {
namespace {

using ::testing::HasSubstr;

// Where every period ahead adds the same, it is half the slope of the line.
TEST(ThetaTest, DriftsByHalfTheSlopeOfTheLine) {
  const std::vector<double> values = NoisyLine(40, 0.8, 9);
  double product = 0;
  for (int t = 0; t < 40; ++t) product += values[t] * (t - 19.5);
  const double slope = product / (40 * (40 * 40 - 1) / 12.0);
  const Prediction prediction = Theta(InputOf(values, 3)).value();
  EXPECT_NEAR(prediction.point[2] - prediction.point[1], slope / 2, 1e-9);
}

constexpr ThetaForm kThetaForms[] = {
    {false, false}, {false, true}, {true, false}, {true, true}};

// The recursion as the paper writes it, with periods counted from 1.
class PaperModel {
 public:
  PaperModel(const ThetaFit& fit, const std::vector<double>& values)
      : fit_(fit) {
    const double n = static_cast<double>(values.size());
    double sum = 0;
    double product = 0;
    for (int t = 1; t <= n; ++t) {
      sum += values[t - 1];
      product += t * values[t - 1];
    }
    if (fit.form.dynamic) {
      level_ = (1 - fit.weight) * values[0];
      return;
    }
    b_ = 6 / (n * n - 1) * (2 * product / n - (n + 1) * sum / n);
    a_ = sum / n - (n + 1) / 2 * b_;
    level_ = values[0] - fit.weight * (a_ + b_);
  }

  double Expected() const {
    const double decay = std::pow(1 - fit_.alpha, t_ - 1);
    return level_ + fit_.weight * (decay * a_ + (1 - decay * (1 - fit_.alpha)) /
                                                    fit_.alpha * b_);
  }

  void Observe(double y) {
    level_ = fit_.alpha * y + (1 - fit_.alpha) * level_;
    if (fit_.form.dynamic) {
      b_ = t_ == 1 ? 0 : ((t_ - 2) * b_ + 6 * (y - mean_) / t_) / (t_ + 1);
      mean_ = ((t_ - 1) * mean_ + y) / t_;
      a_ = mean_ - b_ * (t_ + 1) / 2;
    }
    ++t_;
  }

 private:
  const ThetaFit fit_;
  double level_ = 0;
  double mean_ = 0;
  double a_ = 0;
  double b_ = 0;
  int t_ = 1;
};

double SumOfSquares(const ThetaFit& fit, const std::vector<double>& values) {
  PaperModel model(fit, values);
  double squares = 0;
  for (size_t t = 0; t < values.size(); ++t) {
    const double error = values[t] - model.Expected();
    if (t >= 3) squares += error * error;
    model.Observe(values[t]);
  }
  return squares;
}

class ThetaFormTest : public ::testing::TestWithParam<ThetaForm> {};

TEST_P(ThetaFormTest, ReportsTheSumOfSquaresOfTheRecursion) {
  const std::vector<double> values = NoisyLine(30, 0.8, 9);
  const ThetaFit fit = FitTheta(values, GetParam());
  EXPECT_NEAR(fit.sum_of_squares, SumOfSquares(fit, values), 1e-6);
}

TEST_P(ThetaFormTest, NoNeighbourFitsBetter) {
  const std::vector<double> values = NoisyLine(30, 0.8, 9);
  const ThetaFit fit = FitTheta(values, GetParam());
  const double least = SumOfSquares(fit, values) - 1e-9;
  for (double change : {-0.01, 0.01}) {
    ThetaFit other = fit;
    other.alpha = std::clamp(fit.alpha + change, 0.1, 0.99);
    EXPECT_GE(SumOfSquares(other, values), least);
    if (!fit.form.optimised) continue;
    other = fit;
    other.weight = std::clamp(fit.weight + change, 0.0, 1.0);
    EXPECT_GE(SumOfSquares(other, values), least);
  }
}

// The paper's model, run forward with errors of its own, spreads as the
// variances say. The series is so long that its parameters are certain.
TEST_P(ThetaFormTest, VarianceAgreesWithTheModelRunForward) {
  const std::vector<double> values = NoisyLine(400, 0.02, 9);
  const ThetaFit fit = FitTheta(values, GetParam());
  constexpr int kHorizon = 8;
  constexpr int kPaths = 20000;
  const Prediction prediction =
      PredictTheta(fit, values, kHorizon, {0.8413447460685429});
  PaperModel past(fit, values);
  for (double value : values) past.Observe(value);
  NormalGenerator normal(2);
  std::vector<double> squares(kHorizon, 0.0);
  for (int path = 0; path < kPaths; ++path) {
    PaperModel model = past;
    for (int h = 0; h < kHorizon; ++h) {
      const double y =
          model.Expected() + std::sqrt(fit.variance) * normal.Next();
      const double error = y - prediction.point[h];
      squares[h] += error * error / kPaths;
      model.Observe(y);
    }
  }
  for (int h = 0; h < kHorizon; ++h) {
    const double spread = prediction.quantiles[h][0] - prediction.point[h];
    EXPECT_NEAR(squares[h] / (spread * spread), 1, 5 * std::sqrt(2.0 / kPaths))
        << h;
  }
}

// With few values, what is not known of the parameters widens the intervals.
TEST_P(ThetaFormTest, IntervalsOfAShortSeriesAreWiderThanTheErrorsMakeThem) {
  const std::vector<double> values = NoisyLine(10, 0.8, 9);
  ThetaFit fit = FitTheta(values, GetParam());
  const Prediction prediction =
      PredictTheta(fit, values, 1, {0.8413447460685429});
  EXPECT_GT(prediction.quantiles[0][0] - prediction.point[0],
            1.01 * std::sqrt(fit.variance));
}

INSTANTIATE_TEST_SUITE_P(Forms, ThetaFormTest, ::testing::ValuesIn(kThetaForms),
                         [](const auto& info) {
                           return std::string(
                               info.param.dynamic
                                   ? (info.param.optimised ? "DOTM" : "DSTM")
                                   : (info.param.optimised ? "OTM" : "STM"));
                         });

TEST(SearchThetaTest, TakesALineThatHoldsAllAlongFromAllValues) {
  EXPECT_FALSE(SearchTheta(NoisyLine(60, 0.8, 9)).form.dynamic);
}

TEST(SearchThetaTest, FollowsALineThatTurns) {
  std::vector<double> values = NoisyLine(60, 0.8, 9);
  for (int t = 30; t < 60; ++t) values[t] -= 1.6 * (t - 30);
  EXPECT_TRUE(SearchTheta(values).form.dynamic);
}

TEST(DynamicThetaTest, ShortSeriesIsAnErrorThatSaysHowManyValuesItNeeds) {
  EXPECT_THAT(DynamicTheta(InputOf({1, 2, 3, 2, 1, 3}, 2)).status().ToString(),
              HasSubstr("need at least 7 values, and there are 6"));
}

}  // namespace
}  // namespace headway::forecast
