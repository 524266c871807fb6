#include <cmath>
#include <complex>
#include <numbers>
#include <string>
#include <vector>

#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/seasonality.h"
#include "daemon/forecast/models/ces/fit.h"
#include "daemon/forecast/models/ces/recursion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::HasSubstr;
using Complex = std::complex<double>;

constexpr int kCesSeason = 4;
constexpr CesForm kCesForms[] = {CesForm::kNone, CesForm::kSimple,
                                 CesForm::kPartial, CesForm::kFull};

// Within the stable region.
CesSmoothing SmoothingOf(CesForm form) {
  return {1.3, 1.02, form == CesForm::kPartial ? 0.2 : 1.1, 0.99};
}

std::vector<double> SeasonalSeries(int n) {
  NormalGenerator normal(3);
  std::vector<double> values(n);
  for (int t = 0; t < n; ++t) {
    values[t] = 10 + 0.1 * t + 2 * std::sin(t * std::numbers::pi / 2) +
                0.3 * normal.Next();
  }
  return values;
}

// The model as the paper has it, in complex numbers: what is expected next,
// with the information potential as its imaginary part.
class ComplexModel {
 public:
  ComplexModel(CesForm form, const CesSmoothing& p) : form_(form), p_(p) {}

  std::vector<Complex> level;
  std::vector<Complex> seasonal;

  double Expect(int slot) const {
    return Level(slot).real() + (seasonal.empty() ? 0 : seasonal[slot].real());
  }

  void Move(double error, int slot) {
    Complex& l = level[level.size() == 1 ? 0 : slot];
    l = Smooth({p_[0], p_[1]}, l, error);
    if (form_ == CesForm::kPartial) seasonal[slot] += p_[2] * error;
    if (form_ == CesForm::kFull) {
      seasonal[slot] = Smooth({p_[2], p_[3]}, seasonal[slot], error);
    }
  }

  void Turn() {
    for (Complex& l : level) l = Smooth({p_[0], p_[1]}, l, 0);
    for (Complex& s : seasonal) {
      if (form_ == CesForm::kFull) s = Smooth({p_[2], p_[3]}, s, 0);
    }
  }

 private:
  Complex Level(int slot) const { return level[level.size() == 1 ? 0 : slot]; }

  // The observed value's potential is its error.
  static Complex Smooth(Complex weight, Complex expected, double error) {
    return weight * Complex(expected.real() + error, error) +
           (Complex(1, 1) - weight) * expected;
  }

  const CesForm form_;
  const CesSmoothing p_;
};

// The recursion with backcasting, from the rough start 1.1 times the potential.
double SumOfSquares(const std::vector<double>& values, CesForm form,
                    const CesSmoothing& p, double start,
                    const std::vector<double>& seasonal) {
  ComplexModel model(form, p);
  const auto rough = [](double x) { return Complex(x, x / 1.1); };
  if (form == CesForm::kSimple) {
    for (int s = 0; s < kCesSeason; ++s)
      model.level.push_back(rough(values[s]));
  } else {
    model.level = {rough(start)};
  }
  for (double s : seasonal) model.seasonal.push_back(rough(s));
  const int n = static_cast<int>(values.size());
  double squares = 0;
  const auto observe = [&](int t) {
    const double error =
        std::isnan(values[t]) ? 0 : values[t] - model.Expect(t % kCesSeason);
    model.Move(error, t % kCesSeason);
    squares += error * error;
  };
  for (int t = 0; t < n; ++t) observe(t);
  model.Turn();
  for (int t = n; t-- > 0;) observe(t);
  model.Turn();
  squares = 0;
  for (int t = 0; t < n; ++t) observe(t);
  return squares;
}

double Mean(const std::vector<double>& values, int count) {
  double sum = 0;
  for (int t = 0; t < count; ++t) sum += values[t];
  return sum / count;
}

class CesFormTest : public ::testing::TestWithParam<CesForm> {
 protected:
  const CesSmoothing smoothing_ = SmoothingOf(GetParam());
};

TEST_P(CesFormTest, SumOfSquaresIsThatOfTheModelInComplexNumbers) {
  const std::vector<double> values = SeasonalSeries(26);
  const bool has_seasonal =
      GetParam() == CesForm::kPartial || GetParam() == CesForm::kFull;
  const std::vector<double> seasonal =
      has_seasonal
          ? SeasonalIndices(values, kCesSeason, Decomposition::kAdditive)
          : std::vector<double>();
  CesRecursion recursion(values, GetParam(), kCesSeason);
  const double start =
      Mean(values, GetParam() == CesForm::kNone ? 10 : kCesSeason);
  EXPECT_NEAR(recursion.Run(smoothing_).sum_of_squares,
              SumOfSquares(values, GetParam(), smoothing_, start, seasonal),
              1e-10);
}

TEST_P(CesFormTest, GradientIsThatOfFiniteDifferences) {
  std::vector<double> values = SeasonalSeries(26);
  values[11] = kMissing;
  CesRecursion recursion(values, GetParam(), kCesSeason);
  const CesErrors errors = recursion.Run(smoothing_);
  constexpr double kStep = 1e-6;
  for (int i = 0; i < CesParameterCount(GetParam()); ++i) {
    CesSmoothing low = smoothing_;
    CesSmoothing high = smoothing_;
    low[i] -= kStep;
    high[i] += kStep;
    const double difference =
        recursion.Run(high).sum_of_squares - recursion.Run(low).sum_of_squares;
    // Half the derivative of the sum of squares.
    EXPECT_NEAR(errors.gradient[i] / (difference / (4 * kStep)), 1, 1e-5) << i;
  }
}

TEST_P(CesFormTest, PointDerivativesAreThoseOfFiniteDifferences) {
  const std::vector<double> values = SeasonalSeries(26);
  CesRecursion recursion(values, GetParam(), kCesSeason);
  const auto path = [&](const CesSmoothing& smoothing) {
    recursion.Run(smoothing);
    return ContinueCes(GetParam(), kCesSeason, smoothing,
                       recursion.FinalState(), 6);
  };
  const CesPath centre = path(smoothing_);
  constexpr double kStep = 1e-6;
  for (int i = 0; i < CesParameterCount(GetParam()); ++i) {
    CesSmoothing low = smoothing_;
    CesSmoothing high = smoothing_;
    low[i] -= kStep;
    high[i] += kStep;
    const CesPath below = path(low);
    const CesPath above = path(high);
    for (int h = 0; h < 6; ++h) {
      EXPECT_NEAR(centre.point_derivatives[h][i],
                  (above.point[h] - below.point[h]) / (2 * kStep), 1e-6)
          << i << " " << h;
    }
  }
}

// Expected values observed as if they had come change nothing.
TEST_P(CesFormTest, PathIsTheRecursionWithoutErrors) {
  const std::vector<double> values = SeasonalSeries(26);
  CesRecursion recursion(values, GetParam(), kCesSeason);
  recursion.Run(smoothing_);
  const CesState state = recursion.FinalState();
  const CesPath path =
      ContinueCes(GetParam(), kCesSeason, smoothing_, state, 9);
  ComplexModel model(GetParam(), smoothing_);
  const size_t stride = CesStride(GetParam());
  for (size_t i = 0; i < state.level.size(); i += stride) {
    model.level.push_back({state.level[i], state.potential[i]});
  }
  for (size_t i = 0; i < state.seasonal.size(); i += stride) {
    model.seasonal.push_back({state.seasonal[i], state.seasonal_potential[i]});
  }
  for (int h = 0; h < 9; ++h) {
    EXPECT_NEAR(path.point[h], model.Expect(h % kCesSeason), 1e-10) << h;
    model.Move(0, h % kCesSeason);
  }
}

// Two paths of the complex model that differ by one error.
TEST_P(CesFormTest, ResponsesAreWhatAnErrorAddsLater) {
  std::vector<double> values = SeasonalSeries(24);
  CesRecursion recursion(values, GetParam(), kCesSeason);
  recursion.Run(smoothing_);
  const CesPath path = ContinueCes(GetParam(), kCesSeason, smoothing_,
                                   recursion.FinalState(), 9);
  ComplexModel model(GetParam(), smoothing_);
  model.level.assign(GetParam() == CesForm::kSimple ? kCesSeason : 1, 0);
  if (GetParam() == CesForm::kPartial || GetParam() == CesForm::kFull) {
    model.seasonal.assign(kCesSeason, 0);
  }
  model.Move(1, 0);
  EXPECT_EQ(path.responses[0], 1);
  for (int h = 1; h < 9; ++h) {
    EXPECT_NEAR(path.responses[h], model.Expect(h % kCesSeason), 1e-12) << h;
    model.Move(0, h % kCesSeason);
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, CesFormTest, ::testing::ValuesIn(kCesForms));

std::vector<double> Simulated(double a0, double a1, int n) {
  ComplexModel model(CesForm::kNone, {a0, a1});
  model.level = {Complex(100, 100 / a0)};
  NormalGenerator normal(5);
  std::vector<double> values;
  for (int t = 0; t < n; ++t) {
    const double error = normal.Next();
    values.push_back(model.Expect(0) + error);
    model.Move(error, 0);
  }
  return values;
}

TEST(FitCesTest, RecoversTheSmoothingOfALongSeries) {
  const std::vector<double> values = Simulated(1.4, 1.001, 2000);
  const CesFit fit = FitCes(values, CesForm::kNone, 1).value();
  EXPECT_NEAR(fit.smoothing[0], 1.4, 0.08);
  EXPECT_NEAR(fit.smoothing[1], 1.001, 0.002);
  EXPECT_NEAR(fit.variance, 1, 0.1);
}

TEST(FitCesTest, SeasonalFormNeedsTwoCycles) {
  const std::vector<double> values = SeasonalSeries(20);
  EXPECT_THAT(FitCes(values, CesForm::kFull, 12).status().ToString(),
              HasSubstr("needs two cycles of at least 2 periods, and there are "
                        "20 values in cycles of 12"));
}

TEST(SearchCesTest, FindsTheSeason) {
  const CesFit fit = SearchCes(SeasonalSeries(60), kCesSeason).value();
  EXPECT_NE(fit.form, CesForm::kNone);
}

TEST(SearchCesTest, NoFormHasALowerAicc) {
  for (const std::vector<double>& values :
       {SeasonalSeries(60), Simulated(1.4, 1, 60)}) {
    const CesFit fit = SearchCes(values, kCesSeason).value();
    for (CesForm form : kCesForms) {
      EXPECT_GE(FitCes(values, form, kCesSeason)->aicc, fit.aicc)
          << CesName(form);
    }
  }
}

TEST(AutoCesTest, ShortSeriesIsAnErrorThatSaysHowManyValuesItNeeds) {
  ModelInput input;
  const std::vector<double> values = {1, 2, 3, 2};
  input.values = values;
  EXPECT_THAT(AutoCes(input).status().ToString(),
              HasSubstr("needs at least 5 values, and there are 4"));
}

// Of series that the model made, as many lie within as should.
TEST(AutoCesTest, IntervalsOfItsOwnSeriesCoverWhatTheySay) {
  constexpr int kSeries = 400;
  constexpr int kHorizon = 6;
  const std::vector<double> probabilities = {0.1, 0.9};
  NormalGenerator normal(8);
  int within = 0;
  for (int i = 0; i < kSeries; ++i) {
    ComplexModel model(CesForm::kNone, {1.5, 1});
    model.level = {Complex(20, 20 / 1.5)};
    std::vector<double> values;
    for (int t = 0; t < 30 + kHorizon; ++t) {
      const double error = normal.Next();
      values.push_back(model.Expect(0) + error);
      model.Move(error, 0);
    }
    ModelInput input;
    input.values = absl::MakeConstSpan(values).first(30);
    input.horizon = kHorizon;
    input.probabilities = probabilities;
    const Prediction prediction = AutoCes(input).value();
    for (int h = 0; h < kHorizon; ++h) {
      within += values[30 + h] > prediction.quantiles[h][0] &&
                values[30 + h] < prediction.quantiles[h][1];
    }
  }
  EXPECT_NEAR(within / static_cast<double>(kSeries * kHorizon), 0.8, 0.05);
}

}  // namespace
}  // namespace headway::forecast
