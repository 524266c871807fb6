// What is shown to whom, over a real channel. The fixture's source "ship-count"
// delivers `ships`; whoever is passed on by a proxy is no operator.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/service/shell/wire.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class SharingTest : public ServerTest {
 protected:
  // Has the numbers of the source kept from others.
  void Restrict() {
    RunToEnd("pipelines/harbour");
    Redefine("plugin: \"ships\" }",
             "plugin: \"ships\" sharing: SHARING_FORBIDDEN }");
  }

  // Makes a call as one from outside does, whom a proxy passes on.
  template <typename Stub, typename Request, typename Response>
  grpc::Status AskFromOutside(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                           const Request&,
                                                           Response*),
                              const Request& request, Response* response) {
    grpc::ClientContext context;
    context.AddMetadata("x-forwarded-for", "203.0.113.7");
    return (stub.*method)(&context, request, response);
  }

  grpc::Status QueryFromOutside(const std::string& expression) {
    v1::QueryRequest request;
    request.set_expression(expression);
    v1::QueryResponse response;
    return AskFromOutside(*series_, &v1::SeriesService::Stub::Query, request,
                          &response);
  }

  grpc::Status ReadFromOutside(const std::string& indicator) {
    v1::ReadIndicatorRequest request;
    request.set_name(indicator);
    v1::ReadIndicatorResponse response;
    return AskFromOutside(*indicators_,
                          &v1::IndicatorService::Stub::ReadIndicator, request,
                          &response);
  }

  v1::ExportSeriesResponse ExportFromOutside(std::string* text) {
    v1::ExportSeriesRequest request;
    request.set_format(v1::CSV);
    grpc::ClientContext context;
    context.AddMetadata("x-forwarded-for", "203.0.113.7");
    const auto stream = admin_->ExportSeries(&context, request);
    v1::ExportSeriesResponse part;
    while (stream->Read(&part)) *text += part.text();
    EXPECT_TRUE(stream->Finish().ok());
    return part;
  }
};

TEST_F(SharingTest, ARestrictedSeriesIsRefusedWithTheSourceAndTheRemedy) {
  Restrict();
  v1::ReadSeriesRequest request;
  request.set_name(SeriesName("ships"));
  v1::ReadSeriesResponse response;
  const grpc::Status status = AskFromOutside(
      *series_, &v1::SeriesService::Stub::ReadSeries, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(status.error_message(), AllOf(HasSubstr("source \"ship-count\""),
                                            HasSubstr("SHARING_ALLOWED")));
  EXPECT_EQ(ReasonOf(status), "RESTRICTED_SOURCE");
}

TEST_F(SharingTest, AnOperatorReadsWhatIsRestricted) {
  Restrict();
  v1::ReadSeriesRequest request;
  request.set_name(SeriesName("ships"));
  v1::ReadSeriesResponse response;
  EXPECT_TRUE(
      Ask(*series_, &v1::SeriesService::Stub::ReadSeries, request, &response)
          .ok());
}

TEST_F(SharingTest, AnOperatorsAnswerIsNotKeptForOthers) {
  Restrict();
  v1::QueryRequest request;
  request.set_expression("ships{}");
  v1::QueryResponse response;
  ASSERT_TRUE(
      Ask(*series_, &v1::SeriesService::Stub::Query, request, &response).ok());
  EXPECT_EQ(QueryFromOutside("ships{}").error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(SharingTest, AnExpressionOverRestrictedSeriesIsRefused) {
  Restrict();
  EXPECT_EQ(QueryFromOutside("ships / 2 + 1").error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(SharingTest, AnExpressionOverOtherSeriesIsAnswered) {
  Restrict();
  Write("cargo_tonnes", "A", {{"2025-01", 1}});
  EXPECT_TRUE(QueryFromOutside("cargo_tonnes").ok());
}

TEST_F(SharingTest, AnIndicatorThatComputesIsTheOperatorsOwn) {
  Restrict();
  EXPECT_TRUE(ReadFromOutside("indicators/ships_in_harbour").ok());
}

TEST_F(SharingTest, AnIndicatorThatShowsTheSeriesIsRefused) {
  Restrict();
  Redefine("expression: \"sum(ships)\"", "expression: \"ships\"");
  EXPECT_EQ(ReadFromOutside("indicators/ships_in_harbour").error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(SharingTest, AnExportLeavesOutAndCountsWhatIsRestricted) {
  Restrict();
  Write("cargo_tonnes", "A", {{"2025-01", 1}});
  std::string text;
  const v1::ExportSeriesResponse last = ExportFromOutside(&text);
  EXPECT_THAT(text, AllOf(HasSubstr("cargo_tonnes"), Not(HasSubstr("ships"))));
  EXPECT_EQ(last.left_out_series(), 1);
}

TEST(CallerTest, IsAnOperatorOverLoopbackOrAUnixSocket) {
  for (const char* peer :
       {"unix:", "unix:/run/headway.sock", "inproc", "ipv4:127.0.0.1:4711",
        "ipv6:%5B::1%5D:4711", "ipv6:[::1]:4711"}) {
    EXPECT_TRUE(ToCaller(peer, {}).is_operator) << peer;
  }
}

TEST(CallerTest, IsNoOperatorFromElsewhere) {
  for (const char* peer : {"ipv4:192.0.2.1:4711", "ipv4:12.7.0.1:4711",
                           "ipv6:%5B2001:db8::1%5D:4711", ""}) {
    EXPECT_FALSE(ToCaller(peer, {}).is_operator) << peer;
  }
}

TEST(CallerTest, IsNoOperatorThroughAProxyOrTheWebFromOutside) {
  for (const char* key : {"x-forwarded-for", "forwarded", kVisitorKey}) {
    EXPECT_FALSE(ToCaller("ipv4:127.0.0.1:4711", {{key, "x"}}).is_operator)
        << key;
  }
}

}  // namespace
}  // namespace headway::service
