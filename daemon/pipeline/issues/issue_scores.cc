#include "daemon/pipeline/issues/issue_scores.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/issues/forecast_archive.h"
#include "daemon/scores/scores.h"
#include "daemon/scores/track_record.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"

namespace headway::pipeline {
namespace {

// Each holds up to a thousand steps.
constexpr size_t kForecastsAtOnce = 100;

std::optional<double> ValueAt(const series::Observations& observations,
                              int32_t ordinal) {
  const auto& ordinals = observations.ordinals;
  const auto at = std::lower_bound(ordinals.begin(), ordinals.end(), ordinal);
  if (at == ordinals.end() || *at != ordinal) return std::nullopt;
  return observations.values[at - ordinals.begin()];
}

scores::Outcome ToOutcome(const v1::ForecastStep& step, double actual) {
  scores::Outcome outcome;
  outcome.point = step.point();
  outcome.actual = actual;
  for (const v1::Quantile& quantile : step.quantiles()) {
    outcome.quantiles.push_back({quantile.probability(), quantile.value()});
  }
  return outcome;
}

// What the forecasts of one column scored.
class ColumnScores {
 public:
  explicit ColumnScores(const series::Observations* actuals)
      : actuals_(*actuals) {}

  absl::Status Add(const v1::Forecast& forecast) {
    ASSIGN_OR_RETURN(
        const series::Period last,
        series::ParsePeriod(forecast.last().period(), actuals_.frequency));
    bool has_outcome = false;
    for (const v1::ForecastStep& step : forecast.steps()) {
      ASSIGN_OR_RETURN(const series::Period period,
                       series::ParsePeriod(step.period(), actuals_.frequency));
      const std::optional<double> actual = ValueAt(actuals_, period.ordinal);
      // What was known when it was said is no forecast.
      if (!actual.has_value() || period.ordinal <= last.ordinal) continue;
      RETURN_IF_ERROR(builder_.Add(ToOutcome(step, *actual)));
      has_outcome = true;
    }
    if (!has_outcome) return absl::OkStatus();
    ++issues_;
    first_origin_ = std::min(first_origin_, last.ordinal);
    return absl::OkStatus();
  }

  absl::StatusOr<v1::TrackRecord> Record() const {
    v1::TrackRecord proto;
    if (issues_ == 0) return proto;
    ASSIGN_OR_RETURN(const scores::TrackRecord record, builder_.Build(Scale()));
    proto.set_issues(issues_);
    proto.set_outcomes(record.outcomes);
    proto.set_mean_absolute_error(record.mean_absolute_error);
    proto.set_mean_weighted_interval_score(record.mean_weighted_interval_score);
    if (record.mean_scaled_error.has_value()) {
      proto.set_mean_scaled_error(*record.mean_scaled_error);
    }
    if (record.coverage80.has_value()) {
      proto.set_coverage80(*record.coverage80);
    }
    return proto;
  }

 private:
  // Of the history that ends before every outcome.
  std::optional<double> Scale() const {
    const int32_t first = actuals_.ordinals.front();
    if (first_origin_ < first) return std::nullopt;
    const series::StepAxis axis(actuals_);
    const std::vector<double> values = series::WithGaps(actuals_, axis);
    const int32_t steps = axis.StepOf(first_origin_) - axis.StepOf(first) + 1;
    return scores::SeasonalNaiveError(absl::MakeConstSpan(values).first(steps),
                                      axis.season());
  }

  const series::Observations& actuals_;
  scores::TrackRecordBuilder builder_;
  int32_t issues_ = 0;
  // The last observation of the scored forecast that knew the least.
  int32_t first_origin_ = std::numeric_limits<int32_t>::max();
};

class IndicatorScores {
 public:
  explicit IndicatorScores(const query::Panel* actuals)
      : actuals_(*actuals), unit_(actuals->unit.ToString()) {
    for (const query::LabelledColumn& column : actuals_.columns) {
      scores_.emplace_back(&column.observations);
    }
  }

  absl::Status Add(const v1::Forecast& forecast) {
    ASSIGN_OR_RETURN(const series::Labels labels,
                     series::Labels::Create(
                         {forecast.labels().begin(), forecast.labels().end()}));
    const auto column = std::lower_bound(
        actuals_.columns.begin(), actuals_.columns.end(), labels,
        [](const query::LabelledColumn& column, const series::Labels& labels) {
          return column.labels < labels;
        });
    // The definition may have changed since.
    if (column == actuals_.columns.end() || column->labels != labels ||
        forecast.unit() != unit_ ||
        forecast.frequency() !=
            messages::ToProto(column->observations.frequency)) {
      return absl::OkStatus();
    }
    return scores_[column - actuals_.columns.begin()].Add(forecast);
  }

  absl::StatusOr<std::vector<v1::TrackRecord>> Records() const {
    std::vector<v1::TrackRecord> records;
    for (size_t i = 0; i < scores_.size(); ++i) {
      ASSIGN_OR_RETURN(v1::TrackRecord record, scores_[i].Record());
      for (const auto& [name, value] : actuals_.columns[i].labels.pairs()) {
        (*record.mutable_labels())[name] = value;
      }
      record.set_unit(unit_);
      records.push_back(std::move(record));
    }
    return records;
  }

 private:
  const query::Panel& actuals_;
  const std::string unit_;
  std::vector<ColumnScores> scores_;  // of actuals_.columns
};

}  // namespace

absl::StatusOr<std::vector<v1::TrackRecord>> ScoreIssues(
    const store::Reader& reader, absl::string_view indicator,
    const query::Panel& actuals, absl::Time as_of,
    const CheckAlive& check_alive) {
  IndicatorScores scores(&actuals);
  ForecastPage page;
  do {
    if (check_alive) RETURN_IF_ERROR(check_alive());
    ASSIGN_OR_RETURN(page,
                     ListIssues(reader, indicator, {.items = kForecastsAtOnce},
                                page.next_page_token));
    ASSIGN_OR_RETURN(const std::vector<v1::Forecast> forecasts,
                     ParseForecasts(page));
    for (const v1::Forecast& forecast : forecasts) {
      if (messages::FromTimestamp(forecast.issue_time()) > as_of) continue;
      const absl::Status status = scores.Add(forecast);
      if (!status.ok()) {
        return absl::DataLossError(absl::StrCat(
            "the stored forecast ", forecast.name(), " cannot be scored: ",
            status.message(), "; restore the store from a backup"));
      }
    }
  } while (!page.next_page_token.empty());
  return scores.Records();
}

}  // namespace headway::pipeline
