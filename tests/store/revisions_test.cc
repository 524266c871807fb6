// The revision triangle, and first release against latest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RevisionsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    Commit({Update(info_, "2024-02-01", {{"2024-01", 1}})});
    Commit({Update(info_, "2024-03-01", {{"2024-01", 1.5}, {"2024-02", 2}})});
    clock_.Advance(absl::Hours(1));
    before_backfill_ = clock_.Now();
    clock_.Advance(absl::Hours(1));
    Commit({Update(info_, "2024-02-15", {{"2024-01", 1.25}})});
    Commit({Update(info_, "2024-04-01", {{"2024-03", 3}}, {"2024-02"})});
  }

  std::vector<Values> Triangle(const ReadOptions& options = {}) {
    auto triangle = store_->NewReader()->ReadTriangle(Find(info_), options);
    EXPECT_TRUE(triangle.ok()) << triangle.status();
    std::vector<Values> rows;
    for (const series::Observations& row : *triangle) {
      rows.push_back(ToValues(row));
    }
    return rows;
  }

  const series::SeriesInfo info_ = MonthlySeries("exports_usd");
  absl::Time before_backfill_;
};

TEST_F(RevisionsTest, TheTriangleHoldsTheStateAtEachVintage) {
  EXPECT_THAT(Triangle(),
              ElementsAre(Values{{"2024-01", 1}}, Values{{"2024-01", 1.25}},
                          Values{{"2024-01", 1.5}, {"2024-02", 2}},
                          Values{{"2024-01", 1.5}, {"2024-03", 3}}));
}

TEST_F(RevisionsTest, TheTriangleNamesItsVintages) {
  auto triangle = store_->NewReader()->ReadTriangle(Find(info_));
  ASSERT_THAT(*triangle, SizeIs(4));
  EXPECT_EQ((*triangle)[1].known_at, At("2024-02-15"));
  EXPECT_EQ((*triangle)[3].known_at, At("2024-04-01"));
}

TEST_F(RevisionsTest, AVintageWithoutNewsInTheRangeIsLeftOut) {
  ReadOptions options;
  options.first = Ordinal("2024-02");
  EXPECT_THAT(Triangle(options),
              ElementsAre(Values{{"2024-02", 2}}, Values{{"2024-03", 3}}));
}

TEST_F(RevisionsTest, TheTriangleEndsAtAsOf) {
  ReadOptions options;
  options.as_of = At("2024-02-20");
  EXPECT_THAT(Triangle(options),
              ElementsAre(Values{{"2024-01", 1}}, Values{{"2024-01", 1.25}}));
}

TEST_F(RevisionsTest, TheTriangleIsAsItWasRecordedThen) {
  ReadOptions options;
  options.recorded_by = before_backfill_;
  EXPECT_THAT(Triangle(options),
              ElementsAre(Values{{"2024-01", 1}},
                          Values{{"2024-01", 1.5}, {"2024-02", 2}}));
}

TEST_F(RevisionsTest, ComparesFirstReleasesWithLatestValues) {
  auto releases = store_->NewReader()->CompareReleases(Find(info_));
  ASSERT_TRUE(releases.ok()) << releases.status();
  // The period that was withdrawn has no latest value.
  ASSERT_THAT(*releases, SizeIs(2));
  const Release& january = releases->front();
  EXPECT_EQ(january.ordinal, Ordinal("2024-01"));
  EXPECT_EQ(january.first, 1);
  EXPECT_EQ(january.first_known_at, At("2024-02-01"));
  EXPECT_EQ(january.latest, 1.5);
  EXPECT_EQ(january.latest_known_at, At("2024-03-01"));
  EXPECT_EQ(january.revisions, 2);
  const Release& march = releases->back();
  EXPECT_EQ(march.first, march.latest);
  EXPECT_EQ(march.revisions, 0);
}

TEST_F(RevisionsTest, ComparesWhatWasKnownAtAnInstant) {
  ReadOptions options;
  options.as_of = At("2024-03-15");
  auto releases = store_->NewReader()->CompareReleases(Find(info_), options);
  ASSERT_THAT(*releases, SizeIs(2));
  EXPECT_EQ(releases->back().ordinal, Ordinal("2024-02"));
  EXPECT_EQ(releases->back().latest, 2);
}

TEST_F(RevisionsTest, AnUnknownSeriesIsNotFound) {
  EXPECT_EQ(store_->NewReader()->ReadTriangle(99).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->NewReader()->CompareReleases(99).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace headway::store
