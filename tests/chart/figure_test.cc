#include "daemon/chart/figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>

#include "absl/strings/str_cat.h"
#include "daemon/chart/svg.h"

namespace headway::chart {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Figure TwoYears() {
  Figure figure;
  figure.title = "Sales & <others>";
  for (int year = 2020; year < 2022; ++year) {
    for (int month = 1; month <= 12; ++month) {
      figure.periods.push_back(
          absl::StrCat(year, month < 10 ? "-0" : "-", month));
    }
  }
  Panel panel{.name = "sales"};
  panel.lines.push_back({"observed", std::vector<double>(24, 3.0)});
  panel.lines.push_back(
      {"counterfactual", std::vector<double>(24, 2.0), LineStyle::kDashed, 2});
  panel.bands.push_back(
      {"95 %", std::vector<double>(24, 1.0), std::vector<double>(24, 4.0)});
  figure.panels.push_back(panel);
  figure.marked = 12;
  figure.mark_name = "the rule";
  return figure;
}

std::string Drawn(const Figure& figure) {
  const auto svg = ToSvg(figure);
  EXPECT_TRUE(svg.ok()) << svg.status();
  return svg.value_or("");
}

int Count(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  return static_cast<int>(
      std::distance(std::sregex_iterator(text.begin(), text.end(), regex), {}));
}

TEST(Figure, IsReadAloudByItsTitleAndDescription) {
  const std::string svg = Drawn(TwoYears());
  EXPECT_THAT(svg, HasSubstr("role=\"img\""));
  EXPECT_THAT(svg, HasSubstr("aria-labelledby=\"hc-title hc-desc\""));
  EXPECT_THAT(svg, HasSubstr("<desc id=\"hc-desc\">Lines from 2020-01 to "
                             "2021-12. sales: observed, counterfactual, 95 %. "
                             "Marked before 2021-01.</desc>"));
}

TEST(Figure, EscapesNames) {
  EXPECT_THAT(Drawn(TwoYears()),
              HasSubstr("<title id=\"hc-title\">Sales &amp; &lt;others&gt;"));
}

TEST(Figure, HasOtherColoursInTheDark) {
  EXPECT_THAT(Drawn(TwoYears()), HasSubstr("prefers-color-scheme:dark"));
}

TEST(Figure, MarksThePeriodOnceInEachPanel) {
  Figure figure = TwoYears();
  figure.panels.push_back(figure.panels[0]);
  EXPECT_EQ(Count(Drawn(figure), "class=\"hc-mark\""), 2);
}

TEST(Figure, BreaksALineWhereAValueIsMissing) {
  Figure figure = TwoYears();
  figure.panels[0].lines[0].values[5] = kNone;
  EXPECT_EQ(Count(Drawn(figure),
                  "<path class=\"hc-line hc-s1\" "
                  "d=\"M[^M\"]*M[^M\"]*\""),
            1);
}

TEST(Figure, WritesNoNumberThatIsNone) {
  Figure figure = TwoYears();
  figure.panels[0].bands[0].low[3] = kNone;
  figure.panels[0].lines[1].values[3] = kNone;
  EXPECT_THAT(Drawn(figure), Not(HasSubstr("nan")));
}

TEST(Figure, DrawsOnePeriodAndOneValue) {
  Figure figure{.title = "one", .periods = {"2020"}};
  figure.panels.push_back({.lines = {{"a", {5.0}}}});
  EXPECT_THAT(Drawn(figure), HasSubstr(">2020</text>"));
}

TEST(Figure, KeepsLabelsOfPeriodsApart) {
  Figure figure = TwoYears();
  for (std::string& period : figure.periods) period += " a long name of it";
  const std::string svg = Drawn(figure);
  const std::regex label(
      "x=\"([0-9.]+)\" y=\"[0-9.]+\" "
      "text-anchor=\"middle\">([^<]*)<");
  double end = 0;
  for (std::sregex_iterator it(svg.begin(), svg.end(), label), none; it != none;
       ++it) {
    const double half = TextWidth((*it)[2].str()) / 2;
    EXPECT_GE(std::stod((*it)[1]) - half, end) << (*it)[2];
    end = std::stod((*it)[1]) + half;
  }
  EXPECT_GT(end, 0);
}

TEST(Figure, RefusesALineOfAnotherLength) {
  Figure figure = TwoYears();
  figure.panels[0].lines[0].values.pop_back();
  EXPECT_THAT(std::string(ToSvg(figure).status().message()),
              HasSubstr("line \"observed\" has 23 values for 24 periods"));
}

TEST(Figure, RefusesAPanelWithoutAValue) {
  Figure figure{.title = "none", .periods = {"2020"}};
  figure.panels.push_back({.name = "gap", .lines = {{"a", {kNone}}}});
  EXPECT_THAT(std::string(ToSvg(figure).status().message()),
              HasSubstr("panel \"gap\" has no finite value"));
}

TEST(Figure, RefusesPositionsThatDoNotRise) {
  Figure figure{.title = "f", .periods = {"a", "b"}, .positions = {2, 2}};
  figure.panels.push_back({.lines = {{"a", {1, 2}}}});
  EXPECT_FALSE(ToSvg(figure).ok());
}

TEST(Text, IsEscapedWhateverItsBytes) {
  EXPECT_EQ(EscapeText("a<b>&\"'\x01\xff ü"), "a&lt;b&gt;&amp;&quot;&#39;?? ü");
}

TEST(Text, IsShortenedByWholeCharacters) {
  EXPECT_EQ(Shortened("üüüüüüüüüü", TextWidth("üüüü")), "üüü…");
}

}  // namespace
}  // namespace headway::chart
