// Expressions over columns that go on as paths: each path is what the
// expression gives where that path has been published.
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/query/columns.h"
#include "tests/query/test_store.h"

namespace headway::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr size_t kPaths = 3;

// Numbers with no pattern that an expression could see.
double Noise(size_t i, size_t j) {
  return std::fmod(std::sin(static_cast<double>(17 * i + 31 * j + 1)) * 997, 1);
}

// One column of the test: what is known, and how it goes on.
struct Series {
  std::string metric;
  std::string label;
  std::string first;
  std::vector<double> known;
  // [path][period]
  std::vector<std::vector<double>> future;
};

Series Made(const std::string& metric, const std::string& label,
            const std::string& first, size_t known, size_t future,
            size_t salt) {
  Series series = {metric, label, first, {}, {}};
  for (size_t i = 0; i < known; ++i) {
    series.known.push_back(10 + 3 * Noise(i, salt));
  }
  for (size_t p = 0; p < (future > 0 ? kPaths : 0); ++p) {
    series.future.emplace_back();
    for (size_t i = 0; i < future; ++i) {
      series.future[p].push_back(10 + 3 * Noise(i, salt + 7 * p + 3));
    }
  }
  return series;
}

std::vector<Series> Monthly() {
  // The second starts later and ends a month before; the third does not go on.
  return {Made("x", "a", "2020-01", 40, 14, 1),
          Made("x", "b", "2020-03", 37, 15, 2),
          Made("y", "a", "2020-01", 44, 0, 3),
          Made("z", "a", "2020-01", 40, 14, 4)};
}

void Add(TestStore& store, const Series& series, std::vector<double> values,
         absl::Time known_at) {
  store.Add(series.metric, {{"of", series.label}}, "1",
            From(series.first, std::move(values), known_at));
}

// Where what is known ends and where the paths do.
series::Period EndOfKnown(const Series& series) {
  series::Period period = series::ParsePeriod(series.first).value();
  period.ordinal += static_cast<int32_t>(series.known.size());
  return period;
}
absl::Time EndOfPaths(const Series& series) {
  series::Period period = EndOfKnown(series);
  const size_t rows = series.future.empty() ? 0 : series.future[0].size();
  period.ordinal += static_cast<int32_t>(rows) - 1;
  return series::EndTime(period);
}

std::shared_ptr<const PathBlock> BlockOf(const Series& series) {
  PathBlock block = {EndOfKnown(series).ordinal, kPaths, {}};
  for (size_t i = 0; i < series.future[0].size(); ++i) {
    for (size_t p = 0; p < kPaths; ++p) {
      block.values.push_back(series.future[p][i]);
    }
  }
  return std::make_shared<const PathBlock>(std::move(block));
}

// The series as far as they are known.
std::unique_ptr<TestStore> Known(const std::vector<Series>& all) {
  auto store = std::make_unique<TestStore>();
  for (const Series& series : all) {
    series::Period last = EndOfKnown(series);
    --last.ordinal;
    Add(*store, series, series.known, series::EndTime(last));
  }
  return store;
}

// Where one path of each has been published.
std::unique_ptr<TestStore> Published(const std::vector<Series>& all,
                                     size_t path) {
  auto store = std::make_unique<TestStore>();
  for (const Series& series : all) {
    std::vector<double> values = series.known;
    if (!series.future.empty()) {
      values.insert(values.end(), series.future[path].begin(),
                    series.future[path].end());
    }
    Add(*store, series, values, EndOfPaths(series));
  }
  return store;
}

// Evaluates over the paths of every series that has some.
absl::StatusOr<Panel> OverPaths(const TestStore& store,
                                const std::vector<Series>& all,
                                const std::string& expression,
                                const std::vector<MemberSet>& members = {}) {
  const auto leaves = store.Leaves(expression);
  if (!leaves.ok()) return leaves.status();
  Futures futures;
  for (const Leaf& leaf : *leaves) {
    for (const Series& series : all) {
      if (series.future.empty() || leaf.key.metric != series.metric ||
          leaf.key.labels != L({{"of", series.label}})) {
        continue;
      }
      futures.series[leaf.series] = BlockOf(series);
    }
  }
  return store.Evaluate(expression, {.members = members, .futures = &futures});
}

// What one path of a column has, from the observations on.
series::Observations OnPath(const LabelledColumn& column, size_t path) {
  series::Observations x = column.observations;
  x.statuses.clear();
  for (size_t row = 0; column.paths != nullptr && row < column.paths->rows();
       ++row) {
    const double value = column.paths->Row(row)[path];
    if (std::isnan(value)) continue;
    x.ordinals.push_back(column.paths->first + static_cast<int32_t>(row));
    x.values.push_back(value);
  }
  // To rounding: the sums of paths are not compensated.
  for (double& value : x.values) value = std::round(value * 1e9) / 1e9 + 0.0;
  return x;
}

// Of the columns that have a value on the path.
std::vector<std::string> TextsOf(const Panel& panel, size_t path) {
  std::vector<std::string> texts;
  for (const LabelledColumn& column : panel.columns) {
    const series::Observations x = OnPath(column, path);
    if (x.empty()) continue;
    texts.push_back(absl::StrCat(FormatLabels(column.labels), " ", Text(x)));
  }
  return texts;
}

void ExpectEachPathIsThatPublished(const std::vector<Series>& all,
                                   const std::vector<std::string>& expressions,
                                   const std::vector<MemberSet>& members = {}) {
  const std::unique_ptr<TestStore> known = Known(all);
  std::vector<std::unique_ptr<TestStore>> published;
  for (size_t p = 0; p < kPaths; ++p) published.push_back(Published(all, p));
  for (const std::string& expression : expressions) {
    const auto over = OverPaths(*known, all, expression, members);
    ASSERT_TRUE(over.ok()) << expression << ": " << over.status();
    for (size_t p = 0; p < kPaths; ++p) {
      const auto want =
          published[p]->Evaluate(expression, {.members = members});
      ASSERT_TRUE(want.ok()) << expression << ": " << want.status();
      EXPECT_EQ(TextsOf(*over, p), TextsOf(*want, p))
          << expression << ", path " << p;
    }
  }
}

TEST(PathsTest, FunctionsOfOneColumnGoOnAlongEachPath) {
  ExpectEachPathIsThatPublished(Monthly(), {"x",
                                            "-x",
                                            "2 * x + 1",
                                            "1 / x",
                                            "x ^ 2",
                                            "2 ^ x",
                                            "lag(x, 3)",
                                            "diff(x)",
                                            "diff(x, 20)",
                                            "pct_change(x, 2)",
                                            "yoy(x)",
                                            "rolling_mean(x, 4)",
                                            "rolling_sum(x, 12)",
                                            "rolling_max(x, 3)",
                                            "rolling_std(x, 5)",
                                            "cumsum(x)",
                                            "cummax(x)",
                                            "fill(x)",
                                            "rebase(x, \"2022-01\")",
                                            "abs(x - 10)",
                                            "ln(x)",
                                            "exp(x / 10)",
                                            "sqrt(x)",
                                            "round(x, 0.5)",
                                            "clamp(x, 9, 11)"});
}

TEST(PathsTest, FrequenciesBecomeCoarserAlongEachPath) {
  ExpectEachPathIsThatPublished(
      Monthly(), {"resample(x, \"Q\", \"sum\")", "resample(x, \"A\", \"mean\")",
                  "yoy(resample(x, \"Q\", \"last\"))",
                  "rolling_mean(resample(x, \"Q\", \"max\"), 2)"});
}

TEST(PathsTest, AValueThatAPathCannotFormIsAbsentFromThatPathAlone) {
  ExpectEachPathIsThatPublished(
      Monthly(),
      {"x > 10", "x >= bool 10", "ln(x - 10)", "(x > 10) ^ 0", "cumsum(x > 10)",
       "cummax(x > 10)", "rolling_mean(x > 9, 2)", "diff(x > 10)",
       "sum(x > 10)", "count(x > 10)", "lag(x > 10, 1)"});
}

TEST(PathsTest, GroupsArePutTogetherPathByPath) {
  ExpectEachPathIsThatPublished(
      Monthly(),
      {"sum(x)", "mean(x)", "max(x)", "min(x)", "count(x)", "stddev(x)",
       "median(x)", "quantile(0.3, x)", "complete_sum(x)",
       "complete_mean(x > 10)", "sum by (of) (x)", "share(x)",
       "share(x > 10, \"zero\")", "topk(1, x)", "records(x)"});
}

TEST(PathsTest, APathLosesThePeriodsAtWhichAMemberIsNotOnIt) {
  ExpectEachPathIsThatPublished(
      Monthly(),
      {"sum(x)", "sum(x > 10)", "share(x > 10, \"zero\")", "topk(1, x > 10)",
       "sum by (of) (x > 10)"},
      {{"of", {"a", "b"}}});
}

TEST(PathsTest, AMemberThatGoesOnIsNotSaidToBeMissing) {
  const Panel panel = OverPaths(*Known(Monthly()), Monthly(), "max(sum(x))",
                                {{"of", {"a", "b"}}})
                          .value();
  EXPECT_THAT(panel.notes,
              ElementsAre(HasSubstr("of \"b\" is missing before 2020-03;")));
}

TEST(PathsTest, TwoColumnsGoTogetherPathByPath) {
  ExpectEachPathIsThatPublished(
      Monthly(),
      {"x{of=\"a\"} / z", "x - on () group_left () z",
       "x > on () group_left () z", "y - x{of=\"a\"}", "x{of=\"a\"} + y",
       "100 * x / ignoring (of) sum(x)", "corr(x{of=\"a\"}, z, 5)",
       "x{of=\"a\"} or z", "z or y", "y or z", "x unless (x > 10)",
       "x and (x > 10)", "splice(y, z)", "deflate(x{of=\"a\"}, z)"});
}

TEST(PathsTest, DaysWithoutAValueOnAPathStayWithout) {
  // Records arrive on days of their own.
  std::vector<Series> all = {Made("us", "a", "2024-01-01", 60, 50, 5),
                             Made("cn", "a", "2024-01-10", 51, 50, 6)};
  for (Series& series : all) {
    for (std::vector<double>& path : series.future) {
      for (size_t day = 0; day < path.size(); ++day) path[day] += 0.1 * day;
    }
  }
  ExpectEachPathIsThatPublished(
      all, {"frontier_lag(us, cn)", "frontier_lag(max(us), max(cn))",
            "resample(frontier_lag(us, cn), \"W\", \"last\")",
            "fill(resample(cummax(us), \"W\", \"last\"))",
            "rolling_mean(us > 11, 10)", "rolling_sum(us, 7)",
            "count_releases(us > 11, \"M\")"});
}

TEST(PathsTest, ThePastIsHeldOnceAndEndsWhereAPathBegins) {
  std::vector<Series> all = {Made("x", "a", "2020-01", 3, 2, 1)};
  const Panel panel = OverPaths(*Known(all), all, "x").value();
  EXPECT_THAT(panel.columns[0].observations.ordinals,
              ElementsAre(600, 601, 602));
  EXPECT_EQ(panel.columns[0].paths->first, 603);
  EXPECT_EQ(panel.columns[0].paths->rows(), 2);
}

TEST(PathsTest, WhatIsKnownOfThePeriodsOfABlockGivesWay) {
  TestStore store;
  store.Add("x", {}, "1", From("2020-01", {1, 2, 3}));
  Futures futures;
  futures.series[store.Leaves("x")->at(0).series] =
      std::make_shared<const PathBlock>(PathBlock{602, 2, {7, 8}});
  const Panel panel = store.Evaluate("x + 1", {.futures = &futures}).value();
  EXPECT_EQ(Text(panel.columns[0].observations), "2020-01=2 2020-02=3");
  EXPECT_THAT(panel.columns[0].paths->values, ElementsAre(8, 9));
}

TEST(PathsTest, AnIndicatorThatIsNamedGoesOnAndWhatItIsMadeOfDoesNot) {
  TestStore store;
  store.Add("x", {}, "1", From("2020-01", {1, 2, 3}));
  store.Define("twice", "2 * x", "1");
  const auto leaves = store.Leaves("twice + x").value();
  ASSERT_EQ(leaves.size(), 2);
  EXPECT_EQ(leaves[0].indicator, "twice");
  EXPECT_EQ(leaves[1].key.metric, "x");
  Futures futures;
  futures.indicators["twice"][series::Labels()] =
      std::make_shared<const PathBlock>(PathBlock{603, 1, {100}});
  futures.series[leaves[1].series] =
      std::make_shared<const PathBlock>(PathBlock{603, 1, {7}});
  const Panel panel =
      store.Evaluate("twice + x", {.futures = &futures}).value();
  EXPECT_THAT(panel.columns[0].paths->values, ElementsAre(107));
}

// Two models of each of two countries, and the streams of the leaves of an
// expression over them, a letter each; "-" where more than records is seen.
std::unique_ptr<TestStore> Scores() {
  auto store = std::make_unique<TestStore>();
  for (const char* country : {"CHN", "USA"}) {
    for (const char* model : {"m1", "m2"}) {
      store->Add("score", {{"country", country}, {"model", model}}, "index",
                 From("2024-01-01", {1}));
    }
  }
  return store;
}
std::string Streams(const TestStore& store, const std::string& expression) {
  std::map<std::string, char> letters;
  std::string text;
  const std::vector<Leaf> leaves = store.Leaves(expression).value();
  for (const Leaf& leaf : leaves) {
    const char next = static_cast<char>('a' + letters.size());
    text += leaf.stream.empty()
                ? '-'
                : letters.try_emplace(leaf.stream, next).first->second;
  }
  return text;
}

TEST(LeavesTest, SeriesOfOneRecordAreOneStream) {
  const std::unique_ptr<TestStore> store = Scores();
  EXPECT_EQ(Streams(*store,
                    "frontier_lag(max(score{country=\"USA\"}), "
                    "max(score{country=\"CHN\"}))"),
            "aabb");
  EXPECT_EQ(Streams(*store,
                    "resample(cummax(max by (country) (score)), \"W\", "
                    "\"last\")"),
            "aabb");
  EXPECT_EQ(Streams(*store, "cummax(max(score))"), "aaaa");
  EXPECT_EQ(Streams(*store, "cummax(score)"), "abcd");
}

TEST(LeavesTest, WhereMoreThanTheRecordIsSeenThereIsNoStream) {
  const std::unique_ptr<TestStore> store = Scores();
  for (const char* expression :
       {"max(score)", "cummax(sum(score))", "cummax(max(score)) + max(score)",
        "cummax(-max(score))", "score"}) {
    EXPECT_EQ(Streams(*store, expression), "----") << expression;
  }
}

TEST(PathsTest, WhatNeedsVintagesSaysThatAPathHasNone) {
  const std::unique_ptr<TestStore> known = Known(Monthly());
  for (const char* expression :
       {"first_release(x)", "revision(x, 1)", "age(x)"}) {
    const auto refused = OverPaths(*known, Monthly(), expression);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(refused.status().message()),
                HasSubstr("a path of a forecast has no vintages"));
  }
}

TEST(PathsTest, ACountThatIsCompletedFromVintagesSaysThatAPathHasNone) {
  const std::unique_ptr<TestStore> known = Known(Monthly());
  EXPECT_THAT(
      std::string(OverPaths(*known, Monthly(),
                            "count_releases(x, \"Q\", 90, \"complete\")")
                      .status()
                      .message()),
      HasSubstr("a path of a forecast has no vintages"));
}

TEST(PathsTest, BlocksOfDifferentNumbersOfPathsAreRefused) {
  TestStore store;
  store.Add("x", {}, "1", From("2020-01", {1, 2, 3}));
  store.Add("y", {}, "1", From("2020-01", {1, 2, 3}));
  Futures futures;
  const std::vector<Leaf> leaves = store.Leaves("x + y").value();
  for (const Leaf& leaf : leaves) {
    const size_t paths = leaf.key.metric == "x" ? 1 : 2;
    futures.series[leaf.series] = std::make_shared<const PathBlock>(
        PathBlock{603, paths, std::vector<double>(paths, 1)});
  }
  EXPECT_THAT(
      std::string(
          store.Evaluate("x + y", {.futures = &futures}).status().message()),
      HasSubstr("draw as many of each"));
}

}  // namespace
}  // namespace headway::query
