#include "daemon/scores/track_record.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "daemon/scores/scores.h"
#include "gtest/gtest.h"

namespace headway::scores {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Outcome MakeOutcome(double actual) {
  return {10, {{0.1, 6}, {0.25, 8}, {0.5, 10}, {0.75, 12}, {0.9, 14}}, actual};
}

absl::StatusOr<TrackRecord> RecordOf(const std::vector<Outcome>& outcomes,
                                     std::optional<double> scale) {
  TrackRecordBuilder builder;
  for (const Outcome& outcome : outcomes) {
    EXPECT_TRUE(builder.Add(outcome).ok());
  }
  return builder.Build(scale);
}

// The definition by intervals, Bracher et al. (2021), equation 2: the error of
// the median and each interval's width and penalties, weighted by alpha / 2.
double IntervalScoreByDefinition(const Outcome& outcome) {
  const std::vector<Quantile>& q = outcome.quantiles;
  const size_t intervals = q.size() / 2;
  double sum = 0.5 * std::abs(outcome.actual - q[intervals].value);
  for (size_t k = 0; k < intervals; ++k) {
    const double low = q[k].value;
    const double high = q[q.size() - 1 - k].value;
    const double alpha = 2 * q[k].probability;
    const double score = high - low +
                         2 / alpha * std::max(0.0, low - outcome.actual) +
                         2 / alpha * std::max(0.0, outcome.actual - high);
    sum += alpha / 2 * score;
  }
  return sum / (intervals + 0.5);
}

TEST(TrackRecordTest, WeightedIntervalScoreAgreesWithItsDefinition) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(-20, 20);
  const double probabilities[] = {0.025, 0.05, 0.1,  0.25, 0.5,
                                  0.75,  0.9,  0.95, 0.975};
  for (int i = 0; i < 1000; ++i) {
    std::vector<double> values(std::size(probabilities));
    for (double& value : values) value = uniform(random);
    std::sort(values.begin(), values.end());
    Outcome outcome;
    outcome.actual = uniform(random);
    for (size_t k = 0; k < values.size(); ++k) {
      outcome.quantiles.push_back({probabilities[k], values[k]});
    }
    EXPECT_NEAR(Score(outcome)->weighted_interval_score,
                IntervalScoreByDefinition(outcome), 1e-12);
  }
}

// Of the standard normal at 0: (sqrt(2) - 1) / sqrt(pi), Gneiting and Raftery
// (2007).
TEST(TrackRecordTest, WeightedIntervalScoreTendsToTheCrps) {
  Outcome outcome;
  constexpr int kQuantiles = 9999;
  for (int i = 1; i <= kQuantiles; ++i) {
    const double probability = i / (kQuantiles + 1.0);
    double low = -10, high = 10;
    while (high - low > 1e-12) {
      const double middle = (low + high) / 2;
      const double below = 0.5 * std::erfc(-middle / std::sqrt(2.0));
      (below < probability ? low : high) = middle;
    }
    outcome.quantiles.push_back({probability, low});
  }
  EXPECT_NEAR(Score(outcome)->weighted_interval_score,
              (std::sqrt(2.0) - 1) / std::sqrt(M_PI), 1e-4);
}

TEST(TrackRecordTest, TheIntervalHoldsItsBounds) {
  EXPECT_TRUE(*Score(MakeOutcome(6))->within80);
  EXPECT_TRUE(*Score(MakeOutcome(14))->within80);
  EXPECT_FALSE(*Score(MakeOutcome(5.999))->within80);
  EXPECT_FALSE(*Score(MakeOutcome(14.001))->within80);
}

TEST(TrackRecordTest, WithoutTheIntervalThereIsNoCoverage) {
  const Outcome outcome = {1, {{0.5, 1}}, 2};
  EXPECT_EQ(Score(outcome)->within80, std::nullopt);
  EXPECT_EQ(RecordOf({outcome}, std::nullopt)->coverage80, std::nullopt);
}

TEST(TrackRecordTest, SumsUpWhatCame) {
  const auto record = RecordOf(
      {MakeOutcome(10), MakeOutcome(12), MakeOutcome(20), MakeOutcome(7)}, 2.5);
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->outcomes, 4);
  EXPECT_DOUBLE_EQ(record->mean_absolute_error, (0 + 2 + 10 + 3) / 4.0);
  EXPECT_DOUBLE_EQ(*record->mean_scaled_error, 3.75 / 2.5);
  EXPECT_EQ(record->coverage80, 0.75);
}

TEST(TrackRecordTest, AConstantHistoryHasNoScaledError) {
  const auto scale = SeasonalNaiveError({7, 7, 7}, 1);
  EXPECT_EQ(RecordOf({MakeOutcome(12)}, scale)->mean_scaled_error,
            std::nullopt);
}

TEST(TrackRecordTest, RefusesQuantilesThatDoNotRise) {
  EXPECT_EQ(Score({0, {{0.5, 1}, {0.1, 0}}, 0}).status(),
            absl::InvalidArgumentError("quantile 0.1 is not between 0.5 and 1; "
                                       "give probabilities that rise"));
}

TEST(TrackRecordTest, RefusesWhatIsNotFinite) {
  EXPECT_FALSE(Score({0, {{0.5, 1}}, kNan}).ok());
  EXPECT_FALSE(Score({0, {{0.5, kNan}}, 0}).ok());
  EXPECT_FALSE(Score({0, {}, 0}).ok());
}

TEST(TrackRecordTest, ARefusedOutcomeLeavesNoTrace) {
  TrackRecordBuilder builder;
  ASSERT_TRUE(builder.Add(MakeOutcome(12)).ok());
  EXPECT_FALSE(builder.Add(MakeOutcome(kNan)).ok());
  EXPECT_EQ(builder.Build(std::nullopt)->outcomes, 1);
  EXPECT_EQ(builder.Build(std::nullopt)->mean_absolute_error, 2);
}

TEST(TrackRecordTest, NothingToScoreIsAnErrorThatSaysSo) {
  EXPECT_EQ(RecordOf({}, 1.0).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace headway::scores
