#include "daemon/web/pages.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "daemon/base/number_text.h"
#include "daemon/messages/forecast.h"
#include "daemon/messages/run.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/series/period.h"
#include "daemon/web/chart.h"
#include "daemon/web/html.h"

namespace headway::web {
namespace {

using messages::LabelMap;

constexpr int kRecentRows = 12;

std::string Page(absl::string_view title, absl::string_view as_of,
                 absl::string_view content) {
  return absl::StrCat(
      "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\"><title>",
      Escape(title),
      "</title><link rel=\"icon\" href=\"/icon.svg\">"
      "<link rel=\"stylesheet\" href=\"/style.css\"></head><body><header>"
      "<a class=\"home\" href=\"/\">Headway</a>"
      "<span class=\"tag\">the evidence on AI export controls, kept "
      "current</span><form method=\"get\"><label for=\"as_of\">As known on"
      "</label><input id=\"as_of\" name=\"as_of\" type=\"date\" value=\"",
      Escape(as_of), "\"><button>Show</button></form></header><main>", content,
      "</main><footer>The same as JSON: <a href=\"/v1/indicators\">"
      "/v1/indicators</a> · <a href=\"/v1/pipelines\">/v1/pipelines</a> · "
      "<a href=\"/metrics\">/metrics</a></footer></body></html>");
}

std::string ShortTime(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", messages::FromTimestamp(time),
                          absl::UTCTimeZone());
}

// What stands after a value: "%" for percent, nothing for pure numbers.
std::string UnitSuffix(absl::string_view unit) {
  if (unit == "percent") return "%";
  if (unit == "1") return "";
  return std::string(unit);
}

std::string Quantity(double value, absl::string_view unit) {
  const std::string suffix = UnitSuffix(unit);
  return absl::StrCat(FormatNumber(value), suffix.empty() ? "" : " ", suffix);
}

std::string Link(const v1::Indicator& indicator, absl::string_view as_of) {
  const std::string query = as_of.empty() ? "" : absl::StrCat("?as_of=", as_of);
  return Escape(absl::StrCat("/", indicator.name(), query));
}

std::vector<ChartPoint> ToPoints(const v1::LabelledSeries& series) {
  std::vector<ChartPoint> points;
  for (const v1::Observation& observation : series.observations()) {
    auto period = series::ParsePeriod(observation.period());
    if (period.ok()) points.push_back({period->ordinal, observation.value()});
  }
  return points;
}

bool SameLabels(const LabelMap& a, const LabelMap& b) {
  return a.size() == b.size() &&
         std::all_of(a.begin(), a.end(), [&](const auto& label) {
           const auto found = b.find(label.first);
           return found != b.end() && found->second == label.second;
         });
}

// The issued forecast of a series, if there is one; it may say why it has no
// steps.
const v1::Forecast* FindForecast(const IndicatorView& view,
                                 const LabelMap& labels) {
  for (const v1::Forecast& forecast : view.forecasts) {
    if (SameLabels(forecast.labels(), labels)) return &forecast;
  }
  return nullptr;
}

// The central interval that holds `share` of the probability, if the forecast
// has the two quantiles.
std::optional<std::pair<double, double>> Interval(const v1::ForecastStep& step,
                                                  double share) {
  const auto lower = messages::QuantileAt(step, (1 - share) / 2);
  const auto upper = messages::QuantileAt(step, (1 + share) / 2);
  if (!lower.has_value() || !upper.has_value()) return std::nullopt;
  return std::make_pair(*lower, *upper);
}

std::string IntervalText(const v1::ForecastStep& step) {
  const auto interval = Interval(step, 0.8);
  if (!interval.has_value()) return "";
  return absl::StrCat(FormatNumber(interval->first), " to ",
                      FormatNumber(interval->second));
}

std::string ForecastCell(const v1::Forecast* forecast) {
  if (forecast == nullptr) return "<td class=\"n soft\">none</td>";
  if (forecast->steps().empty()) {
    return absl::StrCat("<td class=\"n bad\">", Escape(forecast->error()),
                        "</td>");
  }
  const bool is_bad =
      !messages::DescribeBadRecord(forecast->backtest()).empty();
  const v1::ForecastStep& step = forecast->steps(forecast->steps_size() - 1);
  return absl::StrCat("<td class=\"n\">", Escape(FormatNumber(step.point())),
                      "<div class=\"soft\">", Escape(IntervalText(step)),
                      " · for ", Escape(step.period()),
                      is_bad ? " · <span class=\"bad\">bad record</span>" : "",
                      "</div></td>");
}

std::string ChangeCell(const v1::LabelledSeries& series) {
  const std::vector<ChartPoint> points = ToPoints(series);
  const size_t n = points.size();
  if (n < 2 || points[n - 1].ordinal - points[n - 2].ordinal != 1) {
    return "<td class=\"n soft\">none</td>";
  }
  const double change = points[n - 1].value - points[n - 2].value;
  return absl::StrCat("<td class=\"n\">", FormatSigned(change), "</td>");
}

std::string TableHead() {
  return "<thead><tr><th scope=\"col\">Indicator</th>"
         "<th scope=\"col\" class=\"n\">Last value</th>"
         "<th scope=\"col\" class=\"n\">Change</th>"
         "<th scope=\"col\">History</th>"
         "<th scope=\"col\" class=\"n\">Forecast, 80 % interval</th>"
         "</tr></thead>";
}

// `2026-03 partial · 245 days old · vintages observed`
std::string Standing(const v1::Indicator& indicator,
                     const v1::Observation& last) {
  std::vector<std::string> parts = {last.period()};
  const std::string status = messages::StatusText(last.status());
  if (!status.empty()) absl::StrAppend(&parts.back(), " ", status);
  const auto age =
      messages::AgeInDays(last, messages::FromTimestamp(indicator.as_of()));
  if (indicator.has_as_of() && age.has_value()) {
    parts.push_back(absl::StrCat(*age, *age == 1 ? " day" : " days", " old"));
  }
  const std::string vintages =
      messages::NameVintageKinds(indicator.vintage_kinds());
  if (!vintages.empty()) parts.push_back(absl::StrCat("vintages ", vintages));
  return absl::StrJoin(parts, " · ");
}

std::string SeriesRow(const IndicatorView& view,
                      const v1::LabelledSeries& series,
                      absl::string_view as_of) {
  const v1::Indicator& indicator = view.indicator;
  const v1::Observation& last =
      series.observations(series.observations_size() - 1);
  const std::string labels = messages::FormatLabelValues(series.labels());
  return absl::StrCat(
      "<tr><th scope=\"row\"><a href=\"", Link(indicator, as_of), "\">",
      Escape(indicator.title()), "</a><span class=\"soft\">", Escape(labels),
      "</span></th><td class=\"n\">",
      Escape(Quantity(last.value(), indicator.unit())), "<div class=\"soft\">",
      Escape(Standing(indicator, last)), "</div></td>", ChangeCell(series),
      "<td>",
      Sparkline(ToPoints(series),
                absl::StrCat("History of ", indicator.title(), " ", labels)),
      "</td>", ForecastCell(FindForecast(view, series.labels())), "</tr>");
}

// All of them, also those that were not fetched.
int64_t SeriesCount(const IndicatorView& view) {
  return std::max<int64_t>(view.indicator.series_count(), view.series.size());
}

std::string IndicatorRows(const IndicatorView& view, absl::string_view as_of) {
  const v1::Indicator& indicator = view.indicator;
  std::string rows;
  int shown = 0;
  for (const v1::LabelledSeries& series : view.series) {
    if (series.observations().empty()) continue;
    absl::StrAppend(&rows, SeriesRow(view, series, as_of));
    if (++shown == kMostRows) break;
  }
  const int64_t left = SeriesCount(view) - shown;
  if (shown > 0 && left > 0) {
    absl::StrAppend(&rows, "<tr><td colspan=\"5\"><a href=\"",
                    Link(indicator, as_of), "\">", left, " more series of ",
                    Escape(indicator.title()), "</a></td></tr>");
  }
  if (shown > 0) return rows;
  return absl::StrCat(
      "<tr><th scope=\"row\"><a href=\"", Link(indicator, as_of), "\">",
      Escape(indicator.title()), "</a></th><td colspan=\"4\" class=\"soft\">",
      Escape(view.error.empty() ? "no data yet" : view.error), "</td></tr>");
}

std::string PipelineRow(const v1::Pipeline& pipeline) {
  std::string last = "never ran";
  if (pipeline.has_last_run()) {
    const v1::Run& run = pipeline.last_run();
    last = absl::StrCat(
        messages::FormatRunState(run.state()), ", ",
        ShortTime(run.has_end_time() ? run.end_time() : run.create_time()));
  }
  std::string next = "on request and on change";
  if (pipeline.paused()) {
    next = "paused";
  } else if (!pipeline.next_fire_times().empty()) {
    next = ShortTime(pipeline.next_fire_times(0));
  }
  const bool failed = pipeline.last_run().state() == v1::Run::FAILED;
  std::string row =
      absl::StrCat("<tr><th scope=\"row\">", Escape(pipeline.title()),
                   "<span class=\"soft\">",
                   Escape(absl::StripPrefix(pipeline.name(), "pipelines/")),
                   "</span></th><td", failed ? " class=\"bad\"" : "", ">",
                   Escape(last), "</td><td>", Escape(next), "</td></tr>");
  for (const std::string& error : pipeline.errors()) {
    absl::StrAppend(&row, "<tr><td colspan=\"3\" class=\"bad\">", Escape(error),
                    "</td></tr>");
  }
  return row;
}

std::string PipelineTable(const std::vector<v1::Pipeline>& pipelines) {
  if (pipelines.empty()) return "";
  std::string html =
      "<h2>Pipelines</h2><div class=\"scroll\"><table><thead><tr>"
      "<th scope=\"col\">Pipeline</th><th scope=\"col\">Last run</th>"
      "<th scope=\"col\">Next run</th></tr></thead><tbody>";
  for (const v1::Pipeline& pipeline : pipelines) {
    absl::StrAppend(&html, PipelineRow(pipeline));
  }
  return absl::StrCat(html, "</tbody></table></div>");
}

// A chart with the bands of 95, 80 and 50 percent.
Chart ToChart(const IndicatorView& view, const v1::LabelledSeries& series,
              const v1::Forecast* forecast) {
  Chart chart;
  const std::string labels = messages::FormatLabelValues(series.labels());
  chart.title =
      absl::StrCat(view.indicator.title(), labels.empty() ? "" : ", ", labels,
                   forecast == nullptr ? "" : ", with its forecast");
  chart.frequency = messages::ToFrequency("frequency", series.frequency())
                        .value_or(series::Frequency::kMonthly);
  chart.history = ToPoints(series);
  if (forecast == nullptr) return chart;
  for (const v1::ForecastStep& step : forecast->steps()) {
    auto period = series::ParsePeriod(step.period());
    if (!period.ok()) continue;
    ForecastPoint point = {.ordinal = period->ordinal, .point = step.point()};
    for (double share : {0.95, 0.8, 0.5}) {
      const auto interval = Interval(step, share);
      if (interval.has_value()) point.intervals.push_back(*interval);
    }
    chart.forecast.push_back(std::move(point));
  }
  return chart;
}

std::string HistoryTable(const v1::LabelledSeries& series,
                         absl::string_view unit) {
  std::string html = absl::StrCat(
      "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Period</th>"
      "<th scope=\"col\" class=\"n\">Value",
      unit == "1" ? "" : absl::StrCat(", ", Escape(unit)),
      "</th></tr></thead><tbody>");
  const int n = series.observations_size();
  for (int i = n - 1; i >= std::max(0, n - kRecentRows); --i) {
    const v1::Observation& observation = series.observations(i);
    absl::StrAppend(&html, "<tr><td>", Escape(observation.period()), " ",
                    Escape(messages::StatusText(observation.status())),
                    "</td><td class=\"n\">",
                    Escape(FormatNumber(observation.value())), "</td></tr>");
  }
  return absl::StrCat(html, "</tbody></table></div>");
}

// What a reader of a forecast should know, a line for each.
std::vector<std::string> FindingsOf(const v1::Forecast& forecast) {
  std::vector<std::string> lines;
  for (const v1::RegressorEffect& effect : forecast.regressors()) {
    lines.push_back(
        absl::StrCat("explained by ", messages::DescribeEffect(effect)));
  }
  for (const v1::ForecastBreak& one : forecast.breaks()) {
    lines.push_back(messages::DescribeBreak(one));
  }
  for (const v1::Anomaly& anomaly : forecast.anomalies()) {
    lines.push_back(messages::DescribeAnomaly(anomaly));
  }
  lines.insert(lines.end(), forecast.notes().begin(), forecast.notes().end());
  return lines;
}

std::string ForecastTable(const v1::Forecast& forecast) {
  if (forecast.steps().empty()) {
    return absl::StrCat("<h3>Forecast</h3><p class=\"bad\">None: ",
                        Escape(forecast.error()), "</p>");
  }
  std::string html = absl::StrCat("<h3>Forecast</h3><p class=\"soft\">",
                                  Escape(forecast.model()), ", issued ",
                                  Escape(ShortTime(forecast.issue_time())));
  for (int i = 0; i < forecast.members_size(); ++i) {
    const v1::ForecastMember& member = forecast.members(i);
    absl::StrAppend(&html, i == 0 ? "; weights: " : ", ",
                    Escape(member.method()),
                    absl::StrFormat(" %.2f", member.weight()));
  }
  if (forecast.has_adjustment()) {
    absl::StrAppend(&html, "; changed by hand by ",
                    Escape(forecast.adjustment().author()), ": ",
                    Escape(forecast.adjustment().reason()));
  }
  if (forecast.has_backtest()) {
    absl::StrAppend(
        &html, absl::StrFormat(
                   "; on %d earlier origins: mean absolute scaled error "
                   "%.2f, %.0f %% of actuals within the 80 %% interval",
                   forecast.backtest().origins(), forecast.backtest().mase(),
                   100 * forecast.backtest().coverage80()));
  }
  absl::StrAppend(&html, "</p>");
  const std::string record = messages::DescribeBadRecord(forecast.backtest());
  if (!record.empty()) {
    absl::StrAppend(&html, "<p class=\"bad\">", Escape(record), "</p>");
  }
  for (const std::string& line : FindingsOf(forecast)) {
    absl::StrAppend(&html, "<p class=\"soft\">", Escape(line), "</p>");
  }
  absl::StrAppend(&html,
                  "<div class=\"scroll\"><table><thead><tr>"
                  "<th scope=\"col\">Period</th>"
                  "<th scope=\"col\" class=\"n\">Forecast</th>"
                  "<th scope=\"col\" class=\"n\">80 % interval</th>"
                  "</tr></thead><tbody>");
  for (const v1::ForecastStep& step : forecast.steps()) {
    absl::StrAppend(&html, "<tr><td>", Escape(step.period()),
                    "</td><td class=\"n\">", Escape(FormatNumber(step.point())),
                    "</td><td class=\"n\">", Escape(IntervalText(step)),
                    "</td></tr>");
  }
  return absl::StrCat(html, "</tbody></table></div>");
}

std::string SeriesCard(const IndicatorView& view,
                       const v1::LabelledSeries& series) {
  const v1::Forecast* forecast = FindForecast(view, series.labels());
  const std::string labels = messages::FormatLabelValues(series.labels());
  std::string html = "<section class=\"card\">";
  if (!labels.empty()) absl::StrAppend(&html, "<h3>", Escape(labels), "</h3>");
  absl::StrAppend(&html, FanChart(ToChart(view, series, forecast)));
  if (forecast != nullptr) absl::StrAppend(&html, ForecastTable(*forecast));
  absl::StrAppend(&html, "<h3>Last values</h3>");
  if (!series.observations().empty()) {
    absl::StrAppend(
        &html, "<p class=\"soft\">",
        Escape(Standing(view.indicator, *series.observations().rbegin())),
        "</p>");
  }
  return absl::StrCat(html, HistoryTable(series, view.indicator.unit()),
                      "</section>");
}

std::string Notes(const v1::Indicator& indicator) {
  std::string html;
  for (const std::string& note : indicator.notes()) {
    absl::StrAppend(&html, "<dt>Note</dt><dd>", Escape(note), "</dd>");
  }
  return html;
}

// `partner CHN, JPN`, for each label.
std::string MembersText(const v1::Indicator& indicator) {
  std::vector<std::string> sets;
  for (const v1::Members& members : indicator.members()) {
    sets.push_back(absl::StrCat(members.label(), " ",
                                absl::StrJoin(members.values(), ", ")));
  }
  return absl::StrJoin(sets, "; ");
}

std::string Facts(const v1::Indicator& indicator, absl::string_view as_of) {
  return absl::StrCat(
      "<dl><dt>Name</dt><dd><code>", Escape(indicator.name()),
      "</code></dd><dt>Unit</dt><dd>", Escape(indicator.unit()),
      "</dd><dt>Pipeline</dt><dd>",
      Escape(absl::StripPrefix(indicator.pipeline(), "pipelines/")),
      indicator.vintage_kinds().empty()
          ? ""
          : absl::StrCat("</dd><dt>Vintages</dt><dd>",
                         Escape(messages::DescribeVintageKinds(
                             indicator.vintage_kinds()))),
      "</dd><dt>Expression</dt><dd><code>", Escape(indicator.expression()),
      "</code>",
      indicator.members().empty()
          ? ""
          : absl::StrCat("</dd><dt>Members</dt><dd>",
                         Escape(MembersText(indicator))),
      "</dd><dt>Definition</dt><dd>version ", indicator.definition_version(),
      ", since ", Escape(ShortTime(indicator.definition_time())),
      "</dd><dt>Citation</dt><dd><a href=\"/cite?indicator=",
      Escape(indicator.name()),
      as_of.empty() ? "" : absl::StrCat("&amp;as_of=", Escape(as_of)),
      "\">a permanent reference to these values</a></dd>", Notes(indicator),
      "</dl>");
}

}  // namespace

std::string DashboardPage(const DashboardView& view) {
  std::string html = "<h1>Indicators</h1>";
  const std::string* topic = nullptr;
  for (const IndicatorView& indicator : view.indicators) {
    const std::string& next = indicator.indicator.topic();
    if (topic == nullptr || *topic != next) {
      if (topic != nullptr) absl::StrAppend(&html, "</tbody></table></div>");
      absl::StrAppend(&html, "<h2>", Escape(next.empty() ? "other" : next),
                      "</h2><div class=\"scroll\"><table class=\"wide\">",
                      TableHead(), "<tbody>");
      topic = &next;
    }
    absl::StrAppend(&html, IndicatorRows(indicator, view.as_of));
  }
  if (topic != nullptr) {
    absl::StrAppend(&html, "</tbody></table></div>");
  } else {
    absl::StrAppend(&html,
                    "<p class=\"soft\">No pipeline defines an indicator yet."
                    "</p>");
  }
  absl::StrAppend(&html, PipelineTable(view.pipelines));
  return Page("Headway", view.as_of, html);
}

std::string IndicatorPage(const IndicatorView& view, absl::string_view as_of) {
  const v1::Indicator& indicator = view.indicator;
  std::string html = absl::StrCat("<h1>", Escape(indicator.title()), "</h1><p>",
                                  Escape(indicator.meaning()), "</p>",
                                  Facts(indicator, as_of));
  if (!view.error.empty()) {
    absl::StrAppend(&html, "<p class=\"bad\">", Escape(view.error), "</p>");
  } else if (view.series.empty()) {
    absl::StrAppend(&html, "<p class=\"soft\">No data yet.</p>");
  }
  int shown = 0;
  for (const v1::LabelledSeries& series : view.series) {
    absl::StrAppend(&html, SeriesCard(view, series));
    if (++shown == kMostCharts) break;
  }
  const int64_t count = SeriesCount(view);
  if (count > shown) {
    absl::StrAppend(&html, "<p><a href=\"/v1/", Escape(indicator.name()),
                    ":read\">All ", count, " series, as JSON</a></p>");
  }
  return Page(absl::StrCat(indicator.title(), " · Headway"), as_of, html);
}

std::string CitationPage(const v1::ReadCitationResponse& cited) {
  const v1::Citation& citation = cited.citation();
  const std::string& title =
      cited.title().empty() ? citation.expression() : cited.title();
  std::string html = absl::StrCat(
      "<h1>", Escape(title), "</h1><p>", Escape(cited.meaning()),
      "</p><p>This is what was known at ", Escape(ShortTime(citation.as_of())),
      ", recorded by commit ", citation.commit(),
      ". The reference gives the same values whenever it is asked of this "
      "store.</p><form action=\"/cite\"><label for=\"reference\">Reference"
      "</label> <input id=\"reference\" name=\"reference\" value=\"",
      Escape(citation.reference()), "\"><button>Show</button></form>");
  for (const v1::LabelledSeries& series : cited.series()) {
    const std::string labels = messages::FormatLabelValues(series.labels());
    absl::StrAppend(&html, "<section class=\"card\"><h3>",
                    Escape(labels.empty() ? "Last values" : labels), "</h3>",
                    HistoryTable(series, cited.unit()), "</section>");
  }
  if (!cited.next_page_token().empty()) {
    absl::StrAppend(&html, "<p class=\"soft\">The first ", cited.series_size(),
                    " series; headway cite REFERENCE has them all.</p>");
  }
  return Page(absl::StrCat(title, " · Headway"), "", html);
}

std::string ErrorPage(absl::string_view heading, absl::string_view message) {
  return Page(absl::StrCat(heading, " · Headway"), "",
              absl::StrCat("<h1>", Escape(heading), "</h1><p>", Escape(message),
                           "</p><p><a href=\"/\">All indicators</a></p>"));
}

}  // namespace headway::web
