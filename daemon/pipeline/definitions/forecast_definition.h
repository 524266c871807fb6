// How an indicator is to be forecast: by which models, how far ahead, and from
// what.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_FORECAST_DEFINITION_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_FORECAST_DEFINITION_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "daemon/forecast/breaks.h"
#include "daemon/forecast/forecast.h"
#include "daemon/ingest/source/source.h"
#include "daemon/series/period.h"

namespace headway::pipeline {

// What the forecast of an indicator is made from.
enum class Through {
  // Its own values.
  kDirect,
  // Paths of what its expression reads.
  kIndicators,
  // Both, as likely as one another.
  kMixture,
};

// A declared break of the series of an indicator.
struct DeclaredBreak {
  series::Period period;
  forecast::BreakKind kind = forecast::BreakKind::kLevel;
  std::string reason;
};

// What a regressor is.
struct IndicatorRegressor {
  std::string indicator;
};
struct WorkingDayRegressor {
  std::set<absl::CivilDay> holidays;
};
struct LunarNewYearRegressor {
  // Days around the first of the year.
  int before = 7;
  int after = 14;
};
struct EventRegressor {
  series::Period first;
  // Absent if the event goes on.
  std::optional<series::Period> last;
};
using RegressorKind = std::variant<IndicatorRegressor, WorkingDayRegressor,
                                   LunarNewYearRegressor, EventRegressor>;

struct RegressorDefinition {
  std::string name;
  RegressorKind what;
};

struct ForecastDefinition {
  bool disabled = false;
  std::string method = "auto";
  // Periods ahead; 0: one year, at least 4.
  int horizon = 0;
  forecast::Bounds bounds = forecast::Bounds::kNone;
  forecast::Quantity quantity = forecast::Quantity::kInferred;
  // Where there are any, a pool of these stands in the method's place.
  std::vector<std::string> models;
  // How the plugins run that method and models name, by their names; each of
  // them is in it.
  std::map<std::string, ingest::Source> plugins;
  Through through = Through::kDirect;
  // Rising, of one frequency.
  std::vector<DeclaredBreak> breaks;
  std::vector<RegressorDefinition> regressors;
};

// What a regressor is, in a few words that no other has.
std::string Describe(const RegressorKind& what);
// The names of the indicators among the regressors.
std::set<std::string> IndicatorsAmong(
    const std::vector<RegressorDefinition>& regressors);
// The periods that the definition names, each with the field that does.
std::vector<std::pair<const char*, series::Period>> PeriodsOf(
    const ForecastDefinition& definition);

// What values, forecasts and their quantiles lie in.
struct ValueBounds {
  std::optional<double> lower;
  std::optional<double> upper;
};
ValueBounds ToValueBounds(forecast::Bounds bounds);

// The plugin that a method names: "walk" for "plugin:walk". Absent for a method
// of the library.
std::optional<std::string> PluginOfMethod(absl::string_view method);

// A plugin as a model with default limits and no options. `subject` is what is
// forecast, for errors.
ingest::Source ModelOf(absl::string_view plugin, absl::string_view subject);

// INVALID_ARGUMENT for a method that is neither of the library nor a plugin's,
// with the nearest name. Whether there is such a plugin is for others to say.
absl::Status CheckMethod(const std::string& method);
// INVALID_ARGUMENT for a number of periods that no forecast can have.
absl::Status CheckHorizon(int horizon);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_FORECAST_DEFINITION_H_
