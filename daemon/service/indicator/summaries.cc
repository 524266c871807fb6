#include "daemon/service/indicator/summaries.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/forecast.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/evaluations.h"
#include "daemon/pipeline/manager.h"
#include "daemon/query/query.h"
#include "daemon/service/indicator/indicators.h"
#include "daemon/service/sharing/sharing.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

using messages::ToProto;
using pipeline::Indicator;

// Some MiB of them: the rest is for ReadIndicator, which has pages.
constexpr int kMostSummaries = 10000;

// By FormatLabels of the series.
using Steps = absl::flat_hash_map<std::string, v1::ForecastStep>;

std::string KeyOf(const messages::LabelMap& labels) {
  const auto parsed = series::Labels::Create({labels.begin(), labels.end()});
  return parsed.ok() ? series::FormatLabels(*parsed) : "";
}

// The step of a summary: the point, the mean and the interval that listings
// show.
v1::ForecastStep Shorten(const v1::ForecastStep& step) {
  v1::ForecastStep shorter;
  shorter.set_period(step.period());
  shorter.set_point(step.point());
  shorter.set_mean(step.mean());
  for (double probability : {0.1, 0.9}) {
    const auto value = messages::QuantileAt(step, probability);
    if (!value.has_value()) continue;
    v1::Quantile* quantile = shorter.add_quantiles();
    quantile->set_probability(probability);
    quantile->set_value(*value);
  }
  return shorter;
}

// What the newest issue by `as_of` expects in one year.
absl::StatusOr<Steps> StepsOneYearAhead(const Parts& parts, const Call& call,
                                        const Indicator& indicator,
                                        absl::Time as_of) {
  constexpr size_t kForecastsAtOnce = 256;
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  Steps steps;
  pipeline::IssueQuery query;
  query.as_of = as_of;
  query.bounds.items = kForecastsAtOnce;
  do {
    RETURN_IF_ERROR(call.CheckAlive());
    ASSIGN_OR_RETURN(
        const pipeline::ForecastPage page,
        parts.pipelines->LatestForecasts(indicator.name, *reader, query));
    ASSIGN_OR_RETURN(const std::vector<v1::Forecast> forecasts,
                     pipeline::ParseForecasts(page));
    for (const v1::Forecast& forecast : forecasts) {
      const v1::ForecastStep* step = messages::StepInOneYear(forecast);
      if (step != nullptr) steps[KeyOf(forecast.labels())] = Shorten(*step);
    }
    query.page_token = page.next_page_token;
  } while (!query.page_token.empty());
  return steps;
}

v1::IndicatorSummary Summarise(const query::LabelledColumn& column,
                               const Steps& steps) {
  const series::Observations& observations = column.observations;
  v1::IndicatorSummary summary;
  ToProto(column.labels, summary.mutable_labels());
  summary.set_frequency(ToProto(observations.frequency));
  summary.set_observation_count(observations.size());
  const size_t n = observations.size();
  *summary.mutable_last() = ToProto(observations, n - 1);
  if (n >= 2 &&
      observations.ordinals[n - 1] - 1 == observations.ordinals[n - 2]) {
    summary.set_change(observations.values[n - 1] - observations.values[n - 2]);
  }
  const auto step = steps.find(series::FormatLabels(column.labels));
  if (step != steps.end()) *summary.mutable_one_year_ahead() = step->second;
  return summary;
}

}  // namespace

absl::StatusOr<v1::Indicator> WithSummaries(const Parts& parts,
                                            const Call& call,
                                            const Indicator& indicator,
                                            absl::Time as_of) {
  v1::Indicator proto =
      DescribeIndicator(*parts.pipelines->definitions(), indicator, as_of);
  if (const absl::Status shown =
          CheckIndicatorShown(call.caller(), parts, indicator.name);
      !shown.ok()) {
    if (!absl::IsPermissionDenied(shown)) return shown;
    proto.add_summaries()->set_error(std::string(shown.message()));
    return proto;
  }
  const auto evaluation = parts.pipelines->ReadIndicator(
      indicator.name, {.as_of = as_of, .check_alive = call.AliveCheck()});
  if (!evaluation.ok()) {
    RETURN_IF_ERROR(call.CheckAlive());
    // It passes, and must not be kept as an answer.
    if (absl::IsUnavailable(evaluation.status())) return evaluation.status();
    proto.add_summaries()->set_error(
        std::string(evaluation.status().message()));
    return proto;
  }
  const query::Panel& panel = (*evaluation)->panel;
  proto.set_series_count(static_cast<int64_t>(panel.columns.size()));
  *proto.mutable_as_of() =
      messages::ToTimestamp(std::min(as_of, parts.clock->Now()));
  for (series::VintageKind kind : panel.vintage_kinds) {
    proto.add_vintage_kinds(messages::ToProto(kind));
  }
  for (const std::string& note : panel.notes) proto.add_notes(note);
  if (panel.columns.empty()) {
    proto.add_summaries()->set_error("no data yet");
    return proto;
  }
  ASSIGN_OR_RETURN(const Steps steps,
                   StepsOneYearAhead(parts, call, indicator, as_of));
  for (const query::LabelledColumn& column : panel.columns) {
    if (proto.summaries_size() == kMostSummaries) break;
    *proto.add_summaries() = Summarise(column, steps);
  }
  return proto;
}

}  // namespace headway::service
