#include "daemon/pipeline/definitions/forecast_definition.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "daemon/base/suggest.h"

namespace headway::pipeline {
namespace {

// As many as the library gives.
constexpr int kMaxHorizon = 1000;

constexpr absl::string_view kPluginPrefix = "plugin:";

}  // namespace

std::string Describe(const RegressorKind& what) {
  if (const auto* of = std::get_if<IndicatorRegressor>(&what)) {
    return absl::StrCat("indicator ", of->indicator);
  }
  if (const auto* days = std::get_if<WorkingDayRegressor>(&what)) {
    return absl::StrCat("working days but ",
                        absl::StrJoin(days->holidays, " ",
                                      [](std::string* out, absl::CivilDay day) {
                                        out->append(absl::FormatCivilTime(day));
                                      }));
  }
  if (const auto* window = std::get_if<LunarNewYearRegressor>(&what)) {
    return absl::StrCat("lunar new year, ", window->before, " days before and ",
                        window->after, " after");
  }
  const EventRegressor& event = std::get<EventRegressor>(what);
  return absl::StrCat("event ", series::FormatPeriod(event.first), " to ",
                      event.last ? series::FormatPeriod(*event.last) : "");
}

std::set<std::string> IndicatorsAmong(
    const std::vector<RegressorDefinition>& regressors) {
  std::set<std::string> names;
  for (const RegressorDefinition& regressor : regressors) {
    if (const auto* of = std::get_if<IndicatorRegressor>(&regressor.what)) {
      names.insert(of->indicator);
    }
  }
  return names;
}

std::vector<std::pair<const char*, series::Period>> PeriodsOf(
    const ForecastDefinition& definition) {
  std::vector<std::pair<const char*, series::Period>> periods;
  for (const DeclaredBreak& one : definition.breaks) {
    periods.emplace_back("break", one.period);
  }
  for (const RegressorDefinition& regressor : definition.regressors) {
    if (const auto* event = std::get_if<EventRegressor>(&regressor.what)) {
      periods.emplace_back("regressor", event->first);
      if (event->last) periods.emplace_back("regressor", *event->last);
    }
  }
  return periods;
}

ValueBounds ToValueBounds(forecast::Bounds bounds) {
  switch (bounds) {
    case forecast::Bounds::kNone:
      return {};
    case forecast::Bounds::kNonNegative:
      return {.lower = 0};
    case forecast::Bounds::kPercent:
      return {.lower = 0, .upper = 100};
    case forecast::Bounds::kFraction:
      return {.lower = 0, .upper = 1};
  }
  return {};
}

std::optional<std::string> PluginOfMethod(absl::string_view method) {
  if (!absl::ConsumePrefix(&method, kPluginPrefix)) return std::nullopt;
  return std::string(method);
}

ingest::Source ModelOf(absl::string_view plugin, absl::string_view subject) {
  ingest::Source model;
  model.name = std::string(subject);
  model.plugin = std::string(plugin);
  model.is_model = true;
  return model;
}

absl::Status CheckMethod(const std::string& method) {
  if (forecast::IsMethodName(method)) return absl::OkStatus();
  if (const auto plugin = PluginOfMethod(method); plugin.has_value()) {
    if (!plugin->empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "method \"plugin:\" names no plugin; write plugin:NAME");
  }
  const auto known = forecast::MethodNames();
  const std::vector<std::string> names(known.begin(), known.end());
  const std::string suggestion = DidYouMean(method, names);
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown method \"", method, "\"",
      suggestion.empty()
          ? absl::StrCat("; write one of ", absl::StrJoin(names, ", "),
                         ", or plugin:NAME")
          : suggestion));
}

absl::Status CheckHorizon(int horizon) {
  if (0 <= horizon && horizon <= kMaxHorizon) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("horizon ", horizon, " is outside 0 to ", kMaxHorizon,
                   " periods; 0 is one year"));
}

}  // namespace headway::pipeline
