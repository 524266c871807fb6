#include "tools/bench/forecast/forecast_scores.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/files.h"
#include "tools/bench/forecast/competition.h"
#include "tools/bench/forecast/reference_forecasts.h"

namespace headway::bench {
namespace {

using ::testing::DoubleNear;
using ::testing::Optional;
using ::testing::Pointwise;

// Of figures with all their digits.
constexpr double kTolerance = 1e-9;

CompetitionSeries Series(std::vector<double> past, std::vector<double> actual) {
  return {"made up", std::move(past), std::move(actual)};
}

// Scale 2: the changes are 1, 3, 2.
TEST(ScoreSeriesTest, FollowsTheDefinitions) {
  const auto score = ScoreSeries(Series({1, 2, 5, 3}, {10, 20}), 1,
                                 {{12, 20}, {11, 15}, {13, 25}});
  ASSERT_TRUE(score);
  EXPECT_DOUBLE_EQ(score->mase, (2.0 / 2 + 0) / 2);
  EXPECT_DOUBLE_EQ(score->smape, (200.0 * 2 / 22 + 0) / 2);
  // Widths 2 and 10, and 10 lies 1 below 11.
  EXPECT_THAT(score->msis, Optional(DoubleNear((2 + 40 * 1 + 10) / 4.0, 1e-9)));
  EXPECT_THAT(score->coverage95, Optional(0.5));
}

TEST(ScoreSeriesTest, ScalesByChangesOverASeason) {
  const auto score = ScoreSeries(Series({1, 10, 2, 14}, {3}), 2, {{8}});
  ASSERT_TRUE(score);
  EXPECT_DOUBLE_EQ(score->mase, 5 / 2.5);
  EXPECT_FALSE(score->msis);
}

TEST(ScoreSeriesTest, APastThatNeverChangesHasNoScale) {
  EXPECT_FALSE(ScoreSeries(Series({1, 1, 1}, {2}), 1, {{1}}));
  EXPECT_FALSE(ScoreSeries(Series({1, 2, 1, 2}, {2}), 2, {{1}}));
}

TEST(AverageTest, TakesTheSeriesThatBothHave) {
  const SeriesScore one{.smape = 10, .mase = 1, .msis = 4, .coverage95 = 1};
  const SeriesScore two{.smape = 30, .mase = 3, .msis = 8, .coverage95 = 0};
  const SeriesScore naive{.smape = 20, .mase = 4};
  const MeanScores all =
      Average({one, two, std::nullopt}, {naive, naive, naive}, {one, two, one});
  EXPECT_EQ(all.series, 2);
  EXPECT_DOUBLE_EQ(all.owa, (20.0 / 20 + 2.0 / 4) / 2);
  EXPECT_THAT(all.msis, Optional(6.0));
  EXPECT_THAT(all.coverage95, Optional(0.5));
  const MeanScores part =
      Average({one, two}, {naive, naive}, {std::nullopt, two});
  EXPECT_EQ(part.series, 1);
  EXPECT_DOUBLE_EQ(part.mase, 3);
}

TEST(Naive2Test, RepeatsTheLastValueWithItsSeason) {
  std::vector<double> past;
  for (int t = 0; t < 16; ++t) past.push_back(t % 4 == 3 ? 20 : 10);
  EXPECT_THAT(Naive2(past, 4, 5),
              Pointwise(DoubleNear(1e-9), {10.0, 10.0, 10.0, 20.0, 10.0}));
  EXPECT_THAT(Naive2(past, 1, 2), Pointwise(DoubleNear(0), {20.0, 20.0}));
  // Fewer than three cycles tell no season.
  past.resize(11);
  EXPECT_THAT(Naive2(past, 4, 2), Pointwise(DoubleNear(0), {10.0, 10.0}));
}

// All series of M3 without a season, with the scores that were published of
// Naive2. Of the others the organisers of M3 took the season out in another way
// than those of M4.
TEST(Naive2Test, ScoresAsPublished) {
  for (const CompetitionSet& set : CompetitionSets()) {
    if (set.competition != "m3" || set.season > 1) continue;
    const auto loaded = LoadCompetition(SharedDataDirectory(), set, {});
    if (absl::IsNotFound(loaded.status())) {
      GTEST_SKIP() << "no competition data; set HEADWAY_SHARED_DATA to the "
                      "directory that holds competitions/ and reference/";
    }
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    std::vector<std::optional<SeriesScore>> scores;
    for (const CompetitionSeries& series : loaded->series) {
      scores.push_back(
          ScoreSeries(series, set.season,
                      {.point = Naive2(series.past, set.season, set.horizon)}));
    }
    const MeanScores mean = Average(scores, scores, scores);
    const auto published = LoadPublished(SharedDataDirectory(), set.name);
    const auto naive2 = std::find_if(
        published.begin(), published.end(),
        [](const PublishedScores& one) { return one.method == "NAIVE2"; });
    ASSERT_NE(naive2, published.end()) << set.name;
    EXPECT_NEAR(mean.smape, naive2->smape, kTolerance) << set.name;
    EXPECT_NEAR(mean.mase, naive2->mase, kTolerance) << set.name;
  }
}

// The organisers' program, run by R on every series of the references.
TEST(Naive2Test, AgreesWithR) {
  const std::string data = SharedDataDirectory();
  for (const CompetitionSet& set : CompetitionSets()) {
    const auto loaded = LoadCompetition(data, set, {.first = 300});
    if (absl::IsNotFound(loaded.status())) {
      GTEST_SKIP() << "no competition data; set HEADWAY_SHARED_DATA to the "
                      "directory that holds competitions/ and reference/";
    }
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    const ReferenceForecasts references(data, set);
    int compared = 0;
    for (const CompetitionSeries& series : loaded->series) {
      const auto r = references.Find({"R forecast", {"naive2"}}, series.id);
      if (!r) continue;
      ++compared;
      const auto ours = Naive2(series.past, set.season, set.horizon);
      for (int h = 0; h < set.horizon; ++h) {
        ASSERT_NEAR(ours[h] / r->point[h], 1, 1e-9) << series.id << ", " << h;
      }
    }
    EXPECT_GE(compared, 40) << set.name;
  }
}

}  // namespace
}  // namespace headway::bench
