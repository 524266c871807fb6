// Agreement of ARIMA models with R's forecast package 8.20 on M3 series. Every
// test prints what it measured.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/fit.h"
#include "daemon/forecast/arima/likelihood.h"
#include "daemon/forecast/arima/predict.h"
#include "daemon/forecast/arima/search.h"
#include "gtest/gtest.h"
#include "tests/forecast/reference_data.h"

namespace headway::forecast {
namespace {

constexpr int kSample = 100;
constexpr double kTolerance = 1e-3;

// The largest difference of two paths over the largest size of the reference.
double Difference(const std::vector<double>& ours,
                  const std::vector<double>& reference) {
  double difference = 0;
  double size = 0;
  for (size_t h = 0; h < reference.size(); ++h) {
    difference = std::max(difference, std::abs(ours[h] - reference[h]));
    size = std::max(size, std::abs(reference[h]));
  }
  return difference / size;
}

std::vector<double> Bound(const ArimaPath& path, double score) {
  std::vector<double> bound = path.mean;
  for (size_t h = 0; h < bound.size(); ++h) {
    bound[h] += score * std::sqrt(path.variance[h]);
  }
  return bound;
}

class ArimaReferenceTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::optional<std::vector<ReferenceSeries>> loaded =
        LoadReference(GetParam(), kSample);
    if (!loaded) {
      GTEST_SKIP() << "no reference data; set HEADWAY_SHARED_DATA to the "
                      "directory that holds reference/ and competitions/";
    }
    series_ = *std::move(loaded);
  }

  void Print(const char* what, double value) const {
    std::printf("[ measured ] M3 %s: %s %.4g\n", GetParam(), what, value);
  }

  std::vector<ReferenceSeries> series_;
};

// R starts its Kalman filter at a variance of 1e6 where the series is
// differenced, which moves its number by some thousandths; ours is exact (see
// arima_test.cc). Close to the unit circle R's starting variance is wrong
// altogether (Gardner's method), and its likelihood too: on two of the 645
// yearly series.
TEST_P(ArimaReferenceTest, LikelihoodOfTheSameCoefficientsIsThatOfR) {
  Share close;
  Share closer;
  for (const ReferenceSeries& series : series_) {
    const absl::StatusOr<ArimaDesign> design =
        MakeArimaDesign(series.values, series.arima.form, {});
    ASSERT_TRUE(design.ok()) << series.id << ": " << design.status();
    ArimaLikelihood likelihood(*design, series.arima.form);
    likelihood.SetPoint(0,
                        ToFree(series.arima.form, series.arima.coefficients));
    likelihood.Evaluate(1);
    const double difference =
        std::abs(likelihood.LogLikelihood(likelihood.sum_of_squares(0)) -
                 series.arima.log_likelihood);
    close.Count(difference < 0.02);
    closer.Count(difference < kTolerance);
  }
  Print("share of log-likelihoods within 0.02 of R's", close.value());
  Print("share of log-likelihoods within 0.001 of R's", closer.value());
  EXPECT_GE(close.value(), 0.99);
  EXPECT_GE(closer.value(), 0.9);
}

TEST_P(ArimaReferenceTest, FitOfTheSameOrdersIsAtLeastAsGood) {
  Share share;
  for (const ReferenceSeries& series : series_) {
    const absl::StatusOr<ArimaFit> fit =
        FitArima(series.values, series.arima.form);
    ASSERT_TRUE(fit.ok()) << series.id << ": " << fit.status();
    share.Count(fit->log_likelihood >=
                series.arima.log_likelihood - kTolerance);
  }
  Print("share with a log-likelihood at least R's less 0.001", share.value());
  EXPECT_GE(share.value(), 0.96);
}

// The others are stepwise searches that end elsewhere: from better optima on
// the way, or past models that R failed to fit, and same orders whose number R
// has too high (see above).
TEST_P(ArimaReferenceTest, SearchFindsTheOrdersOfROrAModelOfLowerAicc) {
  Share same;
  Share good;
  for (const ReferenceSeries& series : series_) {
    const absl::StatusOr<ArimaForm> form =
        FindDifferences(series.values, series.season);
    ASSERT_TRUE(form.ok()) << series.id << ": " << form.status();
    const absl::StatusOr<ArimaSearch> search =
        SearchArima(series.values, *form);
    ASSERT_TRUE(search.ok()) << series.id << ": " << search.status();
    const bool is_same = search->best.form == series.arima.form;
    same.Count(is_same);
    good.Count(is_same || search->best.aicc <= series.arima.aicc + kTolerance);
  }
  Print("share with the orders of R", same.value());
  Print("share with the orders of R or an AICc at least as good", good.value());
  EXPECT_GE(same.value(), 0.85);
  EXPECT_GE(good.value(), 0.91);
}

TEST_P(ArimaReferenceTest, ForecastsOfTheSameModelAreThoseOfR) {
  constexpr double kScore = 1.959963984540054;
  Share points;
  Share bounds;
  for (const ReferenceSeries& series : series_) {
    const ReferenceForecast& r = series.arima_forecast;
    const absl::StatusOr<ArimaFit> fit =
        FitArima(series.values, series.arima.form);
    ASSERT_TRUE(fit.ok()) << series.id << ": " << fit.status();
    if (std::abs(fit->log_likelihood - series.arima.log_likelihood) > 0.02) {
      continue;
    }
    const ArimaPath path =
        *PredictArima(*MakeArimaDesign(series.values, series.arima.form, {}),
                      *fit, static_cast<int>(r.point.size()), {});
    points.Count(Difference(path.mean, r.point) < 1e-3);
    bounds.Count(Difference(Bound(path, -kScore), r.lower) < 5e-3 &&
                 Difference(Bound(path, kScore), r.upper) < 5e-3);
  }
  Print("share of points within 0.1 % of R", points.value());
  Print("share of 95 % bounds within 0.5 % of R", bounds.value());
  EXPECT_GE(points.value(), 0.95);
  EXPECT_GE(bounds.value(), 0.95);
}

INSTANTIATE_TEST_SUITE_P(M3, ArimaReferenceTest,
                         ::testing::Values("Yearly", "Quarterly", "Monthly"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

}  // namespace
}  // namespace headway::forecast
