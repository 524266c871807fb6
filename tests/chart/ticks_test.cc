#include "daemon/chart/ticks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace headway::chart {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> LabelsOf(double low, double high, int count) {
  std::vector<std::string> labels;
  for (const NumberTick& tick : NumberTicks(low, high, count)) {
    labels.push_back(tick.label);
  }
  return labels;
}

std::vector<std::string> Years(int first, int last) {
  std::vector<std::string> years;
  for (int year = first; year <= last; ++year) {
    years.push_back(absl::StrCat(year));
  }
  return years;
}

std::vector<std::string> LabelsOf(const std::vector<std::string>& periods,
                                  size_t most) {
  std::vector<std::string> labels;
  for (const PeriodTick& tick : PeriodTicks(periods, most)) {
    labels.push_back(tick.label);
  }
  return labels;
}

TEST(NumberTicks, AreRoundAndCoverTheRange) {
  EXPECT_THAT(LabelsOf(0.3, 9.7, 5),
              ElementsAre("0", "2", "4", "6", "8", "10"));
}

TEST(NumberTicks, HaveAsManyDecimalsAsTheStep) {
  EXPECT_THAT(LabelsOf(-0.5, 0.5, 4),
              ElementsAre("-0.50", "-0.25", "0.00", "0.25", "0.50"));
}

TEST(NumberTicks, OfOneValueSurroundIt) {
  const auto ticks = NumberTicks(5, 5, 5);
  EXPECT_LT(ticks.front().value, 5);
  EXPECT_GT(ticks.back().value, 5);
}

TEST(NumberTicks, OfHugeValuesAreWrittenAsPowers) {
  EXPECT_THAT(LabelsOf(0, 4e15, 2), ElementsAre("0", "2e+15", "4e+15"));
}

TEST(PeriodTicks, OfYearsAreMultiples) {
  EXPECT_THAT(LabelsOf(Years(1971, 1990), 5),
              ElementsAre("1975", "1980", "1985", "1990"));
}

TEST(PeriodTicks, OfMonthsAreYears) {
  std::vector<std::string> months;
  for (int year = 2019; year < 2024; ++year) {
    for (int month = 1; month <= 12; ++month) {
      months.push_back(absl::StrCat(year, month < 10 ? "-0" : "-", month));
    }
  }
  EXPECT_THAT(LabelsOf(months, 4), ElementsAre("2020", "2022"));
}

TEST(PeriodTicks, OfWordsAreEverySoMany) {
  EXPECT_THAT(LabelsOf({"a", "b", "c", "d", "e"}, 3),
              ElementsAre("a", "c", "e"));
}

}  // namespace
}  // namespace headway::chart
