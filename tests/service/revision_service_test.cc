// ListRevisions and ReadTriangle over a real channel.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/time_util.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using SeriesStub = v1::SeriesService::Stub;

class RevisionServiceTest : public ServerTest {
 protected:
  void SetUp() override {
    Write("cargo_tonnes", "A", {{"2024-11", 10}, {"2024-12", 20}},
          "2025-01-10");
    Write("cargo_tonnes", "A", {{"2024-12", 26}, {"2025-01", 30}},
          "2025-02-10");
    Write("cargo_tonnes", "A", {{"2024-12", 24}, {"2025-01", 28}},
          "2025-03-10");
  }

  v1::ListRevisionsResponse List(const v1::ListRevisionsRequest& request) {
    v1::ListRevisionsResponse response;
    const grpc::Status status =
        Ask(*series_, &SeriesStub::ListRevisions, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  // "2024-12: 20 of 2025-01-10, 24 of 2025-03-10, 2 revisions"
  static std::vector<std::string> Texts(const v1::SeriesRevisions& series) {
    auto day = [](const google::protobuf::Timestamp& time) {
      return TimeUtil::ToString(time).substr(0, 10);
    };
    std::vector<std::string> texts;
    for (const v1::Release& release : series.releases()) {
      texts.push_back(absl::StrCat(
          release.period(), ": ", release.first_value(), " of ",
          day(release.first_known_at()), ", ", release.latest_value(), " of ",
          day(release.latest_known_at()), ", ", release.revision_count(),
          " revisions"));
    }
    return texts;
  }

  // "2025-01-10: 2024-11=10 2024-12=20"
  std::vector<std::string> Triangle(v1::ReadTriangleRequest request) {
    request.set_name(SeriesName("cargo_tonnes"));
    v1::ReadTriangleResponse response;
    const grpc::Status status =
        Ask(*series_, &SeriesStub::ReadTriangle, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    next_page_token_ = response.next_page_token();
    std::vector<std::string> texts;
    for (const auto& state : response.states()) {
      texts.push_back(absl::StrCat(
          TimeUtil::ToString(state.known_at()).substr(0, 10), ": ",
          absl::StrJoin(state.observations(), " ",
                        [](std::string* out, const v1::Observation& o) {
                          absl::StrAppend(out, o.period(), "=", o.value());
                        })));
    }
    return texts;
  }

  std::string next_page_token_;
};

TEST_F(RevisionServiceTest, ComparesTheFirstReleaseOfEachPeriodWithTheLatest) {
  const v1::ListRevisionsResponse response = List({});
  ASSERT_EQ(response.series_size(), 1);
  const v1::SeriesRevisions& series = response.series(0);
  EXPECT_EQ(series.name(), SeriesName("cargo_tonnes"));
  EXPECT_EQ(series.key(), "cargo_tonnes{port=\"A\"}");
  EXPECT_EQ(series.frequency(), v1::MONTHLY);
  EXPECT_EQ(series.unit(), "tonne");
  EXPECT_THAT(
      Texts(series),
      ElementsAre("2024-11: 10 of 2025-01-10, 10 of 2025-01-10, 0 revisions",
                  "2024-12: 20 of 2025-01-10, 24 of 2025-03-10, 2 revisions",
                  "2025-01: 30 of 2025-02-10, 28 of 2025-03-10, 1 revisions"));
}

TEST_F(RevisionServiceTest, MeansAreOverAllReleases) {
  const v1::SeriesRevisions series = List({}).series(0);
  EXPECT_EQ(series.revised_count(), 2);
  // Revisions 0, +4, -2.
  EXPECT_DOUBLE_EQ(series.mean_revision(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(series.mean_absolute_revision(), 2.0);
}

TEST_F(RevisionServiceTest, BoundsOfAnyFrequencyMeanThePeriodsWhollyWithin) {
  v1::ListRevisionsRequest request;
  request.set_first_period("2024-11-02");
  request.set_last_period("2024");
  EXPECT_THAT(Texts(List(request).series(0)),
              ElementsAre(HasSubstr("2024-12: ")));
}

TEST_F(RevisionServiceTest, AsOfKnowsOfNoLaterRevision) {
  v1::ListRevisionsRequest request;
  *request.mutable_as_of() = Midnight("2025-02-10");
  EXPECT_THAT(Texts(List(request).series(0)),
              ElementsAre(HasSubstr("10 of 2025-01-10, 10 of"),
                          HasSubstr("26 of 2025-02-10, 1 revisions"),
                          HasSubstr("30 of 2025-02-10, 0 revisions")));
}

TEST_F(RevisionServiceTest, SeriesComeInPagesInTheOrderOfTheirKeys) {
  Write("cargo_tonnes", "B", {{"2025-01", 1}}, "2025-02-10");
  Write("ships", "A", {{"2025-01", 1}}, "2025-02-10");
  v1::ListRevisionsRequest request;
  request.set_filter("cargo_tonnes");
  request.set_page_size(1);
  std::vector<std::string> keys;
  do {
    const v1::ListRevisionsResponse response = List(request);
    for (const auto& series : response.series()) keys.push_back(series.key());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(keys, ElementsAre("cargo_tonnes{port=\"A\"}",
                                "cargo_tonnes{port=\"B\"}"));
}

TEST_F(RevisionServiceTest, RefusesWhatItCannotRead) {
  v1::ListRevisionsResponse response;
  auto refusal = [&](const v1::ListRevisionsRequest& request) {
    return ViolationOf(
        Ask(*series_, &SeriesStub::ListRevisions, request, &response));
  };
  v1::ListRevisionsRequest request;
  request.set_filter("{");
  EXPECT_THAT(refusal(request), HasSubstr("filter: "));
  request.set_filter("");
  request.set_first_period("202x");
  EXPECT_THAT(refusal(request), HasSubstr("first_period: "));
  request.set_first_period("2025");
  request.set_last_period("2024-12");
  EXPECT_THAT(refusal(request),
              HasSubstr("first_period: \"2025\" is after last_period"));
}

TEST_F(RevisionServiceTest, TheTriangleIsTheStateAfterEachVintage) {
  EXPECT_THAT(Triangle({}),
              ElementsAre("2025-01-10: 2024-11=10 2024-12=20",
                          "2025-02-10: 2024-11=10 2024-12=26 2025-01=30",
                          "2025-03-10: 2024-11=10 2024-12=24 2025-01=28"));
}

TEST_F(RevisionServiceTest, TheTriangleKeepsToItsBoundsAndAsOf) {
  v1::ReadTriangleRequest request;
  request.set_first_period("2024-12");
  request.set_last_period("2024-12");
  *request.mutable_as_of() = Midnight("2025-02-10");
  EXPECT_THAT(Triangle(request),
              ElementsAre("2025-01-10: 2024-12=20", "2025-02-10: 2024-12=26"));
  request.set_first_period("2024-11");
  request.set_last_period("2024-11");
  EXPECT_THAT(Triangle(request), ElementsAre("2025-01-10: 2024-11=10"));
}

TEST_F(RevisionServiceTest, TheTriangleComesInPages) {
  v1::ReadTriangleRequest request;
  request.set_page_size(2);
  EXPECT_THAT(Triangle(request),
              ElementsAre(HasSubstr("2025-01-10"), HasSubstr("2025-02-10")));
  request.set_page_token(next_page_token_);
  EXPECT_THAT(Triangle(request), ElementsAre(HasSubstr("2025-03-10")));
  EXPECT_THAT(next_page_token_, IsEmpty());
}

}  // namespace
}  // namespace headway::service
