#include "daemon/pipeline/definitions/dependencies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>

namespace headway::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

InputMap InputsOf(
    std::initializer_list<std::pair<const char*, const char*>> indicators) {
  query::IndicatorMap map;
  for (const auto& [name, text] : indicators) {
    map.emplace(name, query::IndicatorDefinition{query::Parse(text).value(),
                                                 series::Unit()});
  }
  return FindInputs(map);
}

series::SeriesKey Key(const std::string& metric,
                      std::vector<series::Labels::Pair> labels = {}) {
  series::SeriesKey key;
  key.metric = metric;
  key.labels = series::Labels::Create(std::move(labels)).value();
  return key;
}

TEST(DependenciesTest, ABareNameIsAnIndicatorIfThereIsOneElseAMetric) {
  const InputMap inputs = InputsOf({{"a", "b + c"}, {"b", "m"}});
  EXPECT_THAT(inputs.at("a").indicators, ElementsAre("b"));
  ASSERT_EQ(inputs.at("a").selectors.size(), 1);
  EXPECT_EQ(inputs.at("a").selectors[0].metric, "c");
}

TEST(DependenciesTest,
     ASelectorWithLabelsIsOfSeriesThoughAnIndicatorIsNamedSo) {
  const InputMap inputs = InputsOf({{"a", "b{x=\"1\"}"}, {"b", "m"}});
  EXPECT_THAT(inputs.at("a").indicators, IsEmpty());
  EXPECT_EQ(inputs.at("a").selectors.size(), 1);
}

TEST(DependenciesTest, ASeriesAffectsThoseThatUseItByWayOfOthers) {
  const InputMap inputs = InputsOf(
      {{"a", "b"}, {"b", "c + 1"}, {"c", "m"}, {"d", "n"}, {"e", "sum(a)"}});
  EXPECT_THAT(AffectedBy(inputs, {Key("m")}), ElementsAre("a", "b", "c", "e"));
}

TEST(DependenciesTest, ASeriesWithOtherLabelsAffectsNothing) {
  const InputMap inputs = InputsOf({{"a", "m{partner=\"CHN\"}"}});
  EXPECT_THAT(AffectedBy(inputs, {Key("m", {{"partner", "TWN"}})}), IsEmpty());
  EXPECT_THAT(AffectedBy(inputs, {Key("m", {{"partner", "CHN"}})}),
              ElementsAre("a"));
}

TEST(DependenciesTest, FindsTheWayOfACycleFromEachOfItsMembers) {
  const InputMap inputs =
      InputsOf({{"a", "b"}, {"b", "c + d"}, {"c", "m"}, {"d", "a"}});
  EXPECT_THAT(CycleThrough(inputs, "a"), ElementsAre("a", "b", "d", "a"));
  EXPECT_THAT(CycleThrough(inputs, "d"), ElementsAre("d", "a", "b", "d"));
  EXPECT_THAT(CycleThrough(inputs, "c"), IsEmpty());
}

TEST(DependenciesTest, AnIndicatorThatOnlyLeadsToACycleIsNotOnIt) {
  const InputMap inputs = InputsOf({{"a", "b"}, {"b", "b"}});
  EXPECT_THAT(CycleThrough(inputs, "a"), IsEmpty());
  EXPECT_THAT(CycleThrough(inputs, "b"), ElementsAre("b", "b"));
}

}  // namespace
}  // namespace headway::pipeline
