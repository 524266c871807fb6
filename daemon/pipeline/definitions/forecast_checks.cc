#include "daemon/pipeline/definitions/forecast_checks.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"

namespace headway::pipeline {
namespace {

absl::Status CheckPeriod(const char* field, series::Period period,
                         const std::string& name, series::Frequency own) {
  if (period.frequency == own) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      field, " \"", series::FormatPeriod(period), "\" is ",
      series::FrequencyName(period.frequency), ", and indicator \"", name,
      "\" is ", series::FrequencyName(own), "; write a period like \"",
      series::FormatPeriod(
          series::PeriodContaining(own, series::FirstDay(period))),
      "\""));
}

absl::Status CheckIsIndicator(
    const std::string& used,
    const std::map<std::string, Indicator>& indicators) {
  if (indicators.count(used) > 0) return absl::OkStatus();
  std::vector<std::string> known;
  for (const auto& [other, indicator] : indicators) known.push_back(other);
  const std::string suggestion = DidYouMean(used, known);
  return absl::InvalidArgumentError(absl::StrCat(
      "regressor \"", used, "\" is no indicator",
      suggestion.empty() ? "; define it, or name one that is" : suggestion));
}

}  // namespace

absl::Status CheckForecastOf(const std::string& name,
                             const std::map<std::string, Indicator>& indicators,
                             const FrequencyMap& frequencies) {
  const ForecastDefinition& forecast = indicators.at(name).forecast;
  const auto own = frequencies.find(name);
  if (own != frequencies.end()) {
    for (const auto& [field, period] : PeriodsOf(forecast)) {
      RETURN_IF_ERROR(CheckPeriod(field, period, name, own->second));
    }
  }
  for (const std::string& used : IndicatorsAmong(forecast.regressors)) {
    RETURN_IF_ERROR(CheckIsIndicator(used, indicators));
    const auto other = frequencies.find(used);
    if (own == frequencies.end() || other == frequencies.end() ||
        own->second == other->second) {
      continue;
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "regressor \"", used, "\" is ", series::FrequencyName(other->second),
        ", and indicator \"", name, "\" is ",
        series::FrequencyName(own->second),
        "; resample it in an indicator of its own, and name that"));
  }
  return absl::OkStatus();
}

}  // namespace headway::pipeline
