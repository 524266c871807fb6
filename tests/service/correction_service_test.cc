// Corrections by hand, over a real channel.
#include <limits>

#include "absl/strings/str_cat.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using ::testing::HasSubstr;
using SeriesStub = v1::SeriesService::Stub;

class CorrectionServiceTest : public ServerTest {
 protected:
  CorrectionServiceTest() {
    Write("cargo_tonnes", "A", {{"2025-01", 1}, {"2025-02", 2}}, "2025-03-01");
    request_.set_name(SeriesName("cargo_tonnes"));
    request_.set_reason("the publisher's table has a comma too many");
    request_.set_author("ada");
  }

  void Add(const std::string& period, double value) {
    v1::Observation* observation = request_.add_observations();
    observation->set_period(period);
    observation->set_value(value);
  }

  // Makes the call, and clears what it asked for.
  v1::Correction Correct() {
    v1::Correction correction;
    clock_.Advance(absl::Hours(1));
    const grpc::Status status =
        Ask(*series_, &SeriesStub::CorrectObservations, request_, &correction);
    EXPECT_TRUE(status.ok()) << status.error_message();
    request_.clear_observations();
    request_.clear_struck_periods();
    request_.clear_undone_periods();
    return correction;
  }

  std::string Refusal() {
    v1::Correction correction;
    return ViolationOf(
        Ask(*series_, &SeriesStub::CorrectObservations, request_, &correction));
  }

  // "2025-01=1 2025-02=2".
  std::string ReadNow(const std::string& as_of = "") {
    v1::ReadSeriesRequest request;
    request.set_name(request_.name());
    if (!as_of.empty()) *request.mutable_as_of() = Midnight(as_of);
    v1::ReadSeriesResponse response;
    EXPECT_TRUE(
        Ask(*series_, &SeriesStub::ReadSeries, request, &response).ok());
    std::string text;
    for (const v1::Observation& observation : response.observations()) {
      absl::StrAppend(&text, text.empty() ? "" : " ", observation.period(), "=",
                      observation.value());
    }
    return text;
  }

  v1::CorrectObservationsRequest request_;
};

TEST_F(CorrectionServiceTest, ACorrectionIsReadFromThenOn) {
  Add("2025-01", 10);
  Correct();
  EXPECT_EQ(ReadNow(), "2025-01=10 2025-02=2");
  EXPECT_EQ(ReadNow("2025-04-01"), "2025-01=1 2025-02=2");
}

TEST_F(CorrectionServiceTest, StandsWhateverTheSourceSaysLater) {
  Add("2025-01", 10);
  Correct();
  clock_.Advance(absl::Hours(24));
  Write("cargo_tonnes", "A", {{"2025-01", 7}, {"2025-03", 3}});
  EXPECT_EQ(ReadNow(), "2025-01=10 2025-02=2 2025-03=3");
}

TEST_F(CorrectionServiceTest, AStruckPeriodHasNoValue) {
  request_.add_struck_periods("2025-02");
  Correct();
  EXPECT_EQ(ReadNow(), "2025-01=1");
  clock_.Advance(absl::Hours(24));
  Write("cargo_tonnes", "A", {{"2025-02", 20}});
  EXPECT_EQ(ReadNow(), "2025-01=1");
}

TEST_F(CorrectionServiceTest, UndoneTheSourcesAreReadAgain) {
  Add("2025-01", 10);
  request_.add_struck_periods("2025-02");
  Correct();
  clock_.Advance(absl::Hours(24));
  Write("cargo_tonnes", "A", {{"2025-02", 20}});
  request_.add_undone_periods("2025-01");
  request_.add_undone_periods("2025-02");
  Correct();
  EXPECT_EQ(ReadNow(), "2025-01=1 2025-02=20");
}

TEST_F(CorrectionServiceTest, AStruckPeriodMayBeCorrectedAfterAll) {
  request_.add_struck_periods("2025-02");
  Correct();
  Add("2025-02", 5);
  Correct();
  EXPECT_EQ(ReadNow(), "2025-01=1 2025-02=5");
}

TEST_F(CorrectionServiceTest, AllAreListedNewestFirst) {
  Add("2025-01", 10);
  Correct();
  request_.set_author("grace");
  request_.add_struck_periods("2025-02");
  Correct();
  v1::ListCorrectionsRequest request;
  request.set_page_size(1);
  v1::ListCorrectionsResponse first;
  ASSERT_TRUE(
      Ask(*series_, &SeriesStub::ListCorrections, request, &first).ok());
  ASSERT_EQ(first.corrections_size(), 1);
  const v1::Correction& newest = first.corrections(0);
  EXPECT_EQ(newest.author(), "grace");
  EXPECT_EQ(newest.series_key(), "cargo_tonnes{port=\"A\"}");
  ASSERT_EQ(newest.changes_size(), 1);
  EXPECT_EQ(newest.changes(0).kind(), v1::Correction::Change::STRUCK);
  EXPECT_EQ(newest.changes(0).before(), 2);
  EXPECT_FALSE(newest.changes(0).has_after());
  request.set_page_token(first.next_page_token());
  v1::ListCorrectionsResponse second;
  ASSERT_TRUE(
      Ask(*series_, &SeriesStub::ListCorrections, request, &second).ok());
  ASSERT_EQ(second.corrections_size(), 1);
  EXPECT_EQ(second.corrections(0).author(), "ada");
  EXPECT_EQ(second.corrections(0).changes(0).before(), 1);
  EXPECT_EQ(second.corrections(0).changes(0).after(), 10);
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(CorrectionServiceTest, NamesWhatIsWrongWithARequest) {
  EXPECT_THAT(Refusal(), HasSubstr("observations: "));
  request_.add_undone_periods("2025-01");
  EXPECT_THAT(Refusal(), HasSubstr("neither corrected nor struck out"));
  request_.clear_undone_periods();
  Add("2025-Q1", 1);
  EXPECT_THAT(Refusal(), HasSubstr("observations[0].period: "));
  request_.clear_observations();
  Add("2025-01", std::numeric_limits<double>::infinity());
  EXPECT_THAT(Refusal(), HasSubstr("observations[0].value: "));
  request_.clear_observations();
  Add("2025-01", 1);
  request_.add_struck_periods("2025-01");
  EXPECT_THAT(Refusal(), HasSubstr("occurs twice"));
  request_.clear_struck_periods();
  request_.clear_reason();
  EXPECT_THAT(Refusal(), HasSubstr("reason: "));
}

TEST_F(CorrectionServiceTest, NobodyElseMayWriteAsACorrection) {
  v1::WriteObservationsRequest request;
  request.set_source("correction");
  v1::WriteObservationsResponse response;
  EXPECT_THAT(ViolationOf(Ask(*series_, &SeriesStub::WriteObservations, request,
                              &response)),
              HasSubstr("source: "));
}

}  // namespace
}  // namespace headway::service
