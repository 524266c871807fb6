#include "daemon/pipeline/issuing.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "daemon/base/status_macros.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/issues/forecast_archive.h"
#include "daemon/series/labels.h"
#include "headway/v1/forecast.pb.h"

namespace headway::pipeline {
namespace {

// A forecast takes some ten kilobytes before it is bytes of the store; a plugin
// is run for as many at once.
constexpr size_t kSeriesAtOnce = 1000;
constexpr size_t kForecastsInPage = 256;

// The forecasts of the newest issue, read along with the series of a panel.
class PreviousIssue {
 public:
  PreviousIssue(const store::Reader* reader, std::string indicator)
      : reader_(*reader), indicator_(std::move(indicator)) {}

  // The forecast of the series. Labels rise from call to call.
  absl::StatusOr<std::optional<v1::Forecast>> Find(
      const series::Labels& labels) {
    while (true) {
      if (next_ == page_.size()) {
        ASSIGN_OR_RETURN(const bool is_more, ReadPage());
        if (!is_more) return std::nullopt;
      }
      v1::Forecast& forecast = page_[next_];
      ASSIGN_OR_RETURN(const series::Labels of_forecast,
                       series::Labels::Create({forecast.labels().begin(),
                                               forecast.labels().end()}));
      if (labels < of_forecast) return std::nullopt;
      ++next_;
      if (of_forecast == labels) return std::move(forecast);
    }
  }

 private:
  // False after the last.
  absl::StatusOr<bool> ReadPage() {
    if (is_done_) return false;
    ASSIGN_OR_RETURN(const ForecastPage page,
                     LatestIssue(reader_, indicator_, query_));
    ASSIGN_OR_RETURN(page_, ParseForecasts(page));
    next_ = 0;
    query_.page_token = page.next_page_token;
    is_done_ = query_.page_token.empty();
    return !page_.empty();
  }

  const store::Reader& reader_;
  const std::string indicator_;
  IssueQuery query_ = {.bounds = {.items = kForecastsInPage}};
  bool is_done_ = false;
  std::vector<v1::Forecast> page_;
  size_t next_ = 0;
};

class IssueMaker {
 public:
  IssueMaker(const store::Reader* reader, const query::Panel* panel,
             const ForecastTask* task, const IssueState* before,
             const IssueState* now)
      : panel_(*panel),
        task_(*task),
        before_(*before),
        // What a series is made of may have changed where it did not.
        may_carry_(!before->failed && before->mark == now->mark &&
                   task->definition.through == Through::kDirect),
        previous_(reader, task->indicator) {
    changed_.unit = panel_.unit;
    changed_.vintage_kinds = panel_.vintage_kinds;
  }

  absl::StatusOr<MadeIssue> Make() && {
    for (size_t place = 0; place < panel_.columns.size(); ++place) {
      ASSIGN_OR_RETURN(const bool is_carried, Carry(place));
      if (is_carried) continue;
      changed_.columns.push_back(panel_.columns[place]);
      places_.push_back(place);
      if (places_.size() == kSeriesAtOnce) RETURN_IF_ERROR(Forecast());
    }
    RETURN_IF_ERROR(Forecast());
    return std::move(issue_);
  }

 private:
  // Whether the series did not change, and the issue before has a forecast of
  // it.
  absl::StatusOr<bool> Carry(size_t place) {
    if (!may_carry_) return false;
    const query::LabelledColumn& column = panel_.columns[place];
    if (!std::binary_search(before_.columns.begin(), before_.columns.end(),
                            HashOf(column))) {
      return false;
    }
    ASSIGN_OR_RETURN(std::optional<v1::Forecast> forecast,
                     previous_.Find(column.labels));
    if (!forecast.has_value() || !forecast->error().empty()) return false;
    if (forecast->carried_from().empty()) {
      forecast->set_carried_from(forecast->name());
    }
    *forecast->mutable_issue_time() = messages::ToTimestamp(task_.issue_time);
    forecast->set_run(task_.run);
    issue_.records.push_back(
        ArchiveForecast(task_.indicator, place, *forecast));
    ++issue_.issued;
    ++issue_.carried;
    return true;
  }

  // Those that are waiting.
  absl::Status Forecast() {
    if (places_.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(std::vector<MadeForecast> made,
                     MakeForecasts(changed_, task_));
    for (size_t i = 0; i < made.size(); ++i) {
      issue_.records.push_back(
          ArchiveForecast(task_.indicator, places_[i], made[i].forecast));
      Count(made[i]);
    }
    places_.clear();
    changed_.columns.clear();
    return absl::OkStatus();
  }

  void Count(const MadeForecast& made) {
    if (made.status.ok()) {
      ++issue_.issued;
      if (!absl::IsOutOfRange(made.model_failure)) {
        issue_.failure.Update(made.model_failure);
      }
    } else if (absl::IsFailedPrecondition(made.status)) {
      ++issue_.too_short;
    } else {
      issue_.failure.Update(made.status);
    }
  }

  const query::Panel& panel_;
  const ForecastTask& task_;
  const IssueState& before_;
  const bool may_carry_;
  PreviousIssue previous_;
  // The series that wait to be forecast, and their places in the panel.
  query::Panel changed_;
  std::vector<size_t> places_;
  MadeIssue issue_;
};

}  // namespace

absl::StatusOr<MadeIssue> MakeIssue(const store::Reader& reader,
                                    const query::Panel& panel,
                                    const ForecastTask& task,
                                    const IssueState& before,
                                    const IssueState& now) {
  return IssueMaker(&reader, &panel, &task, &before, &now).Make();
}

}  // namespace headway::pipeline
