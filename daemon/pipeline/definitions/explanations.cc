#include "daemon/pipeline/definitions/explanations.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::pipeline {
namespace {

constexpr int kMostRegressors = 10;
constexpr int kMostLunarDays = 60;

// A period that has begun by `now`. `what` is to be there since then.
absl::StatusOr<series::Period> BegunPeriod(absl::string_view what,
                                           const std::string& text,
                                           absl::Time now) {
  if (text.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("this ", what, " has no period; add period: \"2023-10\""));
  }
  ASSIGN_OR_RETURN(const series::Period period, series::ParsePeriod(text));
  const absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  if (series::FirstDay(period) <= today) return period;
  return absl::InvalidArgumentError(
      absl::StrCat(what, " \"", text,
                   "\" lies in the future, and no value tells yet what "
                   "it does; declare it once it has begun"));
}

// --- regressors ---

absl::StatusOr<WorkingDayRegressor> ToWorkingDays(
    const config::v1::WorkingDays& config) {
  WorkingDayRegressor days;
  for (const std::string& text : config.holiday()) {
    ASSIGN_OR_RETURN(const series::Period day,
                     series::ParsePeriod(text, series::Frequency::kDaily));
    if (!days.holidays.insert(series::FirstDay(day)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("holiday \"", text, "\" is named twice; name it once"));
    }
  }
  return days;
}

absl::StatusOr<LunarNewYearRegressor> ToLunarNewYear(
    const config::v1::LunarNewYear& config) {
  LunarNewYearRegressor window;
  if (config.has_days_before()) window.before = config.days_before();
  if (config.has_days_after()) window.after = config.days_after();
  const auto is_in_range = [](int days) {
    return 0 <= days && days <= kMostLunarDays;
  };
  if (is_in_range(window.before) && is_in_range(window.after) &&
      window.before + window.after > 0) {
    return window;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "lunar_new_year of ", window.before, " days before and ", window.after,
      " after; write 0 to ", kMostLunarDays, " for each, and not 0 for both"));
}

absl::StatusOr<EventRegressor> ToEvent(const config::v1::Event& config,
                                       absl::Time now) {
  EventRegressor event;
  ASSIGN_OR_RETURN(event.first, BegunPeriod("event", config.period(), now));
  if (config.until().empty()) return event;
  ASSIGN_OR_RETURN(event.last,
                   series::ParsePeriod(config.until(), event.first.frequency));
  if (event.last->ordinal < event.first.ordinal) {
    return absl::InvalidArgumentError(absl::StrCat(
        "event \"", config.period(), "\" ends in \"", config.until(),
        "\", before it begins; name its last period"));
  }
  return event;
}

absl::StatusOr<RegressorKind> ToKind(const config::v1::Regressor& config,
                                     absl::Time now) {
  switch (config.what_case()) {
    case config::v1::Regressor::kIndicator:
      if (config.indicator().empty()) {
        return absl::InvalidArgumentError(
            "regressor names no indicator; write its name");
      }
      return IndicatorRegressor{config.indicator()};
    case config::v1::Regressor::kWorkingDays:
      return ToWorkingDays(config.working_days());
    case config::v1::Regressor::kLunarNewYear:
      return ToLunarNewYear(config.lunar_new_year());
    case config::v1::Regressor::kEvent:
      return ToEvent(config.event(), now);
    case config::v1::Regressor::WHAT_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(
      "this regressor is empty; add indicator, working_days, lunar_new_year or "
      "event");
}

std::string NameOf(const config::v1::Regressor& config) {
  if (!config.name().empty()) return config.name();
  switch (config.what_case()) {
    case config::v1::Regressor::kIndicator:
      return config.indicator();
    case config::v1::Regressor::kWorkingDays:
      return "working_days";
    case config::v1::Regressor::kLunarNewYear:
      return "lunar_new_year";
    default:
      return absl::StrCat("event ", config.event().period());
  }
}

// What cannot use regressors: the first of the models that take none, or the
// way that the forecast is made.
absl::Status CheckCanExplain(const ForecastDefinition& definition) {
  if (definition.through != Through::kDirect) {
    return absl::InvalidArgumentError(
        "a forecast through its inputs takes no regressors; leave out through, "
        "or give the regressors to the indicators that it is made of");
  }
  if (definition.models.empty()) {
    return forecast::CheckTakesRegressors(definition.method);
  }
  for (const std::string& model : definition.models) {
    RETURN_IF_ERROR(forecast::CheckTakesRegressors(model));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<FieldError> TakeBreaks(const config::v1::Forecast& config,
                                   absl::Time now,
                                   ForecastDefinition& definition) {
  std::vector<FieldError> errors;
  const auto fail = [&errors](absl::string_view message) {
    errors.push_back({{"break"}, std::string(message)});
  };
  for (const config::v1::Break& one : config.break_()) {
    const absl::StatusOr<series::Period> period =
        BegunPeriod("break", one.period(), now);
    if (!period.ok()) {
      fail(period.status().message());
      continue;
    }
    if (!definition.breaks.empty() &&
        definition.breaks[0].period.frequency != period->frequency) {
      fail(absl::StrCat(
          "break \"", one.period(), "\" is ",
          series::FrequencyName(period->frequency), ", and the one before it ",
          series::FrequencyName(definition.breaks[0].period.frequency),
          "; write both as periods of the indicator"));
      continue;
    }
    definition.breaks.push_back({*period,
                                 one.kind() == config::v1::Break::START
                                     ? forecast::BreakKind::kStart
                                     : forecast::BreakKind::kLevel,
                                 one.reason()});
  }
  std::sort(definition.breaks.begin(), definition.breaks.end(),
            [](const DeclaredBreak& a, const DeclaredBreak& b) {
              return a.period.ordinal < b.period.ordinal;
            });
  const auto twice =
      std::adjacent_find(definition.breaks.begin(), definition.breaks.end(),
                         [](const DeclaredBreak& a, const DeclaredBreak& b) {
                           return a.period == b.period;
                         });
  if (twice != definition.breaks.end()) {
    fail(absl::StrCat("break \"", series::FormatPeriod(twice->period),
                      "\" is declared twice; declare it once"));
  }
  return errors;
}

std::vector<FieldError> TakeRegressors(const config::v1::Forecast& config,
                                       absl::Time now,
                                       ForecastDefinition& definition) {
  std::vector<FieldError> errors;
  const auto fail = [&errors](absl::string_view message) {
    errors.push_back({{"regressor"}, std::string(message)});
  };
  if (config.regressor_size() == 0) return errors;
  if (config.regressor_size() > kMostRegressors) {
    fail(absl::StrCat(config.regressor_size(),
                      " regressors are too many; give at most ",
                      kMostRegressors));
  }
  if (const absl::Status status = CheckCanExplain(definition); !status.ok()) {
    fail(status.message());
  }
  std::set<std::string> names;
  for (const config::v1::Regressor& regressor : config.regressor()) {
    absl::StatusOr<RegressorKind> kind = ToKind(regressor, now);
    if (!kind.ok()) {
      fail(kind.status().message());
      continue;
    }
    const std::string name = NameOf(regressor);
    if (!names.insert(name).second) {
      fail(absl::StrCat("two regressors have the name \"", name,
                        "\"; give one of them another name"));
    }
    definition.regressors.push_back({name, *std::move(kind)});
  }
  return errors;
}

}  // namespace headway::pipeline
