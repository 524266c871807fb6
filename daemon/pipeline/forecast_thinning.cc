#include "daemon/pipeline/forecast_thinning.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/series.h"
#include "daemon/pipeline/issues/forecast_archive.h"
#include "daemon/pipeline/upkeep.h"
#include "daemon/series/period.h"
#include "headway/v1/forecast.pb.h"

namespace headway::pipeline {
namespace {

constexpr int kIssuesAtOnce = 50;
// Each holds up to a thousand steps.
constexpr size_t kPageItems = 100;

// Weeks are counted from an instant that no calendar changes.
int64_t WeekOf(absl::Time time) {
  return absl::ToUnixSeconds(time) / absl::ToInt64Seconds(absl::Hours(24 * 7));
}

absl::StatusOr<bool> IsPeriodOver(const v1::Forecast& forecast,
                                  absl::Time now) {
  if (forecast.steps().empty()) return false;
  ASSIGN_OR_RETURN(const series::Frequency frequency,
                   messages::ToFrequency("frequency", forecast.frequency()));
  ASSIGN_OR_RETURN(const series::Period first,
                   series::ParsePeriod(forecast.steps(0).period(), frequency));
  return series::EndTime(first) <= now;
}

// Whether one of the issue's forecasts can have been scored by now.
absl::StatusOr<bool> MayBeScored(const store::Reader& reader,
                                 const std::string& indicator,
                                 absl::Time issue_time, absl::Time now) {
  IssueQuery query;
  query.as_of = issue_time;
  query.bounds.items = kPageItems;
  do {
    ASSIGN_OR_RETURN(const ForecastPage page,
                     LatestIssue(reader, indicator, query));
    ASSIGN_OR_RETURN(const std::vector<v1::Forecast> forecasts,
                     ParseForecasts(page));
    for (const v1::Forecast& forecast : forecasts) {
      ASSIGN_OR_RETURN(const bool is_over, IsPeriodOver(forecast, now));
      if (is_over) return true;
    }
    query.page_token = page.next_page_token;
  } while (!query.page_token.empty());
  return false;
}

}  // namespace

ForecastThinning::ForecastThinning(
    absl::Duration keep_all, Clock* clock, store::Store* store,
    std::function<std::shared_ptr<const Definitions>()> definitions)
    : keep_all_(keep_all),
      clock_(clock),
      store_(store),
      definitions_(std::move(definitions)) {}

absl::Time ForecastThinning::DoSome() {
  if (keep_all_ == absl::ZeroDuration()) return absl::InfiniteFuture();
  const absl::StatusOr<bool> is_more = ThinSome();
  if (!is_more.ok()) {
    Log(LogLevel::kError, "cannot thin out old forecasts",
        {{"indicator", indicator_},
         {"error", std::string(is_more.status().message())}});
    // The others have their turn.
    before_ = absl::InfinitePast();
    return clock_->Now() + kAfterAnError;
  }
  if (*is_more) return clock_->Now() + kBetweenParts;
  if (deleted_ > 0) {
    Log(LogLevel::kInfo, "thinned out old forecasts",
        {{"issues", absl::StrCat(std::exchange(deleted_, 0))},
         {"older_than", absl::FormatDuration(keep_all_)}});
  }
  return clock_->Now() + kBetweenRounds;
}

absl::StatusOr<bool> ForecastThinning::ThinSome() {
  const std::shared_ptr<const Definitions> definitions = definitions_();
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  for (int i = 0; i < kIssuesAtOnce; ++i) {
    if (indicator_.empty() || before_ == absl::InfinitePast()) {
      const auto next = definitions->indicators.upper_bound(indicator_);
      if (next == definitions->indicators.end()) {
        indicator_.clear();
        return false;
      }
      indicator_ = next->first;
      before_ = absl::InfiniteFuture();
    }
    RETURN_IF_ERROR(ThinNext(*reader));
  }
  return true;
}

absl::Status ForecastThinning::ThinNext(const store::Reader& reader) {
  const absl::Time now = clock_->Now();
  ASSIGN_OR_RETURN(const std::optional<absl::Time> issue,
                   IssueBefore(reader, indicator_, before_));
  const absl::Time newer =
      std::exchange(before_, issue.value_or(absl::InfinitePast()));
  // The newest of an indicator has no newer one in its week.
  if (!issue.has_value() || newer == absl::InfiniteFuture() ||
      *issue > now - keep_all_ || WeekOf(*issue) != WeekOf(newer)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const bool may_be_scored,
                   MayBeScored(reader, indicator_, *issue, now));
  if (may_be_scored) return absl::OkStatus();
  store::Batch batch;
  ASSIGN_OR_RETURN(batch.records, DeletionOf(reader, indicator_, *issue));
  RETURN_IF_ERROR(store_->Commit(batch).status());
  ++deleted_;
  return absl::OkStatus();
}

}  // namespace headway::pipeline
