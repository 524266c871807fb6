// What the pages are made of: numbers, charts, metrics. All pure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/web/chart.h"
#include "daemon/web/html.h"
#include "daemon/web/metrics.h"
#include "daemon/web/pages.h"

namespace headway::web {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(EscapeTest, LeavesNothingThatHtmlReads) {
  EXPECT_EQ(Escape("<b a=\"x\" c='y'>&"),
            "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;");
}

TEST(TicksTest, AreRoundAndCoverTheRange) {
  EXPECT_THAT(Ticks(0, 10, 5), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(Ticks(-3, 3, 3), ElementsAre(-4, -2, 0, 2, 4));
  EXPECT_THAT(Ticks(0.1, 0.1, 4), Each(::testing::Gt(0.0)));
}

TEST(SparklineTest, BreaksTheLineWherePeriodsAreMissing) {
  const std::string svg = Sparkline({{0, 1}, {1, 2}, {5, 3}, {6, 2}}, "A < B");
  // Two parts, each begun by a move.
  EXPECT_THAT(svg, ::testing::ContainsRegex("d=\"M[^M]*M[^M]*\""));
  EXPECT_THAT(svg, HasSubstr("<title>A &lt; B</title>"));
}

TEST(SparklineTest, IsEmptyForLessThanALine) {
  EXPECT_EQ(Sparkline({}, "t"), "");
  EXPECT_EQ(Sparkline({{0, 1}}, "t"), "");
}

TEST(FanChartTest, DrawsABandForEachInterval) {
  Chart chart;
  chart.history = {{600, 1}, {601, 2}};
  chart.forecast = {{602, 3, {{1, 5}, {2, 4}}}, {603, 3, {{0, 6}, {1, 5}}}};
  const std::string svg = FanChart(chart);
  size_t bands = 0;
  for (size_t at = svg.find("class=\"band\""); at != std::string::npos;
       at = svg.find("class=\"band\"", at + 1)) {
    ++bands;
  }
  EXPECT_EQ(bands, 2u);
  EXPECT_THAT(svg, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("inf"))));
}

TEST(FanChartTest, HasAScaleForConstantAndSingleValues) {
  for (const std::vector<ChartPoint>& history :
       {std::vector<ChartPoint>{{600, 5}},
        std::vector<ChartPoint>{{600, 0}, {601, 0}, {602, 0}},
        std::vector<ChartPoint>{{600, 1e25}, {601, 1e25}}}) {
    Chart chart;
    chart.history = history;
    EXPECT_THAT(FanChart(chart),
                AllOf(HasSubstr("<path"), Not(HasSubstr("nan")),
                      Not(HasSubstr("inf"))));
  }
}

TEST(PagesTest, EscapeWhateverComesFromData) {
  IndicatorView view;
  view.indicator.set_name("indicators/x");
  view.indicator.set_title("<script>alert(1)</script>");
  view.indicator.set_meaning("<i>");
  view.indicator.set_expression("a < \"b\"");
  v1::LabelledSeries series;
  series.set_frequency(v1::MONTHLY);
  (*series.mutable_labels())["port"] = "<img src=x>";
  series.add_observations()->set_period("2025-01");
  series.add_observations()->set_period("2025-02");
  view.series.push_back(series);
  DashboardView dashboard;
  dashboard.indicators.push_back(view);
  for (const std::string& page :
       {IndicatorPage(view, "\"><script>"), DashboardPage(dashboard)}) {
    EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<img")),
                            Not(HasSubstr("<i>"))));
  }
}

// A value of March 2025, partial, seen on 11 April.
IndicatorView ViewOfAPartialValue() {
  IndicatorView view;
  view.indicator.set_name("indicators/x");
  view.indicator.set_title("X");
  view.indicator.add_vintage_kinds(v1::OBSERVED);
  view.indicator.mutable_as_of()->set_seconds(
      absl::ToUnixSeconds(absl::FromCivil(
          absl::CivilSecond(2025, 4, 11, 9, 0, 0), absl::UTCTimeZone())));
  v1::LabelledSeries series;
  series.set_frequency(v1::MONTHLY);
  series.add_observations()->set_period("2025-02");
  series.add_observations()->set_period("2025-03");
  series.mutable_observations(1)->set_status(v1::PARTIAL);
  view.series.push_back(series);
  return view;
}

TEST(PagesTest, ShowStatusAgeAndVintagesBesideTheLastValue) {
  const std::string standing =
      "2025-03 partial · 10 days old · vintages observed";
  DashboardView dashboard;
  dashboard.indicators.push_back(ViewOfAPartialValue());
  EXPECT_THAT(DashboardPage(dashboard), HasSubstr(standing));
  EXPECT_THAT(IndicatorPage(ViewOfAPartialValue(), ""), HasSubstr(standing));
}

TEST(PagesTest, ShowNoAgeWhereTheInstantIsNotKnown) {
  DashboardView dashboard;
  dashboard.indicators.push_back(ViewOfAPartialValue());
  dashboard.indicators[0].indicator.clear_as_of();
  EXPECT_THAT(DashboardPage(dashboard),
              HasSubstr("2025-03 partial · vintages observed"));
}

TEST(PagesTest, ShowTheMembersThatMustBeThere) {
  IndicatorView view = ViewOfAPartialValue();
  v1::Members* members = view.indicator.add_members();
  members->set_label("partner");
  members->add_values("CHN");
  members->add_values("JPN");
  EXPECT_THAT(IndicatorPage(view, ""),
              HasSubstr("<dt>Members</dt><dd>partner CHN, JPN</dd>"));
}

TEST(PagesTest, ShowWhyAnIndicatorHasNoValues) {
  DashboardView dashboard;
  dashboard.indicators.emplace_back();
  dashboard.indicators[0].error = "column 5: unknown function";
  EXPECT_THAT(DashboardPage(dashboard),
              HasSubstr("column 5: unknown function"));
}

TEST(MetricsTest, FollowThePrometheusTextFormat) {
  MetricsInput input;
  input.store.set_commits(7);
  input.store.set_series(3);
  input.store.set_table_bytes(1000);
  input.store.set_log_bytes(20);
  input.store.set_free_disk_bytes(4000);
  input.store.mutable_last_backup()->mutable_create_time()->set_seconds(
      1790000001);
  input.calls.calls[{"A/B", absl::StatusCode::kOk}] = 3;
  service::CallMetrics::Latency latency;
  latency.counts[1] = 2;
  latency.counts.back() = 1;
  latency.sum_seconds = 0.25;
  input.calls.latencies["A/B"] = latency;
  input.requests[{"/v1/query", 200}] = 5;
  input.http.refusals[405] = 2;
  input.http.open_connections = 1;
  input.http.accepted_connections = 9;
  input.http.evicted_connections = 3;
  input.http.refused_connections = 4;
  input.http.timeouts = 6;
  v1::Pipeline pipeline;
  pipeline.set_name("pipelines/a\"b");
  pipeline.mutable_last_run()->set_state(v1::Run::SUCCEEDED);
  pipeline.mutable_last_run()->mutable_end_time()->set_seconds(1790000000);
  input.pipelines.push_back(pipeline);
  EXPECT_EQ(
      FormatMetrics(input),
      R"text(# HELP headway_grpc_calls_total Calls that ended, by method and status code.
# TYPE headway_grpc_calls_total counter
headway_grpc_calls_total{method="A/B",code="OK"} 3
# HELP headway_grpc_open_watches Open watch streams.
# TYPE headway_grpc_open_watches gauge
headway_grpc_open_watches 0
# HELP headway_grpc_call_seconds Time from the arrival of a call to its end, the wait in the queue included.
# TYPE headway_grpc_call_seconds histogram
headway_grpc_call_seconds_bucket{method="A/B",le="0.001"} 0
headway_grpc_call_seconds_bucket{method="A/B",le="0.005"} 2
headway_grpc_call_seconds_bucket{method="A/B",le="0.025"} 2
headway_grpc_call_seconds_bucket{method="A/B",le="0.1"} 2
headway_grpc_call_seconds_bucket{method="A/B",le="0.25"} 2
headway_grpc_call_seconds_bucket{method="A/B",le="1"} 2
headway_grpc_call_seconds_bucket{method="A/B",le="2.5"} 2
headway_grpc_call_seconds_bucket{method="A/B",le="10"} 2
headway_grpc_call_seconds_bucket{method="A/B",le="60"} 2
headway_grpc_call_seconds_bucket{method="A/B",le="+Inf"} 3
headway_grpc_call_seconds_sum{method="A/B"} 0.25
headway_grpc_call_seconds_count{method="A/B"} 3
# HELP headway_http_requests_total HTTP requests that were answered, by route and status.
# TYPE headway_http_requests_total counter
headway_http_requests_total{route="/v1/query",code="200"} 5
# HELP headway_http_refusals_total HTTP requests that were refused before a route saw them, by status.
# TYPE headway_http_refusals_total counter
headway_http_refusals_total{code="405"} 2
# HELP headway_http_open_connections Open HTTP connections.
# TYPE headway_http_open_connections gauge
headway_http_open_connections 1
# HELP headway_http_connections_total HTTP connections that were accepted.
# TYPE headway_http_connections_total counter
headway_http_connections_total 9
# HELP headway_http_evicted_connections_total HTTP connections that were closed to make room for newer ones.
# TYPE headway_http_evicted_connections_total counter
headway_http_evicted_connections_total 3
# HELP headway_http_refused_connections_total HTTP connections that were closed because there was no room.
# TYPE headway_http_refused_connections_total counter
headway_http_refused_connections_total 4
# HELP headway_http_timeouts_total HTTP connections that were closed because the client took too long.
# TYPE headway_http_timeouts_total counter
headway_http_timeouts_total 6
# HELP headway_store_commits_total Commits since the store was made.
# TYPE headway_store_commits_total counter
headway_store_commits_total 7
# HELP headway_store_series Series in the store.
# TYPE headway_store_series gauge
headway_store_series 3
# HELP headway_store_bytes What the store takes up on disk, by what it is.
# TYPE headway_store_bytes gauge
headway_store_bytes{kind="tables"} 1000
headway_store_bytes{kind="log"} 20
headway_store_bytes{kind="kept_log"} 0
# HELP headway_store_free_disk_bytes Free on the file system of the store.
# TYPE headway_store_free_disk_bytes gauge
headway_store_free_disk_bytes 4000
# HELP headway_store_last_backup_timestamp_seconds When the newest backup was made.
# TYPE headway_store_last_backup_timestamp_seconds gauge
headway_store_last_backup_timestamp_seconds 1790000001
# HELP headway_pipeline_paused 1 if the pipeline does not fire.
# TYPE headway_pipeline_paused gauge
headway_pipeline_paused{pipeline="a\"b"} 0
# HELP headway_pipeline_errors Errors in the pipeline's definition.
# TYPE headway_pipeline_errors gauge
headway_pipeline_errors{pipeline="a\"b"} 0
# HELP headway_pipeline_last_run_end_timestamp_seconds When the newest run ended.
# TYPE headway_pipeline_last_run_end_timestamp_seconds gauge
headway_pipeline_last_run_end_timestamp_seconds{pipeline="a\"b"} 1790000000
# HELP headway_pipeline_last_run_succeeded 1 if the newest run succeeded, 0 if it ended otherwise.
# TYPE headway_pipeline_last_run_succeeded gauge
headway_pipeline_last_run_succeeded{pipeline="a\"b"} 1
)text");
}

}  // namespace
}  // namespace headway::web
