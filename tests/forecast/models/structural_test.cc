#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/models/structural/filter.h"
#include "daemon/forecast/models/structural/fit.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::HasSubstr;

constexpr int kStructuralSeason = 3;
const StructuralVariances kVariances = {0.5, 0.2, 0.01, 0.05};

// Made up.
std::vector<double> Values(bool gaps) {
  std::vector<double> values = {11.2, 14.8, 9.7,  12.4, 15.9, 10.1, 13.6, 16.8,
                                11.9, 14.1, 18.3, 12.2, 15.8, 19.1, 14.4, 17.2,
                                20.9, 15.1, 18.8, 22.3, 16.2, 19.4, 24.0, 17.9};
  if (gaps) {
    for (int t : {1, 9, 10, 16}) values[t] = kMissing;
  }
  return values;
}

// What statsmodels 0.13.5 UnobservedComponents(use_exact_diffuse=True) gives
// for Values(gaps): the likelihood and four forecasts with kVariances, and the
// greatest likelihood that it finds by Nelder-Mead, Powell and L-BFGS from four
// starting points each.
struct ReferenceCase {
  bool gaps;
  StructuralForm form;
  double log_likelihood;
  std::vector<double> mean;
  std::vector<double> variance;
  double greatest_log_likelihood;
};
const ReferenceCase kReferenceCases[] = {
    {false,
     {StructuralTrend::kLevel, StructuralSeason::kNone},
     -155.839314271,
     {19.6594288289, 19.6594288289, 19.6594288289, 19.6594288289},
     {0.931662479464, 1.13166247946, 1.33166247946, 1.53166247946},
     -60.259350355},
    {false,
     {StructuralTrend::kLevel, StructuralSeason::kDummy},
     -36.6148408715,
     {19.9743956184, 23.6134410586, 17.4412560233, 19.9743956184},
     {1.30541104274, 1.41682589792, 1.50851987615, 2.00541104274},
     -28.0106807496},
    {false,
     {StructuralTrend::kLevel, StructuralSeason::kTrigonometric},
     -36.9870099474,
     {19.9025062048, 23.6274754442, 17.4427229431, 19.9025062048},
     {1.40192908954, 1.50336385048, 1.57168110769, 2.15192908954},
     -27.8668397137},
    {false,
     {StructuralTrend::kDrift, StructuralSeason::kNone},
     -151.462175034,
     {20.4361373145, 20.7960059211, 21.1558745278, 21.5157431344},
     {0.976706454648, 1.22811607246, 1.49886489164, 1.7889529122},
     -58.9989908347},
    {false,
     {StructuralTrend::kDrift, StructuralSeason::kDummy},
     -30.2882716191,
     {21.0310333157, 24.9730134467, 19.0745876549, 22.2647524842},
     {1.37002295077, 1.52379664682, 1.662906301, 2.30898651319},
     -19.3551099925},
    {false,
     {StructuralTrend::kDrift, StructuralSeason::kTrigonometric},
     -30.7061992005,
     {20.9935264022, 25.0083478681, 19.0619758249, 22.2260713095},
     {1.471195636, 1.61432349776, 1.72425748928, 2.46610121133},
     -19.2101800468},
    {false,
     {StructuralTrend::kSmooth, StructuralSeason::kNone},
     -166.412680595,
     {20.6804794349, 20.9695031112, 21.2585267875, 21.5475504639},
     {0.853650794784, 1.08671416023, 1.42633116231, 1.89250180103},
     -58.9989908346},
    {false,
     {StructuralTrend::kSmooth, StructuralSeason::kDummy},
     -28.8339435025,
     {21.0994426232, 25.1057771345, 19.2303296872, 22.4811836748},
     {1.22275768718, 1.3661542367, 1.57300866183, 2.48238278388},
     -18.9456413029},
    {false,
     {StructuralTrend::kSmooth, StructuralSeason::kTrigonometric},
     -29.3071639808,
     {21.0609041635, 25.1413428199, 19.2171549518, 22.4400244987},
     {1.32227862679, 1.45775735164, 1.6320116563, 2.6624057763},
     -18.8006577738},
    {false,
     {StructuralTrend::kLinear, StructuralSeason::kNone},
     -151.96053438,
     {20.2904844525, 20.5664020344, 20.8423196163, 21.1182371982},
     {1.13272091676, 1.6150522237, 2.24628945375, 3.04643260691},
     -58.9989908346},
    {false,
     {StructuralTrend::kLinear, StructuralSeason::kDummy},
     -31.1317863557,
     {21.1375016414, 25.113017503, 19.2454974688, 22.5023639918},
     {1.58645489643, 1.95405313772, 2.3762960585, 3.72802142571},
     -18.9456413457},
    {false,
     {StructuralTrend::kLinear, StructuralSeason::kTrigonometric},
     -31.5408574866,
     {21.1041317615, 25.1510649188, 19.2314606268, 22.468032472},
     {1.70309388638, 2.06033719911, 2.43191505426, 3.92503135319},
     -18.8006577236},
    {true,
     {StructuralTrend::kLevel, StructuralSeason::kNone},
     -122.495223157,
     {19.6350805823, 19.6350805823, 19.6350805823, 19.6350805823},
     {0.931687794318, 1.13168779432, 1.33168779432, 1.53168779432},
     -50.1405550243},
    {true,
     {StructuralTrend::kLevel, StructuralSeason::kDummy},
     -32.5985207621,
     {19.9919169752, 23.6116959903, 17.4371293906, 19.9919169752},
     {1.3102525006, 1.43001438039, 1.5098688084, 2.0102525006},
     -25.4017707341},
    {true,
     {StructuralTrend::kLevel, StructuralSeason::kTrigonometric},
     -32.8472627516,
     {19.9192575347, 23.6207382931, 17.4411794589, 19.9192575347},
     {1.40512834612, 1.5142094053, 1.5726939988, 2.15512834612},
     -25.2579296979},
    {true,
     {StructuralTrend::kDrift, StructuralSeason::kNone},
     -116.474085911,
     {20.5066657561, 20.9104702008, 21.3142746455, 21.7180790902},
     {0.977259677419, 1.22926829942, 1.50084055374, 1.79197644039},
     -48.8901860512},
    {true,
     {StructuralTrend::kDrift, StructuralSeason::kDummy},
     -26.3950338679,
     {21.0664809383, 24.9640747913, 19.07970207, 22.3051819461},
     {1.3781359134, 1.53753600885, 1.66848529082, 2.32484610362},
     -18.1388402595},
    {true,
     {StructuralTrend::kDrift, StructuralSeason::kTrigonometric},
     -26.6970942762,
     {21.021816512, 24.999930583, 19.0693678457, 22.259659767},
     {1.47706793061, 1.62677713492, 1.72957616276, 2.47927778408},
     -17.9805807424},
    {true,
     {StructuralTrend::kSmooth, StructuralSeason::kNone},
     -130.515239862,
     {20.8868916006, 21.2768309649, 21.6667703293, 22.0567096936},
     {0.854956319984, 1.08974750507, 1.43185905768, 1.90129097782},
     -48.8901860511},
    {true,
     {StructuralTrend::kSmooth, StructuralSeason::kDummy},
     -25.3406999376,
     {21.1315640187, 25.0940856368, 19.2405885066, 22.5234234365},
     {1.23477073455, 1.36712307659, 1.58732277496, 2.51329988696},
     -17.8794632328},
    {true,
     {StructuralTrend::kSmooth, StructuralSeason::kTrigonometric},
     -25.6853996184,
     {21.0876937499, 25.1309002488, 19.2304828061, 22.4775979088},
     {1.33275288492, 1.45818401642, 1.64561997406, 2.69170385786},
     -17.7191370443},
    {true,
     {StructuralTrend::kLinear, StructuralSeason::kNone},
     -116.830810799,
     {20.4280144899, 20.7782588169, 21.1285031439, 21.4787474709},
     {1.1332144384, 1.6162476731, 2.24849448515, 3.04995487453},
     -48.8901860511},
    {true,
     {StructuralTrend::kLinear, StructuralSeason::kDummy},
     -27.1891716042,
     {21.1695577431, 25.099809526, 19.2479346607, 22.5368694201},
     {1.59638347264, 1.95915379355, 2.38460669127, 3.74678913087},
     -17.8794632328},
    {true,
     {StructuralTrend::kLinear, StructuralSeason::kTrigonometric},
     -27.4801656941,
     {21.1292855237, 25.137906728, 19.2356592885, 22.4956014254},
     {1.71115278885, 2.06382644245, 2.439688813, 3.94185971535},
     -17.719137027}};

std::string Describe(const ReferenceCase& reference) {
  return StructuralName(reference.form) + (reference.gaps ? ", gaps" : "");
}

TEST(StructuralFilterTest, HasTheLikelihoodOfStatsmodels) {
  for (const ReferenceCase& reference : kReferenceCases) {
    const std::vector<double> values = Values(reference.gaps);
    StructuralFilter filter(values, reference.form, kStructuralSeason);
    EXPECT_NEAR(filter.Run(kVariances).Log(), reference.log_likelihood,
                1e-9 * std::abs(reference.log_likelihood))
        << Describe(reference);
  }
}

TEST(StructuralFilterTest, HasTheForecastsOfStatsmodels) {
  for (const ReferenceCase& reference : kReferenceCases) {
    const std::vector<double> values = Values(reference.gaps);
    StructuralFilter filter(values, reference.form, kStructuralSeason);
    filter.Run(kVariances);
    std::vector<double> mean(4);
    std::vector<double> variance(4);
    filter.Forecast(kVariances, absl::MakeSpan(mean), absl::MakeSpan(variance));
    for (int h = 0; h < 4; ++h) {
      EXPECT_NEAR(mean[h], reference.mean[h], 1e-9) << Describe(reference);
      EXPECT_NEAR(variance[h], reference.variance[h], 1e-9)
          << Describe(reference);
    }
  }
}

TEST(FitStructuralTest, HasAtLeastTheLikelihoodOfStatsmodels) {
  for (const ReferenceCase& reference : kReferenceCases) {
    const auto fit = FitStructural(Values(reference.gaps), reference.form,
                                   kStructuralSeason);
    ASSERT_TRUE(fit.ok()) << fit.status();
    EXPECT_GT(fit->log_likelihood, reference.greatest_log_likelihood - 1e-5)
        << Describe(reference);
  }
}

double Value(const StructuralFilter::Likelihood& likelihood, bool squares) {
  return squares ? likelihood.sum_of_squares : likelihood.sum_of_logs;
}

TEST(StructuralFilterTest, HasTheGradientOfItsLikelihood) {
  for (const ReferenceCase& reference : kReferenceCases) {
    const std::vector<double> values = Values(reference.gaps);
    StructuralFilter filter(values, reference.form, kStructuralSeason);
    StructuralFilter::Gradient gradient;
    filter.RunWithGradient(kVariances, gradient);
    const std::vector<int> free = FreeVariances(reference.form);
    for (size_t k = 0; k < free.size(); ++k) {
      constexpr double kStep = 1e-5;
      double StructuralVariances::*const members[] = {
          &StructuralVariances::irregular, &StructuralVariances::level,
          &StructuralVariances::slope, &StructuralVariances::season};
      StructuralVariances up = kVariances;
      StructuralVariances down = kVariances;
      up.*members[free[k]] += kStep;
      down.*members[free[k]] -= kStep;
      const auto above = filter.Run(up);
      const auto below = filter.Run(down);
      const auto slope = [&](bool squares) {
        return (Value(above, squares) - Value(below, squares)) / (2 * kStep);
      };
      EXPECT_NEAR(gradient.sum_of_squares[k], slope(true),
                  1e-4 * (1 + std::abs(slope(true))))
          << Describe(reference) << k;
      EXPECT_NEAR(gradient.sum_of_logs[k], slope(false),
                  1e-4 * (1 + std::abs(slope(false))))
          << Describe(reference) << k;
    }
  }
}

// The harmonics of an even season end with one that has no sine.
TEST(StructuralFilterTest, TellsEverySeasonApartOnceEachWasSeen) {
  for (int season : {2, 4, 12}) {
    for (StructuralSeason kind :
         {StructuralSeason::kDummy, StructuralSeason::kTrigonometric}) {
      std::vector<double> values(season + 1);
      std::iota(values.begin(), values.end(), 1.0);
      const StructuralForm form = {StructuralTrend::kLinear, kind};
      EXPECT_EQ(form.CountStates(season), season + 1);
      StructuralFilter filter(values, form, season);
      filter.Run({1, 1, 1, 1});
      EXPECT_TRUE(filter.is_identified());
      values.back() = kMissing;
      filter.Run({1, 1, 1, 1});
      EXPECT_FALSE(filter.is_identified());
    }
  }
}

// A diffuse likelihood is that of the differences where nothing is noisy but
// the level.
TEST(FitStructuralTest, FindsARandomWalk) {
  NormalGenerator normal(3);
  std::vector<double> values = {5};
  double squares = 0;
  for (int t = 1; t < 400; ++t) {
    values.push_back(values.back() + normal.Next());
    squares += std::pow(values[t] - values[t - 1], 2);
  }
  const auto fit = FitStructural(values, StructuralForm{}, 1);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_LT(fit->variances.irregular, 0.05);
  EXPECT_NEAR(fit->variances.level, squares / 399, 0.1);
}

TEST(FitStructuralTest, DoesNotDependOnTheUnit) {
  std::vector<double> values = Values(true);
  const StructuralForm form = {StructuralTrend::kLinear,
                               StructuralSeason::kDummy};
  const auto fit = FitStructural(values, form, kStructuralSeason);
  for (double& value : values) value *= 0x1p20;
  const auto scaled = FitStructural(values, form, kStructuralSeason);
  ASSERT_TRUE(fit.ok() && scaled.ok());
  EXPECT_NEAR(scaled->variances.irregular / fit->variances.irregular, 0x1p40,
              1e-6 * 0x1p40);
  EXPECT_NEAR(scaled->variances.season / fit->variances.season, 0x1p40,
              1e-6 * 0x1p40);
}

TEST(SearchStructuralTest, FindsTheSeasonThatIsThere) {
  NormalGenerator normal(1);
  std::vector<double> seasonal(60);
  std::vector<double> plain(60);
  for (int t = 0; t < 60; ++t) {
    plain[t] = 0.1 * t + normal.Next();
    seasonal[t] = plain[t] + (t % 4 == 2 ? 8 : 0);
  }
  EXPECT_TRUE(SearchStructural(seasonal, 4)->form.has_season());
  EXPECT_FALSE(SearchStructural(plain, 4)->form.has_season());
}

TEST(SearchStructuralTest, ContinuesAnExactLine) {
  std::vector<double> values(30);
  std::iota(values.begin(), values.end(), 0.0);
  const auto fit = SearchStructural(values, 1);
  ASSERT_TRUE(fit.ok()) << fit.status();
  const Prediction prediction =
      PredictStructural(values, *fit, 2, std::vector<double>{0.1, 0.9});
  EXPECT_NEAR(prediction.point[1], 31, 1e-6);
}

TEST(FitStructuralTest, SaysHowManyValuesItNeeds) {
  const std::vector<double> values = {1, 2, 4};
  const auto status = FitStructural(values, StructuralForm{}, 1).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("needs at least 5 values, and there are 3"));
}

TEST(FitStructuralTest, RefusesASeasonThatWasNeverSeen) {
  std::vector<double> values(40, 0.0);
  for (int t = 0; t < 40; ++t) values[t] = t % 4 == 1 ? kMissing : t % 7;
  EXPECT_TRUE(absl::IsFailedPrecondition(
      FitStructural(values, {StructuralTrend::kLevel, StructuralSeason::kDummy},
                    4)
          .status()));
}

}  // namespace
}  // namespace headway::forecast
