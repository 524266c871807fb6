#include "daemon/forecast/batch.h"

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "daemon/base/thread_pool.h"
#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::HasSubstr;

// Of several lengths, with a season, a gap and, some of them, nothing to
// forecast from.
std::vector<std::vector<double>> MakeSeries() {
  std::vector<std::vector<double>> all;
  for (int n : {30, 1, 52, 7, 41, 30, 90, 2, 64, 13}) {
    NormalGenerator normal(n + all.size());
    std::vector<double>& values = all.emplace_back();
    for (int t = 0; t < n; ++t) {
      values.push_back(100 + t + 20 * std::sin(t * M_PI / 6) +
                       5 * normal.Next());
    }
    if (n > 40) values[n / 2] = NAN;
  }
  return all;
}

std::vector<Job> JobsOf(const std::vector<std::vector<double>>& all,
                        const Options& options) {
  std::vector<Job> jobs;
  for (const std::vector<double>& values : all) {
    jobs.push_back({values, &options});
  }
  return jobs;
}

// Every bit counts: 0.0 is not -0.0.
void ExpectSameBits(const std::vector<double>& a,
                    const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(double)), 0);
}

void ExpectSame(const absl::StatusOr<Forecast>& a,
                const absl::StatusOr<Forecast>& b) {
  ASSERT_EQ(a.status(), b.status());
  if (!a.ok()) return;
  EXPECT_EQ(a->model, b->model);
  EXPECT_EQ(a->notes, b->notes);
  ExpectSameBits(a->point, b->point);
  ExpectSameBits(a->mean, b->mean);
  ASSERT_EQ(a->quantiles.size(), b->quantiles.size());
  for (size_t h = 0; h < a->quantiles.size(); ++h) {
    ExpectSameBits(a->quantiles[h], b->quantiles[h]);
  }
  ASSERT_EQ(a->backtest.has_value(), b->backtest.has_value());
  if (a->backtest) {
    ExpectSameBits({a->backtest->mase, a->backtest->smape},
                   {b->backtest->mase, b->backtest->smape});
  }
}

class DeterminismTest : public ::testing::TestWithParam<absl::string_view> {};

TEST_P(DeterminismTest, OneTwoAndEightThreadsGiveTheSameBits) {
  const std::vector<std::vector<double>> all = MakeSeries();
  Options options;
  options.method = std::string(GetParam());
  options.season = 12;
  options.horizon = 6;
  const std::vector<Job> jobs = JobsOf(all, options);
  const auto alone = MakeForecasts(jobs, nullptr, 1);
  ThreadPool pool({.threads = 7});
  for (int threads : {2, 8}) {
    const auto together = MakeForecasts(jobs, &pool, threads);
    ASSERT_EQ(together.size(), jobs.size());
    for (size_t i = 0; i < jobs.size(); ++i) {
      SCOPED_TRACE(testing::Message()
                   << threads << " threads, " << all[i].size() << " values");
      ASSERT_NO_FATAL_FAILURE(ExpectSame(alone[i], together[i]));
    }
  }
}

TEST_P(DeterminismTest, ASeriesIsForecastAloneAsItIsAmongOthers) {
  std::vector<std::vector<double>> all = MakeSeries();
  Options options;
  options.method = std::string(GetParam());
  options.season = 4;
  const auto together = MakeForecasts(JobsOf(all, options), nullptr, 1);
  for (size_t i = all.size(); i-- > 0;) {
    ASSERT_NO_FATAL_FAILURE(
        ExpectSame(MakeForecast(all[i], options), together[i]));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Methods, DeterminismTest, ::testing::ValuesIn(MethodNames()),
    [](const ::testing::TestParamInfo<absl::string_view>& info) {
      return std::string(info.param);
    });

TEST(MakeForecastsTest, KeepsTheOrderOfTheJobsAndTheErrorsApart) {
  const std::vector<double> one = {1};
  const std::vector<double> few = {1, 2};
  const std::vector<double> many(50, 7.0);
  Options options;
  options.method = "naive";
  Options unknown;
  unknown.method = "crystal_ball";
  ThreadPool pool({.threads = 2});
  const auto forecasts = MakeForecasts(
      {{few, &options}, {one, &options}, {many, &options}, {few, &unknown}},
      &pool, 3);
  ASSERT_EQ(forecasts.size(), 4u);
  ASSERT_TRUE(forecasts[0].ok());
  EXPECT_EQ(forecasts[0]->point[0], 2);
  EXPECT_TRUE(absl::IsFailedPrecondition(forecasts[1].status()));
  ASSERT_TRUE(forecasts[2].ok());
  EXPECT_EQ(forecasts[2]->point[0], 7);
  EXPECT_THAT(std::string(forecasts[3].status().message()),
              HasSubstr("crystal_ball"));
}

TEST(MakeForecastsTest, NoJobsGiveNoForecasts) {
  EXPECT_TRUE(MakeForecasts({}, nullptr, 1).empty());
}

}  // namespace
}  // namespace headway::forecast
