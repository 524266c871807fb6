#include "daemon/pipeline/forecasting/regressors.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/calendar.h"

namespace headway::pipeline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// The series of an indicator that goes with the one that is forecast.
absl::StatusOr<const RegressorSeries*> FindSeries(
    const std::string& name, const RegressorIndicators& indicators,
    const series::Labels& labels) {
  const auto found = indicators.find(name);
  if (found == indicators.end()) {
    return absl::FailedPreconditionError(
        absl::StrCat("regressor ", name, " was not read"));
  }
  const RegressorIndicator& indicator = found->second;
  if (!indicator.status.ok()) {
    return absl::Status(
        indicator.status.code(),
        absl::StrCat("regressor ", name, ": ", indicator.status.message()));
  }
  if (indicator.series.size() == 1) return &indicator.series[0];
  for (const RegressorSeries& one : indicator.series) {
    if (one.labels == labels) return &one;
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "regressor ", name, " has ", indicator.series.size(),
      " series, and none with the labels ", series::FormatLabels(labels),
      "; name an indicator that has one series, or one with these labels"));
}

// Straight lines over what is missing between values; how many that were.
int Bridge(std::vector<double>& values) {
  int bridged = 0;
  size_t last = 0;
  for (size_t i = 1; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    const double slope =
        (values[i] - values[last]) / static_cast<double>(i - last);
    for (size_t gap = last + 1; gap < i; ++gap) {
      values[gap] = values[last] + slope * static_cast<double>(gap - last);
      ++bridged;
    }
    last = i;
  }
  return bridged;
}

class Aligner {
 public:
  Aligner(const SeriesWork& work, const RegressorIndicators& indicators,
          std::vector<std::string>& notes)
      : work_(work),
        indicators_(indicators),
        notes_(notes),
        steps_(work.values.size() + static_cast<size_t>(work.options.horizon)) {
  }

  // NaN where it has no value before its first.
  absl::StatusOr<forecast::Regressor> Align(
      const RegressorDefinition& definition) const {
    forecast::Regressor regressor;
    regressor.name = definition.name;
    if (const auto* of = std::get_if<IndicatorRegressor>(&definition.what)) {
      RETURN_IF_ERROR(AlignIndicator(of->indicator, regressor));
      return regressor;
    }
    for (size_t i = 0; i < steps_; ++i) {
      ASSIGN_OR_RETURN(const double value, ValueIn(PeriodAt(i), definition));
      regressor.values.push_back(value);
    }
    return regressor;
  }

  series::Period PeriodAt(size_t i) const {
    return {work_.frequency,
            work_.axis.OrdinalOf(work_.first_step + static_cast<int32_t>(i))};
  }

 private:
  static absl::StatusOr<double> ValueIn(series::Period period,
                                        const RegressorDefinition& definition) {
    if (const auto* days = std::get_if<WorkingDayRegressor>(&definition.what)) {
      return series::WorkingDays(period, days->holidays);
    }
    if (const auto* window =
            std::get_if<LunarNewYearRegressor>(&definition.what)) {
      return series::LunarNewYearShare(period, window->before, window->after);
    }
    const EventRegressor& event = std::get<EventRegressor>(definition.what);
    if (event.first.frequency != period.frequency) {
      return absl::InvalidArgumentError(absl::StrCat(
          "event \"", series::FormatPeriod(event.first), "\" is ",
          series::FrequencyName(event.first.frequency), ", and the series is ",
          series::FrequencyName(period.frequency),
          "; declare it by a period of the series"));
    }
    const bool is_on = period.ordinal >= event.first.ordinal &&
                       (!event.last || period.ordinal <= event.last->ordinal);
    return is_on ? 1.0 : 0.0;
  }

  absl::Status AlignIndicator(const std::string& name,
                              forecast::Regressor& to) const {
    ASSIGN_OR_RETURN(const RegressorSeries* from,
                     FindSeries(name, indicators_, work_.labels));
    if (from->frequency != work_.frequency) {
      return absl::InvalidArgumentError(absl::StrCat(
          "regressor ", name, " is ", series::FrequencyName(from->frequency),
          ", and the series is ", series::FrequencyName(work_.frequency),
          "; resample it in an indicator of its own, and name that"));
    }
    for (size_t i = 0; i < steps_; ++i) {
      const auto point = from->points.find(PeriodAt(i).ordinal);
      const bool is_there = point != from->points.end();
      to.values.push_back(is_there ? point->second.value : kMissing);
      if (i >= work_.values.size()) {
        to.deviations.push_back(is_there ? point->second.deviation : 0);
      }
    }
    if (std::isnan(to.values.back())) {
      return absl::FailedPreconditionError(
          absl::StrCat("regressor ", name, " has no value and no forecast for ",
                       series::FormatPeriod(PeriodAt(steps_ - 1))));
    }
    const auto first =
        std::find_if(to.values.begin(), to.values.end(),
                     [](double value) { return !std::isnan(value); });
    std::vector<double> from_first(first, to.values.end());
    if (const int bridged = Bridge(from_first); bridged > 0) {
      notes_.push_back(absl::StrCat(bridged, " missing values of regressor ",
                                    name, " are bridged by straight lines"));
    }
    std::copy(from_first.begin(), from_first.end(), first);
    return absl::OkStatus();
  }

  const SeriesWork& work_;
  const RegressorIndicators& indicators_;
  std::vector<std::string>& notes_;
  const size_t steps_;
};

// The first step that has a value of every regressor and of the series.
size_t FirstOfAll(const SeriesWork& work,
                  const std::vector<forecast::Regressor>& regressors) {
  size_t first = 0;
  const auto is_missing = [&](size_t i) {
    return std::isnan(work.values[i]) ||
           std::any_of(regressors.begin(), regressors.end(),
                       [i](const forecast::Regressor& regressor) {
                         return std::isnan(regressor.values[i]);
                       });
  };
  while (first < work.values.size() && is_missing(first)) ++first;
  return first;
}

}  // namespace

absl::Status AddRegressors(const std::vector<RegressorDefinition>& definitions,
                           const RegressorIndicators& indicators,
                           SeriesWork& work, std::vector<std::string>& notes) {
  if (definitions.empty()) return absl::OkStatus();
  std::vector<forecast::Regressor> regressors;
  const Aligner aligner(work, indicators, notes);
  for (const RegressorDefinition& definition : definitions) {
    ASSIGN_OR_RETURN(forecast::Regressor regressor, aligner.Align(definition));
    regressors.push_back(std::move(regressor));
  }
  const size_t first = FirstOfAll(work, regressors);
  if (first == work.values.size()) {
    return absl::FailedPreconditionError(
        "the series and its regressors have no period in common; name a "
        "regressor that goes back as far as the series");
  }
  if (first > 0) {
    notes.push_back(absl::StrCat("fitted from ",
                                 series::FormatPeriod(aligner.PeriodAt(first)),
                                 " on: before that a regressor has no value"));
    const auto skip = [first](std::vector<double>& values) {
      values.erase(values.begin(),
                   values.begin() + static_cast<std::ptrdiff_t>(first));
    };
    skip(work.values);
    for (forecast::Regressor& regressor : regressors) skip(regressor.values);
    work.first_step += static_cast<int32_t>(first);
  }
  work.options.regressors = std::move(regressors);
  return absl::OkStatus();
}

}  // namespace headway::pipeline
