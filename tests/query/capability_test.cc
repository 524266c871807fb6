// frontier_lag on the real capability index of Epoch AI, in three vintages,
// against an independent script and against what Epoch AI published.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/query/columns.h"
#include "tests/query/test_store.h"
#include "tests/support/files.h"

namespace headway::query {
namespace {

constexpr char kLag[] =
    "frontier_lag(max(model_capability{country=\"USA\"}), "
    "max(model_capability{country=\"CHN\"}))";

struct Download {
  const char* file;
  const char* model;
  const char* score;
  const char* date;
  const char* country;
  absl::Time known_at;
  // By the independent script, months from June 2023 to the end of 2025.
  double mean;
};

const Download kDownloads[] = {
    {"eci_scores__2026-02-vintage.csv", "Model", "eci", "date",
     "Country (of organization)", Midnight(2026, 2, 28), 7.9},
    {"epoch_capabilities_index__2026-03-vintage.csv", "Model version",
     "ECI Score", "Release date", "Country", Midnight(2026, 3, 31), 7.9},
    {"epoch_capabilities_index__2026-05-vintage.csv", "Model version",
     "ECI Score", "Release date", "Country", Midnight(2026, 5, 31), 7.7},
};

std::string DataDirectory() { return SharedDataDirectory() + "/models/"; }

// RFC 4180: quoted cells may hold commas, quotes and line breaks.
std::vector<std::vector<std::string>> ReadCsv(const std::string& path) {
  const std::string text = ReadFile(path);
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      rows.back().back().push_back(text[++i]);
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      rows.back().emplace_back();
    } else if (!quoted && c == '\n') {
      rows.emplace_back(1, "");
    } else if (quoted || c != '\r') {
      rows.back().back().push_back(c);
    }
  }
  return rows;
}

struct Score {
  std::string model;
  std::string country;
  int32_t day;
  double score;
};

// One for each model and country; rows without a score or a date are none.
std::vector<Score> ReadScores(const Download& download) {
  const auto rows = ReadCsv(DataDirectory() + download.file);
  auto column = [&](const char* name) {
    return absl::c_find(rows[0], name) - rows[0].begin();
  };
  const size_t model = column(download.model), score = column(download.score),
               date = column(download.date), country = column(download.country);
  std::vector<Score> scores;
  for (size_t i = 1; i < rows.size(); ++i) {
    double value = 0;
    if (rows[i].size() != rows[0].size() ||
        !absl::SimpleAtod(rows[i][score], &value)) {
      continue;
    }
    const auto day =
        series::ParsePeriod(rows[i][date], series::Frequency::kDaily);
    if (!day.ok()) continue;
    const std::vector<std::string> countries =
        absl::StrSplit(rows[i][country], ',');
    for (std::string name : countries) {
      if (name.empty()) continue;
      if (name == "United States of America") name = "USA";
      if (name == "China") name = "CHN";
      scores.push_back({rows[i][model], name, day->ordinal, value});
    }
  }
  return scores;
}

store::VintageUpdate UpdateOf(const Score& score, absl::Time known_at) {
  store::VintageUpdate update;
  update.info.key = {"model_capability",
                     L({{"model", score.model}, {"country", score.country}}),
                     series::Frequency::kDaily};
  update.info.unit = series::Unit::Parse("index").value();
  update.known_at = known_at;
  update.snapshot = true;
  return update;
}

class CapabilityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const Download& download : kDownloads) {
      if (!std::filesystem::exists(DataDirectory() + download.file)) {
        GTEST_SKIP() << "no " << DataDirectory() << download.file
                     << "; set HEADWAY_SHARED_DATA to the folder of test data";
      }
    }
    store_ = std::make_unique<TestStore>();
    std::vector<Score> before;
    for (const Download& download : kDownloads) {
      const std::vector<Score> scores = ReadScores(download);
      store_->Commit(BatchOf(scores, before, download.known_at));
      before = scores;
    }
  }

  // The whole download: what the one before held and this one does not is
  // withdrawn.
  static store::Batch BatchOf(const std::vector<Score>& scores,
                              const std::vector<Score>& before,
                              absl::Time known_at) {
    store::Batch batch;
    std::set<std::pair<std::string, std::string>> present;
    for (const Score& score : scores) {
      present.insert({score.model, score.country});
      store::VintageUpdate update = UpdateOf(score, known_at);
      update.ordinals = {score.day};
      update.values = {score.score};
      batch.updates.push_back(std::move(update));
    }
    for (const Score& score : before) {
      if (present.count({score.model, score.country}) == 0) {
        batch.updates.push_back(UpdateOf(score, known_at));
      }
    }
    return batch;
  }

  // The values of the days from June 2023 to the end of 2025, by day.
  std::map<int32_t, double> Lags(absl::Time as_of) {
    auto panel = store_->Evaluate(kLag, {.as_of = as_of});
    EXPECT_TRUE(panel.ok()) << panel.status();
    EXPECT_EQ(panel->unit.ToString(), "month");
    EXPECT_EQ(panel->columns.size(), 1u);
    const series::Observations& x = panel->columns.at(0).observations;
    std::map<int32_t, double> lags;
    for (size_t i = 0; i < x.size(); ++i) {
      if (x.ordinals[i] >= kFirst && x.ordinals[i] <= kLast) {
        lags[x.ordinals[i]] = x.values[i];
      }
    }
    return lags;
  }

  static double Mean(const std::map<int32_t, double>& lags) {
    double sum = 0;
    for (const auto& [day, lag] : lags) sum += lag;
    return sum / static_cast<double>(lags.size());
  }

  static const int32_t kFirst;
  static const int32_t kLast;
  std::unique_ptr<TestStore> store_;
};

const int32_t CapabilityTest::kFirst =
    series::ParsePeriod("2023-06-01").value().ordinal;
const int32_t CapabilityTest::kLast =
    series::ParsePeriod("2025-12-31").value().ordinal;

TEST_F(CapabilityTest, AgreesWithTheIndependentScriptOnEveryVintage) {
  for (const Download& download : kDownloads) {
    SCOPED_TRACE(download.file);
    const auto lags = Lags(download.known_at);
    ASSERT_EQ(lags.size(), static_cast<size_t>(kLast - kFirst + 1));
    double least = lags.begin()->second, most = least;
    for (const auto& [day, lag] : lags) {
      least = std::min(least, lag);
      most = std::max(most, lag);
    }
    // The script's figures have one decimal.
    EXPECT_NEAR(Mean(lags), download.mean, 0.05);
    EXPECT_NEAR(least, 1.1, 0.05);
    EXPECT_NEAR(most, 18.2, 0.05);
    std::cout << download.file << ": mean " << Mean(lags) << ", least " << least
              << ", most " << most << " months\n";
  }
}

TEST_F(CapabilityTest, AgreesWithItsDefinitionDayByDay) {
  for (const Download& download : kDownloads) {
    SCOPED_TRACE(download.file);
    const std::vector<Score> scores = ReadScores(download);
    for (const auto& [day, lag] : Lags(download.known_at)) {
      // Months since the first American model at or above the best Chinese
      // score so far.
      double best = -1e300;
      for (const Score& score : scores) {
        if (score.country == "CHN" && score.day <= day) {
          best = std::max(best, score.score);
        }
      }
      int32_t reached = INT32_MAX;
      for (const Score& score : scores) {
        if (score.country == "USA" && score.score >= best) {
          reached = std::min(reached, score.day);
        }
      }
      ASSERT_DOUBLE_EQ(lag, (day - reached) / 30.4375)
          << series::FormatPeriod({series::Frequency::kDaily, day});
    }
  }
}

TEST_F(CapabilityTest, LiesWithinTheBandThatEpochPublished) {
  // "7 months on average, at least 4, at most 14", January 2026.
  for (const Download& download : kDownloads) {
    EXPECT_GT(Mean(Lags(download.known_at)), 4) << download.file;
    EXPECT_LT(Mean(Lags(download.known_at)), 14) << download.file;
  }
}

TEST_F(CapabilityTest, EndsWhereTheVintageDoes) {
  const auto panel = store_->Evaluate(kLag, {.as_of = Midnight(2026, 4, 15)});
  ASSERT_TRUE(panel.ok()) << panel.status();
  const series::Observations& x = panel->columns.at(0).observations;
  EXPECT_EQ(series::FormatPeriod({x.frequency, x.ordinals.back()}),
            "2026-03-30");
}

}  // namespace
}  // namespace headway::query
