// Finding series by selector.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/format.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SelectTest : public StoreTest {
 protected:
  void Register(const std::vector<series::SeriesInfo>& infos) {
    std::vector<VintageUpdate> updates;
    for (const series::SeriesInfo& info : infos) {
      updates.push_back(Update(info, "2024-01-01", {}));
      keys_.push_back(info.key);
    }
    Commit(std::move(updates));
    std::sort(keys_.begin(), keys_.end());
  }

  std::vector<std::string> Select(
      absl::string_view selector, size_t limit = SIZE_MAX,
      const std::optional<series::SeriesKey>& after = std::nullopt) {
    auto entries = store_->NewReader()->SelectSeries(
        series::ParseSelector(selector).value(), limit, after);
    EXPECT_TRUE(entries.ok()) << entries.status();
    std::vector<std::string> texts;
    for (const SeriesEntry& entry : *entries) {
      texts.push_back(series::FormatSeriesKey(entry.info.key));
    }
    return texts;
  }

  // By trying each key.
  std::vector<std::string> Expected(absl::string_view selector) {
    const series::Selector parsed = series::ParseSelector(selector).value();
    std::vector<std::string> texts;
    for (const series::SeriesKey& key : keys_) {
      if (parsed.Matches(key)) texts.push_back(series::FormatSeriesKey(key));
    }
    return texts;
  }

  std::vector<series::SeriesKey> keys_;
};

TEST_F(SelectTest, ADamagedSeriesConcernsItsOwnMetricAlone) {
  Register({MonthlySeries("trade", {{"hs", "8542"}}),
            MonthlySeries("ships", {{"hs", "8542"}})});
  const SeriesId ships = Find(MonthlySeries("ships", {{"hs", "8542"}}));
  WriteBatch damage;
  damage.Put(Family::kSeries, EncodeId(ships), "damage");
  ASSERT_TRUE(store_->engine().Write(damage).ok());
  Open();
  for (absl::string_view selector :
       {"trade", "trade{hs=\"8542\"}", "trade{hs=~\"85.*\"}",
        "trade{hs!=\"1\"}"}) {
    EXPECT_THAT(Select(selector), ElementsAre("trade{hs=\"8542\"}"));
  }
  for (absl::string_view selector : {"ships", "ships{hs=~\"85.*\"}"}) {
    EXPECT_EQ(store_->NewReader()
                  ->SelectSeries(series::ParseSelector(selector).value())
                  .status()
                  .code(),
              absl::StatusCode::kDataLoss);
  }
}

TEST_F(SelectTest, FindsBySeveralMatchersInTheOrderOfKeys) {
  Register({MonthlySeries("trade", {{"hs", "8542"}, {"partner", "CHN"}}),
            MonthlySeries("trade", {{"hs", "8541"}, {"partner", "CHN"}}),
            MonthlySeries("trade", {{"hs", "8542"}, {"partner", "NLD"}}),
            MonthlySeries("sales", {{"partner", "CHN"}})});
  EXPECT_THAT(Select("trade{partner=\"CHN\",hs=~\"8541|8542\"}"),
              ElementsAre("trade{hs=\"8541\",partner=\"CHN\"}",
                          "trade{hs=\"8542\",partner=\"CHN\"}"));
  EXPECT_THAT(Select("{partner=\"CHN\",hs=\"\"}"),
              ElementsAre("sales{partner=\"CHN\"}"));
  EXPECT_THAT(Select("trade{partner=\"JPN\"}"), IsEmpty());
  EXPECT_THAT(Select("nothing"), IsEmpty());
}

TEST_F(SelectTest, AMetricIsNotThePrefixOfAnother) {
  Register({MonthlySeries("trade"), MonthlySeries("trade_usd")});
  EXPECT_THAT(Select("trade"), ElementsAre("trade{}"));
}

TEST_F(SelectTest, AgreesWithTryingEachSeriesOnRandomSelectors) {
  std::mt19937 random(20240305);
  auto pick = [&](const std::vector<std::string>& from) {
    return from[random() % from.size()];
  };
  std::vector<series::SeriesInfo> infos;
  for (int i = 0; i < 300; ++i) {
    infos.push_back(MonthlySeries(
        pick({"a", "ab", "b"}), {{"id", absl::StrCat(i)},
                                 {pick({"x", "xy"}), pick({"1", "12", "2"})}}));
  }
  Register(infos);
  for (int round = 0; round < 300; ++round) {
    std::string selector = pick({"", "a", "ab", "c"});
    absl::StrAppend(&selector, "{");
    for (int i = random() % 4; i > 0; --i) {
      absl::StrAppend(&selector, pick({"x", "xy", "id", "zz"}),
                      pick({"=", "!=", "=~", "!~"}),
                      pick({"\"1\"", "\"1.*\"", "\"\"", "\"1|2|\"", "\"12\""}),
                      ",");
    }
    absl::StrAppend(&selector, "}");
    EXPECT_EQ(Select(selector), Expected(selector)) << selector;
  }
}

TEST_F(SelectTest, PagesAddUpToTheWhole) {
  std::vector<series::SeriesInfo> infos;
  for (int i = 0; i < 25; ++i) {
    infos.push_back(MonthlySeries(i % 3 == 0 ? "a" : "b",
                                  {{"n", absl::StrCat(i)}, {"all", "yes"}}));
  }
  Register(infos);
  // Those of the first row walk the keys in order, all of them or those that
  // the index found; the others sort the few that it found.
  for (absl::string_view selector :
       {"{all!=\"no\"}", "b", "{all=\"yes\"}", "b{n=~\"1.*\"}", "{n=~\"2.\"}",
        "{n=\"7\"}"}) {
    std::vector<std::string> paged;
    std::optional<series::SeriesKey> after;
    while (true) {
      auto page = store_->NewReader()->SelectSeries(
          series::ParseSelector(selector).value(), 4, after);
      ASSERT_TRUE(page.ok()) << page.status();
      if (page->empty()) break;
      ASSERT_LE(page->size(), 4u);
      for (const SeriesEntry& entry : *page) {
        paged.push_back(series::FormatSeriesKey(entry.info.key));
      }
      after = page->back().info.key;
    }
    EXPECT_EQ(paged, Expected(selector)) << selector;
  }
}

TEST_F(SelectTest, AZeroByteInAMatcherMatchesNothingAndDoesNoHarm) {
  Register({MonthlySeries("trade", {{"hs", "8542"}})});
  series::Selector selector;
  selector.matchers.push_back(series::Matcher::Create("hs",
                                                      series::MatchOp::kEqual,
                                                      std::string("8542\0", 5))
                                  .value());
  auto entries = store_->NewReader()->SelectSeries(selector);
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_THAT(*entries, IsEmpty());
}

TEST_F(SelectTest, SeriesOfOneNameAndDifferentFrequencyAreTwo) {
  series::SeriesInfo daily = MonthlySeries("trade");
  daily.key.frequency = series::Frequency::kDaily;
  Register({MonthlySeries("trade"), daily});
  EXPECT_THAT(Select("trade"), ElementsAre("trade{}", "trade{}"));
  EXPECT_NE(Find(daily), Find(MonthlySeries("trade")));
}

}  // namespace
}  // namespace headway::store
