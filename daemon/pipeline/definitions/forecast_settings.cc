#include "daemon/pipeline/definitions/forecast_settings.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/pipeline/definitions/explanations.h"
#include "daemon/pipeline/definitions/source_settings.h"

namespace headway::pipeline {
namespace {

forecast::Bounds ToBounds(config::v1::Bounds bounds) {
  switch (bounds) {
    case config::v1::BOUNDS_NON_NEGATIVE:
      return forecast::Bounds::kNonNegative;
    case config::v1::BOUNDS_PERCENT:
      return forecast::Bounds::kPercent;
    case config::v1::BOUNDS_FRACTION:
      return forecast::Bounds::kFraction;
    default:
      return forecast::Bounds::kNone;
  }
}

forecast::Quantity ToQuantity(config::v1::Quantity quantity) {
  using forecast::Quantity;
  switch (quantity) {
    case config::v1::QUANTITY_LEVEL:
      return Quantity::kLevel;
    case config::v1::QUANTITY_INDEX:
      return Quantity::kIndex;
    case config::v1::QUANTITY_COUNT:
      return Quantity::kCount;
    case config::v1::QUANTITY_SHARE:
      return Quantity::kShare;
    case config::v1::QUANTITY_RECORD:
      return Quantity::kRecord;
    case config::v1::QUANTITY_RATE:
      return Quantity::kRate;
    case config::v1::QUANTITY_BALANCE:
      return Quantity::kBalance;
    case config::v1::QUANTITY_GROWTH:
      return Quantity::kGrowth;
    default:
      return Quantity::kInferred;
  }
}

Through ToThrough(config::v1::Through through) {
  switch (through) {
    case config::v1::INDICATORS:
      return Through::kIndicators;
    case config::v1::MIXTURE:
      return Through::kMixture;
    default:
      return Through::kDirect;
  }
}

// Checks the names of method and models, and enters the plugins among them.
std::vector<FieldError> TakeMethods(const config::v1::Forecast& config,
                                    absl::string_view indicator,
                                    ForecastDefinition& definition) {
  std::vector<FieldError> errors;
  const auto take = [&](const char* field, const std::string& method) {
    if (const absl::Status status = CheckMethod(method); !status.ok()) {
      errors.push_back({{field}, std::string(status.message())});
    } else if (const auto plugin = PluginOfMethod(method)) {
      definition.plugins.emplace(*plugin, ModelOf(*plugin, indicator));
    }
  };
  if (!config.method().empty()) {
    definition.method = config.method();
    take("method", config.method());
    if (config.models_size() > 0) {
      errors.push_back({{"method"},
                        "method and models are both given; name the method "
                        "among the models, or leave the models out"});
    }
  }
  std::set<std::string> seen;
  for (const std::string& model : config.models()) {
    definition.models.push_back(model);
    take("models", model);
    if (seen.insert(model).second) continue;
    errors.push_back(
        {{"models"},
         absl::StrCat("model \"", model, "\" is named twice; name it once")});
  }
  return errors;
}

}  // namespace

std::vector<FieldError> TakeForecast(
    const config::v1::Forecast& config, absl::string_view indicator,
    absl::Time now,
    absl::FunctionRef<std::vector<FieldError>(
        const google::protobuf::Map<std::string, std::string>&,
        std::map<std::string, std::string>&)>
        fill_in,
    ForecastDefinition& definition) {
  definition.disabled = config.disabled();
  definition.horizon = config.horizon();
  definition.bounds = ToBounds(config.bounds());
  definition.quantity = ToQuantity(config.quantity());
  definition.through = ToThrough(config.through());
  std::vector<FieldError> errors = TakeMethods(config, indicator, definition);
  for (std::vector<FieldError> more :
       {TakeBreaks(config, now, definition),
        TakeRegressors(config, now, definition)}) {
    errors.insert(errors.end(), more.begin(), more.end());
  }
  const auto fail = [&](FieldPath path, std::string message) {
    errors.push_back({std::move(path), std::move(message)});
  };
  if (const absl::Status status = CheckHorizon(config.horizon());
      !status.ok()) {
    fail({"horizon"}, std::string(status.message()));
  }
  for (const config::v1::ModelPlugin& settings : config.plugin()) {
    const auto named = definition.plugins.find(settings.name());
    if (named == definition.plugins.end()) {
      fail({"plugin"},
           absl::StrCat("plugin \"", settings.name(),
                        "\" is set up, and neither method nor models name it; "
                        "write plugin:",
                        settings.name(), " there"));
      continue;
    }
    ingest::Source& model = named->second;
    for (FieldError& error : fill_in(settings.config(), model.config)) {
      fail({"plugin"}, std::move(error.message));
    }
    for (FieldError& error : TakeLimits(settings.limits(), model.limits)) {
      fail({"plugin"}, std::move(error.message));
    }
    model.allow_hosts.assign(settings.allow_host().begin(),
                             settings.allow_host().end());
  }
  return errors;
}

}  // namespace headway::pipeline
