// The server under load: abandoned calls, many watchers, long answers.
#include <chrono>
#include <future>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using ::testing::HasSubstr;
using Forecasts = v1::ForecastService::Stub;
using Indicators = v1::IndicatorService::Stub;
using Series = v1::SeriesService::Stub;

class LoadTest : public ServerTest {
 protected:
  // Monthly values of many series of one metric, in one commit.
  void WriteMany(const std::string& metric, int series, int months) {
    v1::WriteObservationsRequest request;
    request.set_source("test");
    for (int i = 0; i < series; ++i) {
      v1::WriteObservationsRequest::Batch& batch = *request.add_batches();
      batch.set_metric(metric);
      (*batch.mutable_labels())["port"] = absl::StrFormat("P%05d", i);
      batch.set_frequency(v1::MONTHLY);
      batch.set_unit("tonne");
      for (int month = 0; month < months; ++month) {
        v1::Observation& observation = *batch.add_observations();
        observation.set_period(
            absl::StrFormat("%d-%02d", 1960 + month / 12, month % 12 + 1));
        // Rough enough that models have something to search for.
        observation.set_value(100 + month % 12 + (month * 7919 + i) % 23);
      }
    }
    v1::WriteObservationsResponse response;
    const grpc::Status status =
        Ask(*series_, &Series::WriteObservations, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  // A forecast of all ports that takes minutes.
  std::future<grpc::Status> ComputeForecast(grpc::ClientContext& context) {
    return std::async(std::launch::async, [this, &context] {
      v1::ComputeForecastRequest request;
      request.set_indicator("indicators/cargo");
      request.set_method("auto_best");
      v1::ComputeForecastResponse response;
      return forecasts_->ComputeForecast(&context, request, &response);
    });
  }
};

bool IsUnderWay(const std::future<grpc::Status>& call) {
  return call.wait_for(std::chrono::seconds(0)) == std::future_status::timeout;
}

TEST_F(LoadTest, ForecastsUnderWayDoNotHoldUpReads) {
  StartServer(/*threads=*/1, /*max_queued=*/100);
  WriteMany("cargo_tonnes", 500, 400);
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::future<grpc::Status>> calls;
  for (int i = 0; i < 4; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    calls.push_back(ComputeForecast(*contexts.back()));
  }
  v1::ListIndicatorsResponse response;
  EXPECT_TRUE(
      Ask(*indicators_, &Indicators::ListIndicators, {}, &response).ok());
  for (const auto& call : calls) EXPECT_TRUE(IsUnderWay(call));
  for (const auto& context : contexts) context->TryCancel();
  for (auto& call : calls) {
    EXPECT_EQ(call.get().error_code(), grpc::StatusCode::CANCELLED);
  }
  // Returns when the handlers have returned too, long before they would have
  // come to their end.
  server_->Shutdown();
}

TEST_F(LoadTest, ADeadlineEndsTheWorkAndNotOnlyTheCall) {
  WriteMany("cargo_tonnes", 500, 400);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::milliseconds(300));
  EXPECT_EQ(ComputeForecast(context).get().error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  // The server records a call when its handler has returned.
  const auto is_recorded = [&] {
    return server_->metrics().latencies.count(
               "ForecastService/ComputeForecast") > 0;
  };
  EXPECT_TRUE(Eventually(is_recorded));
}

TEST_F(LoadTest, EveryWatcherOfManyIsTold) {
  constexpr int kWatchers = 600;
  StartServer(/*threads=*/1, /*max_queued=*/4);
  v1::WatchIndicatorsRequest request;
  request.add_names("indicators/wages");
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::WatchIndicatorsResponse>>>
      watches;
  v1::WatchIndicatorsResponse response;
  for (int i = 0; i < kWatchers; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    watches.push_back(
        indicators_->WatchIndicators(contexts.back().get(), request));
    ASSERT_TRUE(watches.back()->Read(&response)) << i;
  }
  Write("wage_usd", "A", {{"2025-01", 5}});
  for (const auto& watch : watches) {
    ASSERT_TRUE(watch->Read(&response)) << watch->Finish().error_message();
    ASSERT_EQ(response.series_size(), 1);
    EXPECT_EQ(response.series(0).observations(0).value(), 5);
  }
  for (const auto& context : contexts) context->TryCancel();
  for (const auto& watch : watches) watch->Finish();
}

TEST_F(LoadTest, PagesOfAReadAreOfOneStateWhateverIsWrittenMeanwhile) {
  WriteMany("cargo_tonnes", 5, 3);
  v1::ReadIndicatorRequest request;
  request.set_name("indicators/cargo");
  request.set_page_size(2);
  std::vector<double> values;
  std::set<std::string> ports;
  for (int page = 0; page < 3; ++page) {
    v1::ReadIndicatorResponse response;
    const grpc::Status status =
        Ask(*indicators_, &Indicators::ReadIndicator, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    for (const v1::LabelledSeries& series : response.series()) {
      ports.insert(series.labels().at("port"));
      values.push_back(series.observations(0).value());
    }
    request.set_page_token(response.next_page_token());
    clock_.Advance(absl::Hours(1));
    Write("cargo_tonnes", "P00004", {{"1960-01", -1.0 - page}});
  }
  EXPECT_EQ(request.page_token(), "");
  EXPECT_EQ(ports.size(), 5u);
  ASSERT_EQ(values.size(), 5u);
  EXPECT_EQ(values[4], 100 + 4);
}

TEST_F(LoadTest, ALongAnswerComesInPagesThatEveryClientAccepts) {
  WriteMany("cargo_tonnes", 1000, 300);
  v1::QueryRequest request;
  request.set_expression("cargo_tonnes");
  std::set<std::string> ports;
  int pages = 0;
  do {
    v1::QueryResponse response;
    const grpc::Status status =
        Ask(*series_, &Series::Query, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    for (const v1::LabelledSeries& series : response.series()) {
      ports.insert(series.labels().at("port"));
    }
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(ports.size(), 1000u);
  EXPECT_GT(pages, 1);
}

TEST_F(LoadTest, APageTokenOfAnotherRequestIsRefused) {
  WriteMany("cargo_tonnes", 3, 3);
  v1::QueryRequest request;
  request.set_expression("cargo_tonnes");
  request.set_page_size(1);
  v1::QueryResponse response;
  ASSERT_TRUE(Ask(*series_, &Series::Query, request, &response).ok());
  request.set_page_token(response.next_page_token());
  request.set_expression("2 * cargo_tonnes");
  EXPECT_THAT(ViolationOf(Ask(*series_, &Series::Query, request, &response)),
              HasSubstr("page_token: "));
}

TEST_F(LoadTest, AKeptAnswerGoesWithTheNextCommit) {
  Write("wage_usd", "A", {{"2025-01", 5}});
  EXPECT_EQ(GetIndicator("indicators/wages").summaries(0).last().value(), 5);
  EXPECT_EQ(GetIndicator("indicators/wages").summaries(0).last().value(), 5);
  Write("wage_usd", "A", {{"2025-01", 6}});
  EXPECT_EQ(GetIndicator("indicators/wages").summaries(0).last().value(), 6);
}

TEST_F(LoadTest, AListingSaysWhatTheNewestForecastExpectsInOneYear) {
  RunToEnd("pipelines/harbour");
  const v1::IndicatorSummary summary =
      GetIndicator("indicators/ships_in_harbour").summaries(0);
  // It reaches three months ahead only.
  EXPECT_EQ(summary.one_year_ahead().period(), "2025-03");
  EXPECT_EQ(summary.one_year_ahead().point(), 33);
  EXPECT_EQ(summary.one_year_ahead().quantiles_size(), 2);
}

}  // namespace
}  // namespace headway::service
