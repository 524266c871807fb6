#include "daemon/query/columns/match.h"

#include "daemon/query/math/arithmetic.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/query/columns.h"

namespace headway::query {
namespace {

using ::testing::HasSubstr;

LabelledColumn Column(std::vector<series::Labels::Pair> labels) {
  return {L(std::move(labels)), From("2024", {1})};
}

const Matching kOnHs{.labels = LabelList{.keep = true, .names = {"hs"}}};
const Matching kIgnoringRegion{
    .labels = LabelList{.keep = false, .names = {"region"}}};

std::string Pairs(const std::vector<LabelledColumn>& left,
                  const std::vector<LabelledColumn>& right,
                  const Matching& matching) {
  auto pairs = MatchColumns(left, right, matching);
  if (!pairs.ok()) return absl::StrCat(pairs.status().message());
  std::string text;
  for (const ColumnPair& pair : *pairs) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", FormatLabels(pair.labels),
                    " ", FormatLabels(pair.left->labels),
                    FormatLabels(pair.right->labels));
  }
  return text;
}

TEST(MatchTest, ComparesAllLabelsByDefault) {
  EXPECT_EQ(Pairs({Column({{"a", "1"}}), Column({{"a", "2"}})},
                  {Column({{"a", "2"}}), Column({{"a", "3"}})}, {}),
            R"({a="2"} {a="2"}{a="2"})");
}

TEST(MatchTest, KeepsTheLabelsThatMatchedOneToOne) {
  EXPECT_EQ(Pairs({Column({{"company", "Nvidia"}, {"region", "China"}})},
                  {Column({{"company", "Nvidia"}, {"region", "total"}})},
                  kIgnoringRegion),
            R"({company="Nvidia"} )"
            R"({company="Nvidia",region="China"}{company="Nvidia",)"
            R"(region="total"})");
}

TEST(MatchTest, KeepsAllLabelsOfTheSideThatHasMore) {
  const std::vector<LabelledColumn> many = {Column({{"region", "Asia"}}),
                                            Column({{"region", "China"}})};
  EXPECT_EQ(Pairs(many, {Column({})}, kIgnoringRegion),
            "{region=\"Asia\"} {region=\"Asia\"}{}\n"
            "{region=\"China\"} {region=\"China\"}{}");
  EXPECT_EQ(Pairs({Column({})}, many, kIgnoringRegion),
            "{region=\"Asia\"} {}{region=\"Asia\"}\n"
            "{region=\"China\"} {}{region=\"China\"}");
}

TEST(MatchTest, RefusesManyToMany) {
  EXPECT_EQ(
      Pairs({Column({{"hs", "1"}, {"x", "a"}}),
             Column({{"hs", "1"}, {"x", "b"}})},
            {Column({{"hs", "1"}, {"y", "c"}}),
             Column({{"hs", "1"}, {"y", "d"}})},
            kOnHs),
      R"(many-to-many matching: for the group {hs="1"} there are several )"
      R"(columns on the left ({hs="1",x="a"} and {hs="1",x="b"}) and on the )"
      R"(right ({hs="1",y="c"} and {hs="1",y="d"}); match on more labels or )"
      R"(aggregate one side)");
}

TEST(MatchTest, RefusesSeveralOnASideThatMayHaveOne) {
  // Both sides have a label that the other has not.
  EXPECT_EQ(
      Pairs({Column({{"hs", "1"}, {"x", "a"}}),
             Column({{"hs", "1"}, {"x", "b"}})},
            {Column({{"hs", "1"}, {"y", "c"}})}, kOnHs),
      R"(several columns on the left ({hs="1",x="a"} and {hs="1",x="b"}) )"
      R"(match one on the right in the group {hs="1"}; write group_left after )"
      R"(the labels to keep those of the left, match on more labels, or )"
      R"(aggregate the left)");
}

TEST(MatchTest, KeepsTheLabelsOfTheSideThatIsNamed) {
  Matching matching = kOnHs;
  matching.many = ManySide::kLeft;
  EXPECT_EQ(Pairs({Column({{"hs", "1"}, {"x", "a"}}),
                   Column({{"hs", "1"}, {"x", "b"}})},
                  {Column({{"hs", "1"}, {"y", "c"}})}, matching),
            R"({hs="1",x="a"} {hs="1",x="a"}{hs="1",y="c"})"
            "\n"
            R"({hs="1",x="b"} {hs="1",x="b"}{hs="1",y="c"})");
}

TEST(MatchTest, CopiesLabelsFromTheSideWithOne) {
  Matching matching = kOnHs;
  matching.many = ManySide::kRight;
  matching.copied = {"y"};
  EXPECT_EQ(Pairs({Column({{"hs", "1"}, {"y", "c"}})},
                  {Column({{"hs", "1"}, {"x", "a"}})}, matching),
            R"({hs="1",x="a",y="c"} {hs="1",y="c"}{hs="1",x="a"})");
}

TEST(MatchTest, LabelsDoNotDependOnHowManyColumnsThereAre) {
  EXPECT_EQ(
      Pairs({Column({{"region", "Asia"}})}, {Column({})}, kIgnoringRegion),
      R"({region="Asia"} {region="Asia"}{})");
}

TEST(MatchTest, AllowsDoubleColumnsThatNothingMatches) {
  EXPECT_EQ(Pairs({Column({{"hs", "1"}, {"x", "a"}}),
                   Column({{"hs", "1"}, {"x", "b"}}), Column({{"hs", "2"}})},
                  {Column({{"hs", "2"}})}, kOnHs),
            R"({hs="2"} {hs="2"}{hs="2"})");
}

TEST(MatchTest, RefusesLabelNamesThatCanNeverMatch) {
  EXPECT_EQ(Pairs({Column({{"region", "China"}})}, {Column({})}, {}),
            "no columns match: the labels to match are {region} on the left "
            "and {} on the right; name those to match with on(...) or those "
            "to leave out with ignoring(...)");
}

TEST(MatchTest, AllowsValuesThatDoNotMatchToday) {
  EXPECT_EQ(Pairs({Column({{"a", "1"}})}, {Column({{"a", "2"}})}, {}), "");
}

TEST(ArithmeticTest, IsKnownWhenItsNewerSideIs) {
  EXPECT_EQ(Arithmetic(Operator::kAdd, From("2024", {1}, Midnight(2025, 1, 1)),
                       From("2024", {1}, Midnight(2025, 2, 1)))
                .known_at,
            Midnight(2025, 2, 1));
}

}  // namespace
}  // namespace headway::query
