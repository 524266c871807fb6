#include "daemon/series/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace headway::series {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string LabelsError(std::vector<Labels::Pair> pairs) {
  auto labels = Labels::Create(std::move(pairs));
  EXPECT_FALSE(labels.ok());
  return std::string(labels.status().message());
}

TEST(LabelsTest, AreSortedByName) {
  const Labels labels = Labels::Create({{"b", "1"}, {"a", "2"}}).value();
  EXPECT_THAT(labels.pairs(), ElementsAre(Pair("a", "2"), Pair("b", "1")));
  EXPECT_EQ(labels, Labels::Create({{"a", "2"}, {"b", "1"}}).value());
}

TEST(LabelsTest, AnAbsentLabelReadsAsEmpty) {
  const Labels labels = Labels::Create({{"a", "1"}}).value();
  EXPECT_EQ(labels.Get("a"), "1");
  EXPECT_EQ(labels.Get("b"), "");
  EXPECT_TRUE(labels.Has("a"));
  EXPECT_FALSE(labels.Has("b"));
}

TEST(LabelsTest, RefusesBadNamesAndNamesThem) {
  EXPECT_THAT(LabelsError({{"", "x"}}), HasSubstr("label name \"\""));
  EXPECT_THAT(LabelsError({{"1a", "x"}}), HasSubstr("\"1a\""));
  EXPECT_THAT(LabelsError({{"a-b", "x"}}), HasSubstr("\"a-b\""));
  EXPECT_THAT(LabelsError({{std::string(65, 'a'), "x"}}),
              HasSubstr("64 bytes"));
}

TEST(LabelsTest, RefusesBadValuesAndNamesTheLabel) {
  EXPECT_THAT(LabelsError({{"a", ""}}), HasSubstr("label a: its value has 0"));
  EXPECT_THAT(LabelsError({{"a", std::string(257, 'x')}}),
              HasSubstr("257 bytes"));
  EXPECT_THAT(LabelsError({{"a", "line\nbreak"}}),
              HasSubstr("control characters"));
  EXPECT_THAT(LabelsError({{"a", std::string("zero\0byte", 9)}}),
              HasSubstr("control characters"));
}

TEST(LabelsTest, RefusesWhatIsNotUtf8) {
  for (absl::string_view value :
       {"\x80", "\xC3", "\xC3(", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
        "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",
        "ok\xE2\x82"}) {
    EXPECT_THAT(LabelsError({{"a", std::string(value)}}),
                HasSubstr("not UTF-8"));
  }
  for (absl::string_view value :
       {"\xC3\xA9", "\xE2\x82\xAC", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(Labels::Create({{"a", std::string(value)}}).ok());
  }
}

TEST(LabelsTest, RefusesALabelThatOccursTwice) {
  EXPECT_THAT(LabelsError({{"a", "1"}, {"b", "1"}, {"a", "2"}}),
              HasSubstr("label a occurs twice"));
}

TEST(LabelsTest, RefusesMoreThanThirtyTwo) {
  std::vector<Labels::Pair> pairs;
  for (int i = 0; i < 32; ++i) pairs.emplace_back(absl::StrCat("l", i), "x");
  EXPECT_TRUE(Labels::Create(pairs).ok());
  pairs.emplace_back("one_more", "x");
  EXPECT_THAT(LabelsError(pairs), HasSubstr("33 labels"));
}

TEST(LabelsTest, KeepsOrDropsThoseNamed) {
  const Labels labels =
      Labels::Create({{"a", "1"}, {"b", "2"}, {"c", "3"}}).value();
  EXPECT_EQ(FormatLabels(labels.Only({"c", "a", "z"})), "{a=\"1\",c=\"3\"}");
  EXPECT_EQ(FormatLabels(labels.Without({"c", "z"})), "{a=\"1\",b=\"2\"}");
}

TEST(LabelsTest, PrintsWithEscapes) {
  EXPECT_EQ(FormatLabels(Labels()), "{}");
  EXPECT_EQ(FormatLabels(Labels::Create({{"a", "x\"y\\z"}}).value()),
            "{a=\"x\\\"y\\\\z\"}");
  EXPECT_EQ(FormatLabels(Labels::Create({{"a", "d'Ivoire"}}).value()),
            "{a=\"d'Ivoire\"}");
}

TEST(SeriesKeyTest, PrintsAsMetricAndLabels) {
  SeriesKey key;
  key.metric = "trade_value_usd";
  key.labels = Labels::Create({{"reporter", "USA"}, {"hs", "8542"}}).value();
  EXPECT_EQ(FormatSeriesKey(key),
            "trade_value_usd{hs=\"8542\",reporter=\"USA\"}");
}

TEST(SeriesKeyTest, SortsByMetricThenLabelsThenFrequency) {
  SeriesKey a{"m", Labels(), Frequency::kMonthly};
  SeriesKey daily{"m", Labels(), Frequency::kDaily};
  SeriesKey labelled{"m", Labels::Create({{"x", "1"}}).value(),
                     Frequency::kAnnual};
  SeriesKey other{"n", Labels(), Frequency::kAnnual};
  EXPECT_LT(a, daily);
  EXPECT_LT(daily, labelled);
  EXPECT_LT(labelled, other);
}

TEST(MetricTest, IsAnIdentifier) {
  EXPECT_TRUE(CheckMetric("_a9").ok());
  EXPECT_FALSE(CheckMetric("").ok());
  EXPECT_FALSE(CheckMetric("9a").ok());
  EXPECT_FALSE(CheckMetric("a b").ok());
  EXPECT_TRUE(CheckMetric(std::string(128, 'a')).ok());
  EXPECT_FALSE(CheckMetric(std::string(129, 'a')).ok());
}

}  // namespace
}  // namespace headway::series
