#include "daemon/forecast/records.h"

#include <algorithm>
#include <cmath>

#include "daemon/forecast/path_functions.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::HasSubstr;

// A record of one more every ten days, and a lesser release between.
std::vector<Release> EveryTenDays(int records) {
  std::vector<Release> releases;
  for (int i = 0; i < records; ++i) {
    releases.push_back({10 * i, 100.0 + i});
    releases.push_back({10 * i + 5, 50});
  }
  return releases;
}

RecordOptions WithDays(int days) {
  RecordOptions options;
  options.known_until = 199;
  options.days = days;
  options.count = 2000;
  return options;
}

// The last record of each path.
std::vector<double> Last(const PathRows& rows, double before) {
  std::vector<double> last(rows[0].size(), before);
  for (const std::vector<double>& row : rows) {
    for (size_t p = 0; p < row.size(); ++p) {
      if (!std::isnan(row[p])) last[p] = row[p];
    }
  }
  return last;
}

TEST(DrawRecordsTest, NoPathFalls) {
  const auto rows = DrawRecords(EveryTenDays(20), WithDays(200));
  ASSERT_TRUE(rows.ok()) << rows.status();
  for (size_t p = 0; p < 2000; ++p) {
    double record = 119;
    for (const std::vector<double>& row : *rows) {
      if (std::isnan(row[p])) continue;
      EXPECT_GT(row[p], record);
      record = row[p];
    }
  }
}

TEST(DrawRecordsTest, RecordsComeAsOftenAsOfLateAndRiseByAsMuch) {
  const auto rows = DrawRecords(EveryTenDays(20), WithDays(100));
  const std::vector<double> last = Last(*rows, 119);
  double mean = 0;
  for (double record : last) mean += (record - 119) / 2000;
  // Ten arrivals, by a rate of twelve in 129 days, each of one.
  EXPECT_NEAR(mean, 100 * 12 / 129.0, 0.4);
  // The doubt of the rate makes it wider than a Poisson distribution.
  const double width = SampleQuantile(last, 0.9) - SampleQuantile(last, 0.1);
  EXPECT_GT(width, 2 * 1.28 * std::sqrt(mean));
}

TEST(DrawRecordsTest, RecordsThatDoubleRiseByFactors) {
  std::vector<Release> releases;
  for (int i = 0; i < 10; ++i) releases.push_back({10 * i, std::exp2(i)});
  RecordOptions options = WithDays(20);
  options.known_until = 99;
  const auto rows = DrawRecords(releases, options);
  for (const std::vector<double>& row : *rows) {
    for (double value : row) {
      if (std::isnan(value)) continue;
      EXPECT_NEAR(std::log2(value), std::round(std::log2(value)), 1e-9);
    }
  }
}

TEST(DrawRecordsTest, TheSameSeedGivesTheSameBitsAndFewerPathsTheFirst) {
  RecordOptions options = WithDays(30);
  const auto all = DrawRecords(EveryTenDays(20), options);
  options.count = 5;
  const auto few = DrawRecords(EveryTenDays(20), options);
  for (size_t day = 0; day < 30; ++day) {
    for (size_t p = 0; p < 5; ++p) {
      EXPECT_TRUE(few->at(day)[p] == all->at(day)[p] ||
                  (std::isnan(few->at(day)[p]) && std::isnan(all->at(day)[p])));
    }
  }
}

TEST(DrawRecordsTest, SaysHowManyRecordsItNeeds) {
  const auto rows = DrawRecords(EveryTenDays(3), WithDays(10));
  EXPECT_EQ(rows.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(rows.status().message()),
              HasSubstr("3 records; the paths of a record need at least 4"));
}

}  // namespace
}  // namespace headway::forecast
