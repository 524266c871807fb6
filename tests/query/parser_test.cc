#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/query/ast.h"
#include "daemon/query/query.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Labels(const char* keep, const char* drop,
                   const std::optional<LabelList>& list) {
  if (!list.has_value()) return "";
  return absl::StrCat(" ", list->keep ? keep : drop, "(",
                      absl::StrJoin(list->names, ","), ")");
}

std::string Side(const Matching& matching) {
  if (matching.many == ManySide::kByLabels) return "";
  return absl::StrCat(
      matching.many == ManySide::kLeft ? " group_left(" : " group_right(",
      absl::StrJoin(matching.copied, ","), ") ");
}

// The tree with every bracket written out.
std::string Show(const Node& node) {
  if (const auto* number = std::get_if<NumberNode>(&node.body)) {
    return absl::StrCat(number->value);
  }
  if (const auto* string = std::get_if<StringNode>(&node.body)) {
    return absl::StrCat("'", string->value, "'");
  }
  if (const auto* selector = std::get_if<SelectorNode>(&node.body)) {
    return series::FormatSelector(selector->selector);
  }
  if (const auto* negation = std::get_if<NegationNode>(&node.body)) {
    return absl::StrCat("(-", Show(*negation->operand), ")");
  }
  if (const auto* binary = std::get_if<BinaryNode>(&node.body)) {
    return absl::StrCat("(", Show(*binary->left), OperatorText(binary->op),
                        binary->as_number ? " bool " : "",
                        Labels("on", "ignoring", binary->matching.labels),
                        Side(binary->matching), Show(*binary->right), ")");
  }
  const auto& call = std::get<FunctionCallNode>(node.body);
  return absl::StrCat(
      call.function, Labels("by", "without", call.grouping), "(",
      absl::StrJoin(call.arguments, ",",
                    [](std::string* out, const NodePtr& argument) {
                      absl::StrAppend(out, Show(*argument));
                    }),
      ")");
}

std::string Tree(absl::string_view text) {
  auto expression = Parse(text);
  return expression.ok() ? Show(expression->root())
                         : absl::StrCat(expression.status().message());
}

std::string ParseError(absl::string_view text) {
  auto expression = Parse(text);
  if (expression.ok()) return "no error";
  EXPECT_EQ(expression.status().code(), absl::StatusCode::kInvalidArgument);
  return absl::StrCat(expression.status().message());
}

TEST(ParserTest, MultipliesBeforeItAdds) {
  EXPECT_EQ(Tree("1+2*3-4/5"), "((1+(2*3))-(4/5))");
}

TEST(ParserTest, TakesOperatorsOfOneRankFromTheLeft) {
  EXPECT_EQ(Tree("1-2-3"), "((1-2)-3)");
  EXPECT_EQ(Tree("100 * a / b"), "((100*a)/b)");
}

TEST(ParserTest, TakesPowersFromTheRight) {
  EXPECT_EQ(Tree("2^3^2"), "(2^(3^2))");
}

TEST(ParserTest, NegatesAfterThePower) {
  EXPECT_EQ(Tree("-2^2"), "(-(2^2))");
  EXPECT_EQ(Tree("2^-1"), "(2^(-1))");
  EXPECT_EQ(Tree("3*-x"), "(3*(-x))");
}

TEST(ParserTest, JoinsWithOrLast) {
  EXPECT_EQ(Tree("a + b or c * d or e"), "(((a+b)or(c*d))ore)");
}

TEST(ParserTest, TakesWordsThatStartWithOrAsNames) {
  EXPECT_EQ(Tree("order"), "order");
  EXPECT_EQ(Tree("or + 1"), "(or+1)");
}

TEST(ParserTest, FollowsBrackets) {
  EXPECT_EQ(Tree("(1+2)*((3))"), "((1+2)*3)");
}

TEST(ParserTest, ReadsLabelMatching) {
  EXPECT_EQ(Tree("a / ignoring(region) b"), "(a/ ignoring(region)b)");
  EXPECT_EQ(Tree("a * on (x, y) b"), "(a* on(x,y)b)");
  EXPECT_EQ(Tree("a - on() b"), "(a- on()b)");
}

TEST(ParserTest, ReadsGroupingOnEitherSideOfTheArgument) {
  EXPECT_EQ(Tree("sum by (hs, flow) (x)"), "sum by(hs,flow)(x)");
  EXPECT_EQ(Tree("sum(x) without (hs)"), "sum without(hs)(x)");
}

TEST(ParserTest, RefusesGroupingOnBothSides) {
  EXPECT_EQ(ParseError("sum by (a) (x) by (a)"),
            "column 16: sum has a by or without on either side of its "
            "argument; write one");
}

TEST(ParserTest, ReadsArgumentsOfEveryKind) {
  EXPECT_EQ(Tree(R"(resample(x{a="b"}, "Q", "sum"))"),
            R"(resample(x{a="b"},'Q','sum'))");
  EXPECT_EQ(Tree("lag(x, 2 * 6)"), "lag(x,(2*6))");
}

TEST(ParserTest, TakesAWordWithoutBracketsAsAMetric) {
  EXPECT_EQ(Tree("sum / on (a) by"), "(sum/ on(a)by)");
}

TEST(ParserTest, SkipsCommentsToTheEndOfTheLine) {
  EXPECT_EQ(Tree("# part\n100 # percent\n * a # end"), "(100*a)");
}

TEST(ParserTest, ReadsNumbersInEveryForm) {
  EXPECT_EQ(Tree("1e3 + .5 + 2.5E-1"), "((1000+0.5)+0.25)");
}

TEST(ParserTest, CountsTheColumnOfANodeThroughLines) {
  auto expression = Parse("1 +\n# why\n  x");
  ASSERT_TRUE(expression.ok());
  const auto& sum = std::get<BinaryNode>(expression->root().body);
  EXPECT_EQ(expression->root().column, 3u);
  EXPECT_EQ(sum.right->column, 13u);
}

TEST(ParserTest, NamesTheColumnOfWhatItDidNotExpect) {
  EXPECT_EQ(ParseError("1 + * 2"),
            "column 5: expected a number, a selector, a function or (, not "
            "\"*\"");
  EXPECT_EQ(ParseError("a b"),
            "column 3: expected an operator or the end, not "
            "\"b\"");
  EXPECT_EQ(ParseError("sum(a"),
            "column 6: expected an operator, a comma or ), but the expression "
            "ends here");
  EXPECT_EQ(ParseError("(a"),
            "column 3: expected an operator or ), but the "
            "expression ends here");
  EXPECT_EQ(ParseError(""),
            "column 1: expected a number, a selector, a function or (, but "
            "the expression ends here");
  EXPECT_EQ(ParseError("sum by (1) (x)"),
            "column 9: expected a label name, not \"1\"");
}

TEST(ParserTest, NamesTheColumnWithinASelector) {
  EXPECT_THAT(ParseError("yoy(exports{hs:\"8542\"})"),
              HasSubstr("column 15: "));
}

TEST(ParserTest, RefusesStringsOutsideOfArguments) {
  EXPECT_EQ(ParseError("x + \"Q\""),
            "column 5: expected a number, a selector, a function or (, not "
            "\"\\\"\"; a string stands in the braces of a selector or among "
            "arguments");
}

TEST(ParserTest, RefusesAStringWithoutEnd) {
  EXPECT_EQ(ParseError("lag(x, \"Q)"),
            "column 8: the string's closing quote is missing");
}

TEST(ParserTest, RefusesWhatOnlyLooksLikeANumber) {
  for (const char* text : {"1.2.3", "12abc", "1e999", "0x10", "."}) {
    EXPECT_THAT(ParseError(text), HasSubstr("column 1: ")) << text;
    EXPECT_THAT(ParseError(text), HasSubstr("is not a number")) << text;
  }
}

TEST(ParserTest, RefusesBracketsTooDeep) {
  EXPECT_THAT(ParseError(std::string(5000, '(')),
              HasSubstr("more than 200 operations inside one another"));
  EXPECT_THAT(ParseError(std::string(5000, '-')),
              HasSubstr("more than 200 operations inside one another"));
  std::string powers = "1";
  for (int i = 0; i < 1000; ++i) powers += "^1";
  EXPECT_THAT(ParseError(powers),
              HasSubstr("more than 200 operations inside one another"));
}

TEST(ParserTest, RefusesAChainWhoseTreeIsTooDeep) {
  std::string sum = "1";
  for (int i = 0; i < 150; ++i) sum += "+1";
  EXPECT_TRUE(Parse(sum).ok());
  for (int i = 0; i < 5000; ++i) sum += "+1";
  EXPECT_THAT(ParseError(sum), HasSubstr("split the expression"));
}

TEST(ParserTest, RefusesATextTooLong) {
  EXPECT_THAT(ParseError(std::string(20000, ' ')), HasSubstr("at most 16384"));
}

TEST(ParserTest, NamesWhatStandsWithoutBraces) {
  auto expression = Parse("a + b{} + sum(c{x=\"y\"}) + yoy(a)");
  ASSERT_TRUE(expression.ok());
  EXPECT_THAT(expression->BareNames(), ElementsAre("a"));
  EXPECT_EQ(expression->SelectorsOfSeries().size(), 2u);
  // A name once, however often it stands there.
  EXPECT_EQ(expression->Selectors().size(), 3u);
}

// Garbage made of the language's own pieces gets far into the parser.
TEST(ParserTest, SurvivesGarbage) {
  const char* pieces[] = {"sum",  "by", "(",   ")",        ",", "x",   "{",
                          "}",    "=~", "\"",  "8.*",      "1", "1e5", "-",
                          "^",    "/",  "on",  "ignoring", "#", "\n",  "or",
                          "\xff", "\\", "lag", " ",        "*", "+"};
  std::mt19937 random(20240229);
  int parsed = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const int length = static_cast<int>(random() % 24);
    for (int i = 0; i < length; ++i) {
      text += pieces[random() % std::size(pieces)];
    }
    auto expression = Parse(text);
    if (expression.ok()) {
      ++parsed;
      // What was shown parses to the same.
      EXPECT_LE(expression->Selectors().size(), text.size());
    } else {
      EXPECT_THAT(expression.status().message(), HasSubstr("column "));
    }
  }
  EXPECT_GT(parsed, 100);
}

}  // namespace
}  // namespace headway::query
