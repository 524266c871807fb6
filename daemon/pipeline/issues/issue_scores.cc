#include "daemon/pipeline/issues/issue_scores.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/issues/column_scores.h"
#include "daemon/pipeline/issues/forecast_archive.h"
#include "daemon/series/labels.h"

namespace headway::pipeline {
namespace {

// Each holds up to a thousand steps.
constexpr size_t kForecastsAtOnce = 100;

class IndicatorScores {
 public:
  IndicatorScores(const query::Panel* actuals, bool with_strata)
      : actuals_(*actuals), unit_(actuals->unit.ToString()) {
    scores_.reserve(actuals_.columns.size());
    for (const query::LabelledColumn& column : actuals_.columns) {
      scores_.emplace_back(&column.observations, with_strata);
    }
  }

  absl::Status Note(const v1::Forecast& forecast) {
    ASSIGN_OR_RETURN(ColumnScores * column, Find(forecast));
    return column == nullptr ? absl::OkStatus() : column->Note(forecast);
  }
  absl::Status Add(const v1::Forecast& forecast) {
    ASSIGN_OR_RETURN(ColumnScores * column, Find(forecast));
    if (column == nullptr || !IsFirst(forecast)) return absl::OkStatus();
    return column->Add(forecast);
  }

  absl::StatusOr<IssueScores> Take() {
    IssueScores all;
    Strata strata;
    for (size_t i = 0; i < scores_.size(); ++i) {
      ASSIGN_OR_RETURN(v1::TrackRecord record, scores_[i].Record());
      for (const auto& [name, value] : actuals_.columns[i].labels.pairs()) {
        (*record.mutable_labels())[name] = value;
      }
      record.set_unit(unit_);
      all.records.push_back(std::move(record));
      for (const auto& [key, of_column] : scores_[i].strata()) {
        StratumScores& sum = strata[key];
        sum.issues += of_column.issues;
        sum.builder.Merge(of_column.builder);
      }
    }
    for (const auto& [key, stratum] : strata) {
      all.strata.push_back(ToProto(key, stratum));
    }
    return all;
  }

 private:
  // Null if the definition changed since.
  absl::StatusOr<ColumnScores*> Find(const v1::Forecast& forecast) {
    ASSIGN_OR_RETURN(const series::Labels labels,
                     series::Labels::Create(
                         {forecast.labels().begin(), forecast.labels().end()}));
    const auto column = std::lower_bound(
        actuals_.columns.begin(), actuals_.columns.end(), labels,
        [](const query::LabelledColumn& column, const series::Labels& labels) {
          return column.labels < labels;
        });
    if (column == actuals_.columns.end() || column->labels != labels ||
        forecast.unit() != unit_ ||
        forecast.frequency() !=
            messages::ToProto(column->observations.frequency)) {
      return nullptr;
    }
    return &scores_[column - actuals_.columns.begin()];
  }

  // Whether it is not one that was carried on and was met already. The issue
  // that it came from may have been thinned out.
  bool IsFirst(const v1::Forecast& forecast) {
    const auto hash = [](const std::string& name) {
      return StableHash().Add(name).value();
    };
    if (forecast.carried_from().empty()) {
      return !carried_.contains(hash(forecast.name()));
    }
    return carried_.insert(hash(forecast.carried_from())).second;
  }

  const query::Panel& actuals_;
  const std::string unit_;
  std::vector<ColumnScores> scores_;  // of actuals_.columns
  // Hashes of the names of forecasts that others carry on.
  absl::flat_hash_set<uint64_t> carried_;
};

// Newest first.
absl::Status ForEachForecast(
    const store::Reader& reader, absl::string_view indicator,
    const ScoreOptions& options,
    absl::FunctionRef<absl::Status(const v1::Forecast&)> take) {
  ForecastPage page;
  do {
    if (options.check_alive) RETURN_IF_ERROR(options.check_alive());
    ASSIGN_OR_RETURN(page,
                     ListIssues(reader, indicator, {.items = kForecastsAtOnce},
                                page.next_page_token));
    ASSIGN_OR_RETURN(const std::vector<v1::Forecast> forecasts,
                     ParseForecasts(page));
    for (const v1::Forecast& forecast : forecasts) {
      if (messages::FromTimestamp(forecast.issue_time()) > options.as_of) {
        continue;
      }
      if (absl::Status status = take(forecast); !status.ok()) {
        return absl::DataLossError(absl::StrCat(
            "the stored forecast ", forecast.name(), " cannot be scored: ",
            status.message(), "; restore the store from a backup"));
      }
    }
  } while (!page.next_page_token.empty());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<IssueScores> ScoreIssues(const store::Reader& reader,
                                        absl::string_view indicator,
                                        const query::Panel& actuals,
                                        const ScoreOptions& options) {
  IndicatorScores scores(&actuals, options.with_strata);
  RETURN_IF_ERROR(ForEachForecast(
      reader, indicator, options,
      [&](const v1::Forecast& forecast) { return scores.Note(forecast); }));
  RETURN_IF_ERROR(ForEachForecast(
      reader, indicator, options,
      [&](const v1::Forecast& forecast) { return scores.Add(forecast); }));
  return scores.Take();
}

}  // namespace headway::pipeline
