#include "tools/headway/commands/backtest/indicator_backtest.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/series/observations.h"
#include "daemon/series/period.h"
#include "daemon/series/step_axis.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

// A series of the indicator, as it is known now.
struct Actuals {
  series::Observations observations;
  // Of the axis; NaN where there is none.
  std::vector<double> values;
};

absl::StatusOr<Actuals> ToActuals(const v1::LabelledSeries& from) {
  Actuals to;
  ASSIGN_OR_RETURN(to.observations.frequency,
                   messages::ToFrequency("frequency", from.frequency()));
  for (const v1::Observation& observation : from.observations()) {
    ASSIGN_OR_RETURN(
        const series::Period period,
        series::ParsePeriod(observation.period(), to.observations.frequency));
    to.observations.ordinals.push_back(period.ordinal);
    to.observations.values.push_back(observation.value());
  }
  to.values =
      series::WithGaps(to.observations, series::StepAxis(to.observations));
  return to;
}

class IndicatorBacktest {
 public:
  IndicatorBacktest(Client* client, std::string name, const BacktestPlan& plan,
                    BacktestReport* report)
      : client_(*client),
        name_(std::move(name)),
        plan_(plan),
        report_(*report) {}

  absl::Status ReadActuals() {
    v1::ReadIndicatorRequest request;
    request.set_name(name_);
    ASSIGN_OR_RETURN(const v1::ReadIndicatorResponse response,
                     client_.CallForAllPages(
                         client_.indicators(),
                         &IndicatorService::Stub::ReadIndicator, request));
    for (const v1::LabelledSeries& series : response.series()) {
      if (series.observations().empty()) continue;
      ASSIGN_OR_RETURN(Actuals actuals, ToActuals(series));
      const series::Period last = {actuals.observations.frequency,
                                   actuals.observations.ordinals.back()};
      if (actuals_.empty() || last.ordinal > last_.ordinal) last_ = last;
      actuals_.emplace(LabelPairs(series.labels()), std::move(actuals));
    }
    if (!actuals_.empty()) return absl::OkStatus();
    return absl::NotFoundError(
        absl::StrCat(name_, " has no values to hold a forecast against"));
  }

  // The oldest origin first.
  absl::Status Run() {
    for (int w = plan_.windows - 1; w >= 0; --w) {
      series::Period origin = last_;
      origin.ordinal -= plan_.horizon + w * plan_.step;
      if (!series::IsInRange(origin)) continue;
      RETURN_IF_ERROR(TryFrom(series::EndTime(origin)));
    }
    if (failed_ == 0) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(failed_, " forecasts of ", name_, " could not be made"));
  }

 private:
  absl::Status TryFrom(absl::Time instant) {
    // By labels.
    std::map<std::string, BacktestWindow> windows;
    for (size_t m = 0; m < plan_.methods.size(); ++m) {
      ASSIGN_OR_RETURN(const v1::ComputeForecastResponse response,
                       Compute(plan_.methods[m], instant));
      for (const v1::Forecast& forecast : response.forecasts()) {
        const std::string labels = LabelPairs(forecast.labels());
        const auto actuals = actuals_.find(labels);
        if (!forecast.error().empty()) {
          ++failed_;
          std::fprintf(
              stderr, "%s as of %s: %s\n", NameOf(labels).c_str(),
              FormatExactInstant(messages::ToTimestamp(instant)).c_str(),
              forecast.error().c_str());
        } else if (actuals != actuals_.end()) {
          BacktestWindow& window = windows[labels];
          if (window.steps.empty()) {
            RETURN_IF_ERROR(Open(forecast, labels, actuals->second, window));
          }
          window.forecasts[m] = ToWindowForecast(forecast);
        }
      }
    }
    for (const auto& [labels, window] : windows) {
      RETURN_IF_ERROR(report_.Add(window));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<v1::ComputeForecastResponse> Compute(const std::string& method,
                                                      absl::Time instant) {
    v1::ComputeForecastRequest request;
    request.set_indicator(name_);
    request.set_method(method);
    request.set_horizon(plan_.horizon);
    *request.mutable_as_of() = messages::ToTimestamp(instant);
    const std::vector<double>& probabilities = report_.probabilities();
    request.mutable_quantiles()->Add(probabilities.begin(),
                                     probabilities.end());
    return client_.CallForAllPages(
        client_.forecasts(), &ForecastService::Stub::ComputeForecast, request);
  }

  std::string NameOf(const std::string& labels) const {
    const std::string name(LastSegment(name_));
    return labels.empty() ? name : absl::StrCat(name, "{", labels, "}");
  }

  // All that the methods share.
  absl::Status Open(const v1::Forecast& forecast, const std::string& labels,
                    const Actuals& actuals, BacktestWindow& window) const {
    const series::Observations& x = actuals.observations;
    const series::StepAxis axis(x);
    const int32_t first = axis.StepOf(x.ordinals.front());
    const auto size = static_cast<int32_t>(actuals.values.size());
    ASSIGN_OR_RETURN(
        const series::Period last,
        series::ParsePeriod(forecast.last().period(), x.frequency));
    window.id = NameOf(labels);
    window.cutoff = forecast.last().period();
    window.season = axis.season();
    window.forecasts.resize(plan_.methods.size());
    const int32_t known =
        std::clamp(axis.StepOf(last.ordinal) - first + 1, 0, size);
    window.history = absl::MakeConstSpan(actuals.values).first(known);
    for (const v1::ForecastStep& step : forecast.steps()) {
      ASSIGN_OR_RETURN(const series::Period period,
                       series::ParsePeriod(step.period(), x.frequency));
      const int32_t at = axis.StepOf(period.ordinal) - first;
      window.steps.push_back(step.period());
      window.actuals.push_back(0 <= at && at < size
                                   ? actuals.values[at]
                                   : std::numeric_limits<double>::quiet_NaN());
    }
    return absl::OkStatus();
  }

  static WindowForecast ToWindowForecast(const v1::Forecast& forecast) {
    WindowForecast to;
    for (const v1::ForecastStep& step : forecast.steps()) {
      to.point.push_back(step.point());
      std::vector<double>& quantiles = to.quantiles.emplace_back();
      for (const v1::Quantile& quantile : step.quantiles()) {
        quantiles.push_back(quantile.value());
      }
    }
    return to;
  }

  Client& client_;
  const std::string name_;
  const BacktestPlan& plan_;
  BacktestReport& report_;
  // By labels.
  std::map<std::string, Actuals> actuals_;
  // The newest of all series.
  series::Period last_;
  int failed_ = 0;
};

}  // namespace

absl::Status BacktestIndicator(Client& client, const std::string& name,
                               const BacktestPlan& plan,
                               BacktestReport& report) {
  IndicatorBacktest backtest(&client, ResourceName("indicators", name), plan,
                             &report);
  RETURN_IF_ERROR(backtest.ReadActuals());
  return backtest.Run();
}

}  // namespace headway::cli
