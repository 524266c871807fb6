#include "tools/headway/render/forecast_rows.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "daemon/base/number_text.h"
#include "daemon/messages/forecast.h"
#include "daemon/messages/series.h"
#include "tools/headway/render/format.h"

namespace headway::cli {

namespace {

// Of a text; the latest.
constexpr int kMostAnomalies = 5;

// " theta 0.62, plugin:walk 0.38".
std::string DescribeMembers(const v1::Forecast& forecast) {
  std::string text;
  for (const v1::ForecastMember& member : forecast.members()) {
    absl::StrAppend(
        &text, text.empty() ? " " : ", ", member.method(),
        absl::StrFormat(" %.2f", member.weight()),
        member.error().empty() ? "" : absl::StrCat(" (", member.error(), ")"));
  }
  return text;
}

std::string DescribeBacktest(const v1::BacktestScore& score) {
  if (score.origins() == 0) return "; too short for a backtest";
  return absl::StrFormat(
      "; backtest over %d origins: MASE %.2f, sMAPE %.1f %%, 80 %% interval "
      "covered %.0f %%",
      score.origins(), score.mase(), score.smape(), 100 * score.coverage80());
}

// What speaks for the forecast, or who.
void AppendRecord(const v1::Forecast& forecast, std::string* text) {
  if (forecast.has_adjustment()) {
    absl::StrAppend(text, "; changed by hand by ",
                    forecast.adjustment().author(), ": ",
                    forecast.adjustment().reason());
  } else if (!forecast.members().empty()) {
    absl::StrAppend(text, "; weights:", DescribeMembers(forecast), " over ",
                    forecast.members(0).origins(), " origins");
  } else if (!absl::StartsWith(forecast.method(), "plugin:")) {
    // The record of a plugin is that of its issues.
    absl::StrAppend(text, DescribeBacktest(forecast.backtest()));
  }
}

// What explains the values, where they break, and which do not belong.
void AppendFindings(const v1::Forecast& forecast, std::string* text) {
  for (const v1::RegressorEffect& effect : forecast.regressors()) {
    absl::StrAppend(text, "\nregressor: ", messages::DescribeEffect(effect));
  }
  for (const v1::ForecastBreak& one : forecast.breaks()) {
    absl::StrAppend(text, "\nbreak: ", messages::DescribeBreak(one));
  }
  const int count = forecast.anomalies_size();
  const int shown = std::min(count, kMostAnomalies);
  for (int i = count - shown; i < count; ++i) {
    absl::StrAppend(
        text, "\nanomaly: ", messages::DescribeAnomaly(forecast.anomalies(i)));
  }
  if (shown < count) {
    absl::StrAppend(text, "\nand ", count - shown,
                    " earlier anomalies; --format json has them");
  }
}

}  // namespace

Cell QuantileCell(const v1::ForecastStep& step, double probability,
                  const std::string& unit) {
  const std::optional<double> value = messages::QuantileAt(step, probability);
  return value ? ValueCell(*value, unit) : MissingCell();
}

Table ForecastTable(
    const google::protobuf::RepeatedPtrField<v1::Forecast>& forecasts) {
  const bool one = forecasts.size() == 1;
  Table table({{.name = "labels", .shrinkable = true, .csv_only = one},
               {.name = "period"},
               {.name = "point", .align = Align::kRight},
               {.name = "lo80", .align = Align::kRight},
               {.name = "hi80", .align = Align::kRight},
               {.name = "lo95", .align = Align::kRight},
               {.name = "hi95", .align = Align::kRight},
               {.name = "mean", .align = Align::kRight, .csv_only = true},
               {.name = "unit", .csv_only = true},
               {.name = "model", .csv_only = true},
               {.name = "issue_time", .csv_only = true}});
  for (const auto& forecast : forecasts) {
    const std::string& unit = forecast.unit();
    for (const auto& step : forecast.steps()) {
      table.AddRow(
          {Cell(messages::FormatLabelValues(forecast.labels()),
                LabelPairs(forecast.labels())),
           step.period(), ValueCell(step.point(), unit),
           QuantileCell(step, 0.1, unit), QuantileCell(step, 0.9, unit),
           QuantileCell(step, 0.025, unit), QuantileCell(step, 0.975, unit),
           ValueCell(step.mean(), unit), unit, forecast.model(),
           FormatExactInstant(forecast.issue_time())});
    }
  }
  return table;
}

v1::Forecast ThinnedOut(v1::Forecast forecast, int most) {
  const int count = forecast.steps_size();
  const int stride = (count + most - 1) / most;
  if (stride <= 1) return forecast;
  const auto steps = forecast.steps();
  forecast.clear_steps();
  for (int i = (count - 1) % stride; i < count; i += stride) {
    *forecast.add_steps() = steps[i];
  }
  return forecast;
}

std::string DescribeForecast(const v1::Forecast& forecast) {
  if (!forecast.error().empty()) {
    return absl::StrCat("no forecast: ", forecast.error());
  }
  std::string text = forecast.model();
  if (!forecast.method().empty() && forecast.method() != forecast.model()) {
    absl::StrAppend(&text, " by method ", forecast.method());
  }
  const std::string issued = FormatMinute(forecast.issue_time());
  absl::StrAppend(&text, forecast.name().empty()
                             ? "; computed now and not kept"
                             : absl::StrCat("; issued ", issued));
  AppendRecord(forecast, &text);
  const std::string record = messages::DescribeBadRecord(forecast.backtest());
  if (!record.empty()) absl::StrAppend(&text, "\nwarning: ", record);
  if (!forecast.vintage_kinds().empty()) {
    absl::StrAppend(&text, "\nvintages: ",
                    messages::DescribeVintageKinds(forecast.vintage_kinds()));
  }
  AppendFindings(forecast, &text);
  for (const std::string& note : forecast.notes()) {
    absl::StrAppend(&text, "\nnote: ", note);
  }
  return text;
}

std::string DescribeTrackRecord(const v1::TrackRecord& record) {
  if (record.outcomes() == 0) return "none yet";
  // A difference, so that of percentages is in points; it has no sign.
  const std::string error =
      FormatChange(record.mean_absolute_error(), record.unit());
  std::string text = absl::StrCat(
      FormatCount(record.outcomes()),
      record.outcomes() == 1 ? " outcome of " : " outcomes of ",
      FormatCount(record.issues()), record.issues() == 1 ? " issue" : " issues",
      ": MAE ", absl::StripPrefix(error, "+"));
  if (record.has_mean_scaled_error()) {
    absl::StrAppend(
        &text, absl::StrFormat(", scaled %.2f", record.mean_scaled_error()));
  }
  if (record.has_coverage80()) {
    absl::StrAppend(&text, absl::StrFormat(", 80 %% interval held %.0f %%",
                                           100 * record.coverage80()));
  }
  return text;
}

}  // namespace headway::cli
