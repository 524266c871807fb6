// Counts that are completed from how earlier ones were seen to grow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/query/columns.h"
#include "tests/query/test_store.h"

namespace headway::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kCompleted[] =
    "count_releases by (country) (release, \"M\", 90, \"complete\")";

// The list of releases as it grew: of each month from 2023-01 to 2024-06
// listed(month, age) releases came on the 10th of the month that begins so many
// months after its end.
class ReleasesTest : public ::testing::Test {
 protected:
  void List(const std::function<int(int month, int age)>& listed,
            series::VintageKind kind = series::VintageKind::kNative,
            const std::string& country = "CHN") {
    constexpr int kMonths = 18;
    store::Batch batch;
    for (int month = 0; month < kMonths; ++month) {
      for (int age = 0; age < 4 && month + age < kMonths; ++age) {
        for (int i = 0; i < listed(month, age); ++i) {
          batch.updates.push_back(Release(country, month, age,
                                          absl::StrCat(month, "-", age, "-", i),
                                          kind));
        }
      }
    }
    store_.Commit(batch);
  }

  Panel Evaluated(absl::Time as_of = absl::InfiniteFuture()) const {
    auto panel = store_.Evaluate(kCompleted, {.as_of = as_of});
    EXPECT_TRUE(panel.ok()) << panel.status();
    return panel.ok() ? *std::move(panel) : Panel();
  }

  // "2024-05=16 estimated 2024-06=18 estimated" of the last `count` values.
  static std::string Last(const series::Observations& x, size_t count) {
    std::string text;
    for (size_t i = x.size() - count; i < x.size(); ++i) {
      absl::StrAppend(
          &text, text.empty() ? "" : " ",
          series::FormatPeriod({x.frequency, x.ordinals[i]}), "=", x.values[i],
          " ", series::ObservationStatusName(series::StatusAt(x.statuses, i)));
    }
    return text;
  }

  static std::string Notes(const Panel& panel) {
    return absl::StrJoin(panel.notes, "\n");
  }

  TestStore store_;

 private:
  static store::VintageUpdate Release(const std::string& country, int month,
                                      int age, const std::string& model,
                                      series::VintageKind kind) {
    const absl::CivilMonth of = absl::CivilMonth(2023, 1) + month;
    store::VintageUpdate update;
    update.info.key = {"release", L({{"country", country}, {"model", model}}),
                       series::Frequency::kDaily};
    update.info.unit = series::Unit();
    update.info.vintage_kind = kind;
    update.known_at =
        absl::FromCivil(absl::CivilDay(of + 1 + age) + 9, absl::UTCTimeZone());
    update.ordinals = {series::PeriodContaining(series::Frequency::kDaily,
                                                absl::CivilDay(of) + 14)
                           .ordinal};
    update.values = {1};
    return update;
  }
};

// 12 at once, 4 a month later, 2 another month later.
int Steadily(int, int age) { return std::vector<int>{12, 4, 2, 0}[age]; }

TEST_F(ReleasesTest, CountsWithinTheLagAreCompletedByHowOthersGrew) {
  List(Steadily);
  const Panel panel = Evaluated();
  EXPECT_EQ(Last(panel.columns.at(0).observations, 4),
            "2024-03=18 final 2024-04=18 estimated 2024-05=18 estimated "
            "2024-06=18 estimated");
  EXPECT_THAT(Notes(panel),
              HasSubstr("count_releases: {country=\"CHN\"} is completed by "
                        "chain ladder from what 17 periods were seen to grow "
                        "by: 2024-04 from 18 to 18 (standard error 0); 2024-05 "
                        "from 16 to 18 (standard error 0); 2024-06 from 12 to "
                        "18 (standard error 0)"));
}

TEST_F(ReleasesTest, WithoutTheWordTheyArePartial) {
  List(Steadily);
  const auto panel =
      store_.Evaluate("count_releases by (country) (release, \"M\", 90)");
  EXPECT_EQ(Last(panel->columns.at(0).observations, 2),
            "2024-05=16 partial 2024-06=12 partial");
  EXPECT_THAT(panel->notes, IsEmpty());
}

TEST_F(ReleasesTest, NoiseIsShownAsDoubt) {
  List([](int month, int age) {
    return age == 0 ? 12 : age == 1 ? 3 + month % 3 : 0;
  });
  const Panel panel = Evaluated();
  EXPECT_THAT(Last(panel.columns.at(0).observations, 1),
              HasSubstr("2024-06=15.94"));
  EXPECT_THAT(Notes(panel), HasSubstr("(standard error 0.8"));
}

TEST_F(ReleasesTest, WhatIsTooDoubtfulStaysPartial) {
  List([](int month, int age) {
    return age == 0 ? 1 : age == 1 && month % 2 == 0 ? 8 : 0;
  });
  const Panel panel = Evaluated();
  EXPECT_THAT(Last(panel.columns.at(0).observations, 1), "2024-06=1 partial");
  EXPECT_THAT(Notes(panel), HasSubstr("2024-06 stays at 1, partial: "));
  EXPECT_THAT(Notes(panel), HasSubstr("is too doubtful"));
}

TEST_F(ReleasesTest, NothingGrowsFromZero) {
  List([](int month, int age) { return month == 17 ? 0 : Steadily(0, age); });
  // Somebody else's release brings the list to July.
  List([](int month, int age) { return month == 17 && age == 0 ? 1 : 0; },
       series::VintageKind::kNative, "USA");
  const Panel panel = Evaluated();
  EXPECT_THAT(Last(panel.columns.at(0).observations, 2),
              "2024-05=18 estimated 2024-06=0 partial");
  EXPECT_THAT(Notes(panel), HasSubstr("2024-06 stays at 0, partial: nothing "
                                      "grows from 0"));
}

TEST_F(ReleasesTest, FiveWholePeriodsMustHaveBeenSeen) {
  List(Steadily);
  const Panel five = Evaluated(Midnight(2023, 7, 10));
  EXPECT_EQ(Last(five.columns.at(0).observations, 1), "2023-06=12 partial");
  EXPECT_THAT(Notes(five), HasSubstr("too few periods were seen to grow"));
  const Panel four = Evaluated(Midnight(2023, 6, 10));
  EXPECT_THAT(four.notes,
              ElementsAre(HasSubstr(
                  "nothing is completed: counts were seen to grow from "
                  "2023-02-10 00:00 UTC on, over 4 whole periods, and 5 are "
                  "needed")));
  // Every step of three, by five rows.
  const Panel seven = Evaluated(Midnight(2023, 9, 10));
  EXPECT_EQ(Last(seven.columns.at(0).observations, 1), "2023-08=18 estimated");
}

TEST_F(ReleasesTest, AssumedVintagesTellNothingOfGrowth) {
  List(Steadily, series::VintageKind::kAssumed);
  const Panel panel = Evaluated();
  EXPECT_EQ(Last(panel.columns.at(0).observations, 1), "2024-06=12 partial");
  EXPECT_THAT(panel.notes,
              ElementsAre(HasSubstr(
                  "nothing is completed: counts were seen to grow from "
                  "2031-01-01 00:00 UTC on (vintages before are assumed), over "
                  "0 whole periods, and 5 are needed")));
}

// A sample whose dates are assumed, of which a live source then took the place.
TEST_F(ReleasesTest, VintagesOfASeriesThatOnceWereAssumedTellNothing) {
  List(Steadily, series::VintageKind::kAssumed);
  store_.clock().Advance(absl::Hours(24));
  List(Steadily, series::VintageKind::kObserved);
  const Panel panel = Evaluated();
  EXPECT_EQ(Last(panel.columns.at(0).observations, 1), "2024-06=12 partial");
  EXPECT_THAT(Notes(panel), HasSubstr("vintages before are assumed"));
}

TEST_F(ReleasesTest, EachGroupGrowsInItsOwnWay) {
  List(Steadily);
  List([](int, int age) { return age == 0 ? 5 : 0; },
       series::VintageKind::kNative, "USA");
  const Panel panel = Evaluated();
  EXPECT_EQ(Last(panel.columns.at(0).observations, 1), "2024-06=18 estimated");
  EXPECT_EQ(Last(panel.columns.at(1).observations, 1), "2024-06=5 estimated");
}

TEST_F(ReleasesTest, CompletionNeedsTheVintagesOfASelector) {
  List(Steadily);
  const auto refused =
      store_.Evaluate("count_releases(2 * release, \"M\", 90, \"complete\")");
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("vintages are those of series; write a selector"));
  EXPECT_THAT(
      std::string(store_.Check("count_releases(release, \"M\", 90, \"all\")")
                      .status()
                      .message()),
      HasSubstr("\"all\" is not known; write \"complete\" or leave it out"));
}

}  // namespace
}  // namespace headway::query
