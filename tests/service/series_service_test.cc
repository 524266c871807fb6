// SeriesService over a real channel.
#include <cmath>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using SeriesStub = v1::SeriesService::Stub;

class SeriesServiceTest : public ServerTest {
 protected:
  // "2025-01=1 2025-02=2", or the error.
  std::string Read(const v1::ReadSeriesRequest& request) {
    v1::ReadSeriesResponse response;
    const grpc::Status status =
        Ask(*series_, &SeriesStub::ReadSeries, request, &response);
    if (!status.ok()) return ViolationOf(status);
    std::string text;
    for (const v1::Observation& observation : response.observations()) {
      absl::StrAppend(&text, text.empty() ? "" : " ", observation.period(), "=",
                      observation.value());
    }
    return text;
  }

  // Changes the one batch of a good request, and returns how it is refused.
  std::string Refusal(
      const std::function<void(v1::WriteObservationsRequest&)>& change) {
    v1::WriteObservationsRequest request;
    request.set_source("test");
    auto* batch = request.add_batches();
    batch->set_metric("cargo_tonnes");
    batch->set_frequency(v1::MONTHLY);
    batch->set_unit("tonne");
    batch->add_observations()->set_period("2025-01");
    change(request);
    v1::WriteObservationsResponse response;
    const size_t before = CommitsOfData();
    const grpc::Status status =
        Ask(*series_, &SeriesStub::WriteObservations, request, &response);
    EXPECT_EQ(CommitsOfData(), before) << "something was written";
    return ViolationOf(status);
  }

  // Commits that touched a series; the run ledger commits beside them.
  size_t CommitsOfData() {
    size_t count = 0;
    const auto commits = store_->NewReader()->ListCommits(0, 1000);
    for (const store::CommitEntry& commit : *commits) {
      if (!commit.changed_series.empty()) ++count;
    }
    return count;
  }
};

TEST_F(SeriesServiceTest, HalfYearsAreWrittenReadAndGathered) {
  v1::WriteObservationsRequest write;
  write.set_source("test");
  auto* batch = write.add_batches();
  batch->set_metric("members");
  batch->set_frequency(v1::SEMIANNUAL);
  batch->set_unit("1");
  batch->add_observations()->set_period("2024-S1");
  batch->add_observations()->set_period("2024-S2");
  batch->mutable_observations(0)->set_value(3);
  batch->mutable_observations(1)->set_value(4);
  v1::WriteObservationsResponse written;
  grpc::Status status =
      Ask(*series_, &SeriesStub::WriteObservations, write, &written);
  ASSERT_TRUE(status.ok()) << status.error_message();
  v1::ReadSeriesRequest read;
  read.set_name(SeriesName("members"));
  read.set_first_period("2024-S2");
  EXPECT_EQ(Read(read), "2024-S2=4");
  v1::QueryRequest query;
  query.set_expression("resample(members, \"A\", \"sum\")");
  v1::QueryResponse answer;
  status = Ask(*series_, &SeriesStub::Query, query, &answer);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(answer.series_size(), 1);
  EXPECT_EQ(answer.series(0).observations(0).period(), "2024");
  EXPECT_EQ(answer.series(0).observations(0).value(), 7);
}

TEST_F(SeriesServiceTest, WritesAndReadsBack) {
  Write("cargo_tonnes", "A", {{"2025-02", 2}, {"2025-01", 1}});
  v1::ReadSeriesRequest request;
  request.set_name(SeriesName("cargo_tonnes"));
  EXPECT_EQ(Read(request), "2025-01=1 2025-02=2");
}

TEST_F(SeriesServiceTest, AStatusIsWrittenAndReadBack) {
  v1::WriteObservationsRequest write;
  write.set_source("test");
  auto* batch = write.add_batches();
  batch->set_metric("cargo_tonnes");
  batch->set_frequency(v1::MONTHLY);
  batch->set_unit("tonne");
  v1::Observation* observation = batch->add_observations();
  observation->set_period("2025-01");
  observation->set_value(1);
  observation->set_status(v1::PARTIAL);
  v1::WriteObservationsResponse written;
  ASSERT_TRUE(
      Ask(*series_, &SeriesStub::WriteObservations, write, &written).ok());
  v1::ReadSeriesRequest read;
  read.set_name(SeriesName("cargo_tonnes"));
  v1::ReadSeriesResponse response;
  ASSERT_TRUE(Ask(*series_, &SeriesStub::ReadSeries, read, &response).ok());
  ASSERT_EQ(response.observations_size(), 1);
  EXPECT_EQ(response.observations(0).status(), v1::PARTIAL);
}

TEST_F(SeriesServiceTest, SaysWhatASeriesIs) {
  Write("cargo_tonnes", "A", {{"2025-01", 1}, {"2025-02", 2}});
  v1::GetSeriesRequest request;
  request.set_name(SeriesName("cargo_tonnes"));
  v1::Series series;
  ASSERT_TRUE(Ask(*series_, &SeriesStub::GetSeries, request, &series).ok());
  EXPECT_EQ(series.name(), request.name());
  EXPECT_EQ(series.key(), "cargo_tonnes{port=\"A\"}");
  EXPECT_EQ(series.labels().at("port"), "A");
  EXPECT_EQ(series.frequency(), v1::MONTHLY);
  EXPECT_EQ(series.unit(), "tonne");
  EXPECT_EQ(series.vintage_kind(), v1::OBSERVED);
  EXPECT_EQ(series.source_name(), "test");
  EXPECT_EQ(series.observation_count(), 2);
  EXPECT_EQ(series.first_period(), "2025-01");
  EXPECT_EQ(series.last_period(), "2025-02");
  EXPECT_EQ(google::protobuf::util::TimeUtil::ToString(series.known_at()),
            "2025-06-15T12:00:00Z");
}

TEST_F(SeriesServiceTest, ReadsEachVintageAsOfItsTime) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}}, "2025-03-01");
  Write("cargo_tonnes", "A", {{"2025-01", 6}}, "2025-05-01");
  v1::ReadSeriesRequest request;
  request.set_name(SeriesName("cargo_tonnes"));
  *request.mutable_as_of() = Midnight("2025-02-28");
  EXPECT_EQ(Read(request), "");
  *request.mutable_as_of() = Midnight("2025-03-01");
  EXPECT_EQ(Read(request), "2025-01=5");
  *request.mutable_as_of() = Midnight("2025-05-01");
  EXPECT_EQ(Read(request), "2025-01=6");
}

TEST_F(SeriesServiceTest, ReadsWhatWasRecordedByAnInstant) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}}, "2025-03-01");
  clock_.Advance(absl::Hours(48));
  Write("cargo_tonnes", "A", {{"2025-01", 6}}, "2025-03-01");
  v1::ReadSeriesRequest request;
  request.set_name(SeriesName("cargo_tonnes"));
  *request.mutable_recorded_by() = Midnight("2025-06-16");
  EXPECT_EQ(Read(request), "2025-01=5");
  *request.mutable_recorded_by() = Midnight("2025-06-18");
  EXPECT_EQ(Read(request), "2025-01=6");
}

TEST_F(SeriesServiceTest, ReadsWithinInclusiveBounds) {
  Write("cargo_tonnes", "A",
        {{"2025-01", 1}, {"2025-02", 2}, {"2025-03", 3}, {"2025-04", 4}});
  v1::ReadSeriesRequest request;
  request.set_name(SeriesName("cargo_tonnes"));
  request.set_first_period("2025-02");
  request.set_last_period("2025-03");
  EXPECT_EQ(Read(request), "2025-02=2 2025-03=3");
}

TEST_F(SeriesServiceTest, RefusesBoundsThatAreNoPeriodsOfTheSeries) {
  Write("cargo_tonnes", "A", {{"2025-01", 1}});
  v1::ReadSeriesRequest request;
  request.set_name(SeriesName("cargo_tonnes"));
  request.set_first_period("2025-Q1");
  EXPECT_THAT(Read(request), HasSubstr("first_period: "));
  request.set_first_period("2025-03");
  request.set_last_period("2025-02");
  EXPECT_EQ(Read(request),
            "first_period: \"2025-03\" is after last_period \"2025-02\"");
}

TEST_F(SeriesServiceTest, RefusesAnInstantOutOfRange) {
  Write("cargo_tonnes", "A", {{"2025-01", 1}});
  v1::ReadSeriesRequest request;
  request.set_name(SeriesName("cargo_tonnes"));
  request.mutable_as_of()->set_nanos(-1);
  EXPECT_EQ(Read(request), "as_of: is no timestamp: seconds 0, nanos -1");
}

TEST_F(SeriesServiceTest, NamesTheSeriesThatIsNotThere) {
  v1::GetSeriesRequest request;
  request.set_name("series/99");
  v1::Series series;
  const grpc::Status status =
      Ask(*series_, &SeriesStub::GetSeries, request, &series);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "SERIES_NOT_FOUND");
  EXPECT_THAT(status.error_message(), HasSubstr("there is no series/99"));
}

TEST_F(SeriesServiceTest, ParsesResourceNamesStrictly) {
  for (const char* name :
       {"", "series", "series/", "series/1/2", "series/01", "series/-1",
        "Series/1", "series/x", "series/99999999999999999999"}) {
    v1::GetSeriesRequest request;
    request.set_name(name);
    v1::Series series;
    EXPECT_EQ(
        ViolationOf(Ask(*series_, &SeriesStub::GetSeries, request, &series)),
        absl::StrCat("name: \"", name,
                     "\" is not of the form series/ID, with a number "
                     "for ID"));
  }
}

TEST_F(SeriesServiceTest, ListsAllPagesInTheOrderOfKeys) {
  for (const char* port : {"D", "B", "E", "A", "C"}) {
    Write("cargo_tonnes", port, {{"2025-01", 1}});
  }
  v1::ListSeriesRequest request;
  request.set_filter("cargo_tonnes{port=~\".*\"}");
  request.set_page_size(2);
  std::vector<std::string> ports;
  std::vector<int> sizes;
  do {
    v1::ListSeriesResponse response;
    ASSERT_TRUE(
        Ask(*series_, &SeriesStub::ListSeries, request, &response).ok());
    for (const v1::Series& series : response.series()) {
      ports.push_back(series.labels().at("port"));
    }
    sizes.push_back(response.series_size());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(ports, ElementsAre("A", "B", "C", "D", "E"));
  EXPECT_THAT(sizes, ElementsAre(2, 2, 1));
}

TEST_F(SeriesServiceTest, AFullLastPageHasNoNext) {
  Write("cargo_tonnes", "A", {{"2025-01", 1}});
  Write("cargo_tonnes", "B", {{"2025-01", 1}});
  v1::ListSeriesRequest request;
  request.set_filter("cargo_tonnes");
  request.set_page_size(2);
  v1::ListSeriesResponse response;
  ASSERT_TRUE(Ask(*series_, &SeriesStub::ListSeries, request, &response).ok());
  EXPECT_EQ(response.series_size(), 2);
  EXPECT_EQ(response.next_page_token(), "");
}

TEST_F(SeriesServiceTest, RefusesATokenOfAnotherFilter) {
  Write("cargo_tonnes", "A", {{"2025-01", 1}});
  Write("cargo_tonnes", "B", {{"2025-01", 1}});
  v1::ListSeriesRequest request;
  request.set_filter("cargo_tonnes");
  request.set_page_size(1);
  v1::ListSeriesResponse response;
  ASSERT_TRUE(Ask(*series_, &SeriesStub::ListSeries, request, &response).ok());
  request.set_page_token(response.next_page_token());
  request.set_filter("wage_usd");
  EXPECT_THAT(
      ViolationOf(Ask(*series_, &SeriesStub::ListSeries, request, &response)),
      HasSubstr("was not given for this request"));
}

TEST_F(SeriesServiceTest, RefusesANegativePageSize) {
  v1::ListSeriesRequest request;
  request.set_page_size(-1);
  v1::ListSeriesResponse response;
  EXPECT_EQ(
      ViolationOf(Ask(*series_, &SeriesStub::ListSeries, request, &response)),
      "page_size: must not be negative, is -1");
}

TEST_F(SeriesServiceTest, NamesTheColumnOfABadSelector) {
  v1::ListSeriesRequest request;
  request.set_filter("cargo{port=A}");
  v1::ListSeriesResponse response;
  EXPECT_THAT(
      ViolationOf(Ask(*series_, &SeriesStub::ListSeries, request, &response)),
      ::testing::ContainsRegex("^filter: .*column 12"));
}

TEST_F(SeriesServiceTest, ListsVintagesOldestFirstOverPages) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}, {"2025-02", 7}}, "2025-03-01");
  Write("cargo_tonnes", "A", {{"2025-01", 6}, {"2025-02", 7}}, "2025-05-01");
  Write("cargo_tonnes", "A", {{"2025-03", 8}}, "2025-04-01");
  v1::ListVintagesRequest request;
  request.set_parent(SeriesName("cargo_tonnes"));
  request.set_page_size(2);
  v1::ListVintagesResponse first, second;
  ASSERT_TRUE(Ask(*series_, &SeriesStub::ListVintages, request, &first).ok());
  request.set_page_token(first.next_page_token());
  ASSERT_TRUE(Ask(*series_, &SeriesStub::ListVintages, request, &second).ok());
  ASSERT_EQ(first.vintages_size(), 2);
  ASSERT_EQ(second.vintages_size(), 1);
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_EQ(first.vintages(0).changed_size(), 2);
  EXPECT_EQ(first.vintages(1).changed(0).period(), "2025-03");
  // Unchanged values are no part of a vintage.
  ASSERT_EQ(second.vintages(0).changed_size(), 1);
  EXPECT_EQ(second.vintages(0).changed(0).value(), 6);
  EXPECT_EQ(second.vintages(0).provenance().source(), "test");
}

TEST_F(SeriesServiceTest, EvaluatesAnExpressionAsOfAnInstant) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}}, "2025-03-01");
  Write("cargo_tonnes", "A", {{"2025-01", 6}}, "2025-05-01");
  v1::QueryRequest request;
  request.set_expression("2 * cargo_tonnes");
  *request.mutable_as_of() = Midnight("2025-04-01");
  v1::QueryResponse response;
  ASSERT_TRUE(Ask(*series_, &SeriesStub::Query, request, &response).ok());
  EXPECT_EQ(response.unit(), "tonne");
  ASSERT_EQ(response.series_size(), 1);
  EXPECT_EQ(response.series(0).observations(0).value(), 10);
  EXPECT_EQ(response.series(0).known_at().seconds(),
            Midnight("2025-03-01").seconds());
}

TEST_F(SeriesServiceTest, RefusesAMetricThatNoSeriesHas) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}}, "2025-03-01");
  v1::QueryRequest request;
  request.set_expression("2 * cargo_tonne");
  v1::QueryResponse response;
  EXPECT_THAT(
      ViolationOf(Ask(*series_, &SeriesStub::Query, request, &response)),
      ::testing::HasSubstr("did you mean \"cargo_tonnes\"?"));
}

TEST_F(SeriesServiceTest, SaysWhatAnAnswerLacks) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}}, "2025-03-01");
  v1::QueryRequest request;
  request.set_expression("cargo_tonnes{port=\"a\"}");
  v1::QueryResponse response;
  ASSERT_TRUE(Ask(*series_, &SeriesStub::Query, request, &response).ok());
  EXPECT_THAT(
      response.notes(),
      ::testing::ElementsAre(::testing::HasSubstr("did you mean \"A\"?")));
}

class QueryPagesTest : public SeriesServiceTest {
 protected:
  // The first page of two, and what asks for the second.
  void SetUp() override {
    for (const char* port : {"A", "B"}) {
      Write("cargo_tonnes", port, {{"2025-01", 5}});
    }
    request_.set_expression("cargo");
    request_.set_page_size(1);
    ASSERT_TRUE(Ask(*series_, &SeriesStub::Query, request_, &response_).ok());
    request_.set_page_token(response_.next_page_token());
  }
  v1::QueryRequest request_;
  v1::QueryResponse response_;
};

TEST_F(QueryPagesTest, ATokenOfOtherDefinitionsIsRefused) {
  Redefine("sum by (port)", "max by (port)");
  EXPECT_THAT(
      ViolationOf(Ask(*series_, &SeriesStub::Query, request_, &response_)),
      HasSubstr("page_token: "));
}

TEST_F(QueryPagesTest, ATokenOutlivesAReloadThatChangesNoValues) {
  Redefine("Cargo by port", "Cargo of each port");
  ASSERT_TRUE(Ask(*series_, &SeriesStub::Query, request_, &response_).ok());
  EXPECT_EQ(response_.series(0).labels().at("port"), "B");
}

TEST_F(SeriesServiceTest, NamesTheColumnOfABadExpression) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}});
  v1::QueryRequest request;
  request.set_expression("sum(cargo_tonnes) + yoz(1)");
  v1::QueryResponse response;
  EXPECT_THAT(
      ViolationOf(Ask(*series_, &SeriesStub::Query, request, &response)),
      ::testing::ContainsRegex("^expression: .*21.*yoy"));
}

TEST_F(SeriesServiceTest, CutsAnErrorThatWouldNotFitIntoTheTrailer) {
  v1::QueryRequest request;
  request.set_expression(std::string(20000, 'x'));
  v1::QueryResponse response;
  EXPECT_EQ(ViolationOf(Ask(*series_, &SeriesStub::Query, request, &response)),
            "expression: has 20000 bytes; at most 10000 are read");
  // A name of the longest size that is read, in a message twice.
  request.set_expression(std::string(9990, 'x') + "(1)");
  const grpc::Status status =
      Ask(*series_, &SeriesStub::Query, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_LT(status.error_message().size(), 1100u);
}

TEST_F(SeriesServiceTest, AnUnchangedValueWritesNothing) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}}, "2025-03-01");
  v1::WriteObservationsRequest request;
  request.set_source("test");
  auto* batch = request.add_batches();
  batch->set_metric("cargo_tonnes");
  (*batch->mutable_labels())["port"] = "A";
  batch->set_frequency(v1::MONTHLY);
  batch->add_observations()->set_period("2025-01");
  batch->mutable_observations(0)->set_value(5);
  v1::WriteObservationsResponse response;
  ASSERT_TRUE(
      Ask(*series_, &SeriesStub::WriteObservations, request, &response).ok());
  EXPECT_EQ(response.series_changed(), 0);
  EXPECT_EQ(response.observations_changed(), 0);
}

TEST_F(SeriesServiceTest, WithdrawsAPeriod) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}, {"2025-02", 6}}, "2025-03-01");
  v1::WriteObservationsRequest request;
  request.set_source("test");
  auto* batch = request.add_batches();
  batch->set_metric("cargo_tonnes");
  (*batch->mutable_labels())["port"] = "A";
  batch->set_frequency(v1::MONTHLY);
  batch->add_withdrawn_periods("2025-01");
  v1::WriteObservationsResponse response;
  ASSERT_TRUE(
      Ask(*series_, &SeriesStub::WriteObservations, request, &response).ok());
  EXPECT_EQ(response.observations_changed(), 1);
  v1::ReadSeriesRequest read;
  read.set_name(SeriesName("cargo_tonnes"));
  EXPECT_EQ(Read(read), "2025-02=6");
}

TEST_F(SeriesServiceTest, NamesTheFieldOfEveryBadWrite) {
  using Request = v1::WriteObservationsRequest;
  const auto batch = [](Request& r) { return r.mutable_batches(0); };
  EXPECT_EQ(Refusal([](Request& r) { r.clear_source(); }),
            "source: is needed: it is shown as provenance");
  EXPECT_THAT(Refusal([](Request& r) {
                *r.mutable_known_at() = Midnight("2025-06-16");
              }),
              HasSubstr("known_at: 2025-06-16T00:00:00+00:00 has not come"));
  EXPECT_THAT(Refusal([&](Request& r) { batch(r)->set_metric("1x"); }),
              HasSubstr("batches[0].metric: "));
  EXPECT_THAT(Refusal([&](Request& r) {
                (*batch(r)->mutable_labels())["no good"] = "x";
              }),
              HasSubstr("batches[0].labels: "));
  EXPECT_THAT(Refusal([&](Request& r) { batch(r)->clear_frequency(); }),
              HasSubstr("batches[0].frequency: "));
  EXPECT_THAT(Refusal([&](Request& r) { batch(r)->set_unit("USD//"); }),
              HasSubstr("batches[0].unit: "));
  EXPECT_THAT(Refusal([&](Request& r) { batch(r)->clear_unit(); }),
              HasSubstr("batches[0].unit: is needed for a new series"));
  EXPECT_THAT(Refusal([&](Request& r) {
                batch(r)->mutable_observations(0)->set_period("2025-13");
              }),
              HasSubstr("batches[0].observations[0].period: "));
  EXPECT_THAT(Refusal([&](Request& r) {
                batch(r)->mutable_observations(0)->set_value(std::nan(""));
              }),
              HasSubstr("batches[0].observations[0].value: is nan"));
  EXPECT_THAT(Refusal([&](Request& r) {
                batch(r)->mutable_observations(0)->set_status(
                    static_cast<v1::ObservationStatus>(17));
              }),
              HasSubstr("batches[0].observations[0].status: must be FINAL"));
  EXPECT_THAT(Refusal([&](Request& r) {
                batch(r)->mutable_observations(0)->set_period("2225-01");
              }),
              HasSubstr("lies more than 50 years ahead"));
  EXPECT_EQ(
      Refusal([&](Request& r) { batch(r)->add_withdrawn_periods("2025-01"); }),
      "batches[0].withdrawn_periods[0]: \"2025-01\" occurs twice");
  EXPECT_EQ(Refusal([&](Request& r) { *r.add_batches() = *batch(r); }),
            "batches[1]: is of the same series as batches[0]; join them");
}

TEST_F(SeriesServiceTest, RefusesAnotherUnitThanTheSeriesHas) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}});
  EXPECT_EQ(Refusal([](v1::WriteObservationsRequest& r) {
              (*r.mutable_batches(0)->mutable_labels())["port"] = "A";
              r.mutable_batches(0)->set_unit("USD");
            }),
            "batches[0].unit: \"USD\" differs from \"tonne\", the unit of "
            "cargo_tonnes{port=\"A\"} so far");
}

}  // namespace
}  // namespace headway::service
