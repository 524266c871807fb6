#include "daemon/pipeline/definitions/loader.h"

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/source/errors.h"
#include "daemon/pipeline/definitions/forecast_checks.h"
#include "daemon/pipeline/definitions/forecast_settings.h"
#include "daemon/pipeline/definitions/member_sets.h"
#include "daemon/pipeline/definitions/source_settings.h"
#include "daemon/pipeline/definitions/supersession.h"
#include "daemon/pipeline/definitions/text/file.h"
#include "daemon/pipeline/definitions/text/name.h"
#include "daemon/pipeline/definitions/text/text_file.h"
#include "daemon/schedule/cron.h"

namespace headway::pipeline {
namespace {

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

// What an error of a source is about: the option that it names, else the
// plugin.
FieldPath PathOf(const absl::Status& status) {
  if (auto option = ingest::OptionAtFault(status)) {
    return {"config", *std::move(option)};
  }
  return {"plugin"};
}

std::string FormatPlace(const DefinitionFile& file, Place place) {
  return absl::StrCat(file.path(), ":", place.line, ":", place.column);
}

// What an error is about, as far as it is known.
struct Subject {
  std::string pipeline;
  std::string source;
  std::string indicator;
};

// The plugins that a forecast names as its models.
void AddPlugins(const config::v1::Forecast& forecast,
                std::set<std::string>& names) {
  if (const auto plugin = PluginOfMethod(forecast.method())) {
    names.insert(*plugin);
  }
  for (const std::string& model : forecast.models()) {
    if (const auto plugin = PluginOfMethod(model)) names.insert(*plugin);
  }
}

class Loader {
 public:
  // The files outlive the loader.
  Loader(const LoadOptions& options, const DefinitionFiles& files)
      : options_(options),
        files_(files),
        now_(options.clock != nullptr ? options.clock->Now()
                                      : RealClock().Now()) {}

  Definitions Load();

 private:
  // Where an indicator or a source stands, for what is found once all are
  // known.
  struct Origin {
    const DefinitionFile* file;
    Locator locator;
  };

  // All of them at once, so that none waits for another below.
  void DescribePlugins();
  void AddFile(const DefinitionFile& file);
  void AddError(const DefinitionFile& file, Place place, const Subject& subject,
                absl::string_view message, bool is_consequence = false);
  void AddPipeline(const DefinitionFile& file, const Locator& locator,
                   const config::v1::Pipeline& config);
  void AddSchedule(const DefinitionFile& file, const Locator& locator,
                   const config::v1::Schedule& config, Pipeline& pipeline);
  // By its definition, or by hand.
  bool IsOff(const config::v1::Source& config) const;
  void AddSource(const DefinitionFile& file, const Locator& locator,
                 const config::v1::Source& config, Pipeline& pipeline);
  void AddIndicator(const DefinitionFile& file, const Locator& locator,
                    const config::v1::Indicator& config, Pipeline& pipeline);
  void CheckModels(const DefinitionFile& file, const Locator& locator,
                   const Indicator& indicator);
  void CheckSupersession();
  void CheckCycles();
  std::optional<std::string> BrokenInput(const std::string& name) const;
  absl::StatusOr<query::TypeInfo> CheckType(const std::string& name) const;
  InputMap InputsOfAll() const;
  void CheckForecasts(const std::vector<std::string>& names);
  absl::Status CheckMembersOf(const std::string& name) const;
  void CheckExpressions();
  // `field` is the one at fault.
  void Disable(const std::string& indicator, absl::string_view message,
               bool is_consequence = false, const char* field = "expression");
  void SortErrors();

  const LoadOptions options_;
  const DefinitionFiles& files_;
  const absl::Time now_;
  FrequencyMap frequencies_;
  std::map<std::string, std::string> pipeline_places_;
  std::map<std::string, std::string> source_places_;
  std::map<std::string, Origin> source_origins_;
  std::map<std::string, Origin> indicator_origins_;
  Definitions definitions_;
};

void Loader::AddError(const DefinitionFile& file, Place place,
                      const Subject& subject, absl::string_view message,
                      bool is_consequence) {
  definitions_.errors.push_back(
      {file.path(), place.line, place.column, subject.pipeline, subject.source,
       subject.indicator, std::string(message), is_consequence});
}

void Loader::AddFile(const DefinitionFile& file) {
  if (file.error().has_value()) {
    AddError(file, file.error()->place, {}, file.error()->message);
  }
  for (int i = 0; i < file.message().pipeline_size(); ++i) {
    AddPipeline(file, file.locator().Nested("pipeline", i),
                file.message().pipeline(i));
  }
}

void Loader::AddPipeline(const DefinitionFile& file, const Locator& locator,
                         const config::v1::Pipeline& config) {
  if (absl::Status status = CheckName("pipeline", config.name(), "-_");
      !status.ok()) {
    AddError(file, locator.Find({"name"}), {}, status.message());
    return;
  }
  const auto [known, is_new] = pipeline_places_.emplace(
      config.name(), FormatPlace(file, locator.self()));
  if (!is_new) {
    AddError(
        file, locator.Find({"name"}), {.pipeline = config.name()},
        absl::StrCat("pipeline \"", config.name(), "\" is defined already at ",
                     known->second, "; rename one of them"));
    return;
  }
  Pipeline& pipeline = definitions_.pipelines[config.name()];
  pipeline.name = config.name();
  pipeline.title = config.title();
  pipeline.description = config.description();
  pipeline.job.name = config.name();
  if (config.has_schedule()) {
    AddSchedule(file, locator.Nested("schedule"), config.schedule(), pipeline);
  }
  for (int i = 0; i < config.source_size(); ++i) {
    AddSource(file, locator.Nested("source", i), config.source(i), pipeline);
  }
  for (int i = 0; i < config.indicator_size(); ++i) {
    AddIndicator(file, locator.Nested("indicator", i), config.indicator(i),
                 pipeline);
  }
}

void Loader::AddSchedule(const DefinitionFile& file, const Locator& locator,
                         const config::v1::Schedule& config,
                         Pipeline& pipeline) {
  pipeline.cron = config.cron();
  pipeline.time_zone = config.time_zone();
  const auto fail = [&](const char* field, absl::string_view message) {
    AddError(file, locator.Find({field}), {.pipeline = pipeline.name}, message);
    pipeline.runs = false;
  };
  const absl::StatusOr<schedule::Cron> cron =
      schedule::Cron::Parse(config.cron());
  if (!cron.ok()) fail("cron", cron.status().message());
  const absl::StatusOr<absl::TimeZone> zone =
      schedule::LoadTimeZone(config.time_zone());
  if (!zone.ok()) fail("time_zone", zone.status().message());
  const absl::Duration jitter = ToDuration(config.jitter());
  if (jitter < absl::ZeroDuration()) {
    fail("jitter", "jitter is negative; write a duration from 0");
  }
  const absl::Duration window = ToDuration(config.catch_up_window());
  if (window < absl::ZeroDuration()) {
    fail("catch_up_window",
         "catch_up_window is negative; write a duration from 0");
  }
  if (!pipeline.runs) return;
  schedule::Schedule schedule = {*cron, *zone, jitter};
  switch (config.catch_up()) {
    case config::v1::CATCH_UP_NONE:
      schedule.catch_up = schedule::CatchUp::kNone;
      break;
    case config::v1::CATCH_UP_ALL:
      schedule.catch_up = schedule::CatchUp::kAll;
      break;
    default:
      schedule.catch_up = schedule::CatchUp::kLatest;
  }
  if (config.has_catch_up_window()) schedule.catch_up_window = window;
  schedule.paused = config.paused();
  pipeline.job.schedule = std::move(schedule);
}

bool Loader::IsOff(const config::v1::Source& config) const {
  const auto by_hand = options_.switches.find(config.name());
  return by_hand == options_.switches.end() ? config.disabled()
                                            : !by_hand->second;
}

void Loader::AddSource(const DefinitionFile& file, const Locator& locator,
                       const config::v1::Source& config, Pipeline& pipeline) {
  if (absl::Status status = CheckName("source", config.name(), "-_");
      !status.ok()) {
    AddError(file, locator.Find({"name"}), {.pipeline = pipeline.name},
             status.message());
    return;
  }
  const auto [known, is_new] =
      source_places_.emplace(config.name(), FormatPlace(file, locator.self()));
  if (!is_new) {
    // Two of one name would overwrite each other's checkpoints.
    AddError(
        file, locator.Find({"name"}), {.pipeline = pipeline.name},
        absl::StrCat("source \"", config.name(), "\" is defined already at ",
                     known->second, "; rename one of them"));
    return;
  }
  Source source;
  source.pipeline = pipeline.name;
  source.declared_disabled = config.disabled();
  source.disabled = IsOff(config);
  source.switched = source.disabled != config.disabled();
  source.source.name = config.name();
  source.source.plugin = config.plugin();
  source.supersedes = config.supersedes();
  source.source.precedence = config.precedence();
  source.source.accept_suspicious = config.accept_suspicious();
  if (source.source.precedence == 0 && !source.supersedes.empty()) {
    source.source.precedence = 1;
  }
  const auto fail = [&](Place place, absl::string_view message) {
    AddError(file, place, {.pipeline = pipeline.name, .source = config.name()},
             message);
    source.disabled = true;
  };
  if (store::IsByHand(config.name())) {
    fail(locator.Find({"name"}),
         absl::StrCat("source name \"", config.name(),
                      "\" stands for corrections by hand; choose another"));
  }
  if (config.plugin().empty()) {
    fail(locator.self(), absl::StrCat("source \"", config.name(),
                                      "\" names no plugin; add plugin: "
                                      "\"NAME\""));
  }
  for (const FieldError& error :
       FillIn(file.path(), config.config(), source.source.config)) {
    fail(locator.Find(error.path), error.message);
  }
  for (const FieldError& error : TakeSettings(config, source)) {
    fail(locator.Find(error.path), error.message);
  }

  if (!source.disabled && options_.plugins != nullptr) {
    if (absl::Status status = options_.plugins->CheckConfig(source.source);
        !status.ok()) {
      AddError(file, locator.Find(PathOf(status)),
               {.pipeline = pipeline.name, .source = config.name()},
               status.message());
    }
  }
  pipeline.sources.push_back(config.name());
  source_origins_.emplace(config.name(), Origin{&file, locator});
  definitions_.sources[config.name()] = std::move(source);
}

void Loader::AddIndicator(const DefinitionFile& file, const Locator& locator,
                          const config::v1::Indicator& config,
                          Pipeline& pipeline) {
  const std::string& name = config.name();
  if (absl::Status status = CheckName("indicator", name, "_"); !status.ok()) {
    AddError(file, locator.Find({"name"}), {.pipeline = pipeline.name},
             status.message());
    return;
  }
  const auto [origin, is_new] =
      indicator_origins_.emplace(name, Origin{&file, locator});
  if (!is_new) {
    AddError(file, locator.Find({"name"}), {.pipeline = pipeline.name},
             absl::StrCat("indicator \"", name, "\" is defined already at ",
                          FormatPlace(*origin->second.file,
                                      origin->second.locator.self()),
                          "; rename one of them"));
    return;
  }
  Indicator& indicator = definitions_.indicators[name];
  indicator.name = name;
  indicator.title = config.title();
  indicator.meaning = config.meaning();
  indicator.expression = config.expression();
  indicator.topic = config.topic();
  indicator.members = ToMemberSets(config);
  indicator.pipeline = pipeline.name;
  pipeline.indicators.push_back(name);

  bool good = true;
  const auto fail = [&](Place place, absl::string_view message) {
    AddError(file, place, {.pipeline = pipeline.name, .indicator = name},
             message);
    good = false;
  };
  absl::StatusOr<query::Expression> expression =
      query::Parse(config.expression());
  if (!expression.ok()) {
    fail(locator.Find({"expression"}), expression.status().message());
  }
  if (config.unit().empty()) {
    fail(locator.self(),
         absl::StrCat("indicator \"", name,
                      "\" has no unit; add one, unit: \"1\" for a plain "
                      "number"));
  } else if (auto unit = series::Unit::Parse(config.unit()); unit.ok()) {
    indicator.unit = *std::move(unit);
  } else {
    fail(locator.Find({"unit"}), unit.status().message());
  }
  for (const FieldError& error : TakeForecast(
           config.forecast(), name, now_,
           [&](const auto&options, auto&filled) {
             return FillIn(file.path(), options, filled);
           },
           indicator.forecast)) {
    FieldPath path = error.path;
    path.insert(path.begin(), "forecast");
    fail(locator.Find(path), error.message);
  }
  CheckModels(file, locator, indicator);
  if (good) {
    definitions_.expressions.emplace(
        name, query::IndicatorDefinition{*std::move(expression), indicator.unit,
                                         indicator.members});
  }
}

// A plugin that is missing or refuses its options is reported, and the forecast
// is still tried: plugins come and go.
void Loader::CheckModels(const DefinitionFile& file, const Locator& locator,
                         const Indicator& indicator) {
  if (options_.plugins == nullptr || indicator.forecast.disabled) return;
  for (const auto& [plugin, model] : indicator.forecast.plugins) {
    const absl::Status status = options_.plugins->CheckModel(model);
    if (status.ok()) continue;
    AddError(
        file,
        locator.Find({"forecast",
                      indicator.forecast.models.empty() ? "method" : "models"}),
        {.pipeline = indicator.pipeline, .indicator = indicator.name},
        status.message());
  }
}

void Loader::Disable(const std::string& indicator, absl::string_view message,
                     bool is_consequence, const char* field) {
  const Origin& origin = indicator_origins_.at(indicator);
  AddError(*origin.file, origin.locator.Find({field}),
           {.pipeline = definitions_.indicators[indicator].pipeline,
            .indicator = indicator},
           message, is_consequence);
  definitions_.expressions.erase(indicator);
}

void Loader::CheckSupersession() {
  for (const SupersessionError& error :
       ArrangeSupersession(definitions_.sources)) {
    const Origin& origin = source_origins_.at(error.source);
    AddError(*origin.file, origin.locator.Find({"supersedes"}),
             {.pipeline = definitions_.sources.at(error.source).pipeline,
              .source = error.source},
             error.message);
  }
}

void Loader::CheckCycles() {
  const InputMap inputs = InputsOfAll();
  for (const auto& [name, of] : inputs) {
    const std::vector<std::string> cycle = CycleThrough(inputs, name);
    if (cycle.empty()) continue;
    Disable(name, absl::StrCat("indicator \"", name,
                               "\" uses itself: ", absl::StrJoin(cycle, " -> "),
                               "; break the cycle"));
  }
}

// The names that an indicator uses and that are wrong themselves.
std::optional<std::string> Loader::BrokenInput(const std::string& name) const {
  const query::Expression& expression =
      definitions_.expressions.at(name).expression;
  for (const std::string& used : expression.BareNames()) {
    if (definitions_.indicators.count(used) > 0 &&
        definitions_.expressions.count(used) == 0) {
      return used;
    }
  }
  for (const std::string& used :
       IndicatorsAmong(definitions_.indicators.at(name).forecast.regressors)) {
    if (definitions_.indicators.count(used) > 0 &&
        definitions_.expressions.count(used) == 0) {
      return used;
    }
  }
  return std::nullopt;
}

absl::StatusOr<query::TypeInfo> Loader::CheckType(
    const std::string& name) const {
  const query::IndicatorDefinition& definition =
      definitions_.expressions.at(name);
  ASSIGN_OR_RETURN(const query::TypeInfo type,
                   query::Check(definition.expression, definitions_.expressions,
                                options_.reader));
  if (type.is_number) {
    return absl::InvalidArgumentError(
        "the expression is a number; an indicator is over series");
  }
  if (type.unit.has_value() && !type.unit->CanBeLabelled(definition.unit)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the expression has the unit \"", type.unit->ToString(),
                     "\" and the indicator declares \"",
                     definition.unit.ToString(), "\"; correct one of them"));
  }
  return type;
}

// Of those that are not disabled, with their regressors.
InputMap Loader::InputsOfAll() const {
  InputMap inputs = FindInputs(definitions_.expressions);
  for (auto& [name, of] : inputs) {
    of.regressors =
        IndicatorsAmong(definitions_.indicators.at(name).forecast.regressors);
  }
  return inputs;
}

// Once it is known which of the indicators work, and how often they have
// values.
void Loader::CheckForecasts(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (definitions_.expressions.count(name) == 0) continue;
    const absl::Status status =
        CheckForecastOf(name, definitions_.indicators, frequencies_);
    if (status.ok()) continue;
    Disable(name, status.message(), /*is_consequence=*/false, "forecast");
  }
  // One that is disabled may be the regressor of another, or its input.
  for (bool changed = true; changed;) {
    changed = false;
    for (const std::string& name : names) {
      if (definitions_.expressions.count(name) == 0) continue;
      const std::optional<std::string> broken = BrokenInput(name);
      if (!broken.has_value()) continue;
      Disable(
          name,
          absl::StrCat("uses indicator \"", *broken, "\", which has errors"),
          /*is_consequence=*/true);
      changed = true;
    }
  }
}

absl::Status Loader::CheckMembersOf(const std::string& name) const {
  const query::IndicatorDefinition& definition =
      definitions_.expressions.at(name);
  return query::CheckMembers(definition.expression, definition.members,
                             definitions_.expressions);
}

void Loader::CheckExpressions() {
  CheckCycles();
  // Without cycles there is an order; in it, what is used is checked first.
  absl::StatusOr<std::vector<std::string>> order =
      query::EvaluationOrder(definitions_.expressions);
  if (!order.ok()) {
    // Not reached as long as CheckCycles and query agree on references.
    for (const auto& [name, indicator] : definitions_.indicators) {
      if (definitions_.expressions.count(name) > 0) {
        Disable(name, order.status().message());
      }
    }
    return;
  }
  for (const std::string& name : *order) {
    if (const auto broken = BrokenInput(name); broken.has_value()) {
      Disable(
          name,
          absl::StrCat("uses indicator \"", *broken, "\", which has errors"),
          /*is_consequence=*/true);
    } else if (auto type = CheckType(name); !type.ok()) {
      Disable(name, type.status().message());
    } else if (absl::Status members = CheckMembersOf(name); !members.ok()) {
      Disable(name, members.message(), /*is_consequence=*/false, "members");
    } else if (type->frequency.has_value()) {
      frequencies_[name] = *type->frequency;
    }
  }
  CheckForecasts(*order);
  definitions_.inputs = InputsOfAll();
  for (const std::string& name : *order) {
    if (definitions_.expressions.count(name) == 0) continue;
    definitions_.evaluation_order.push_back(name);
    Indicator& indicator = definitions_.indicators[name];
    StableHash hash;
    hash.Add(indicator.expression).Add(indicator.unit.ToString());
    for (const query::MemberSet& set : indicator.members) {
      hash.Add(set.label);
      for (const std::string& value : set.values) hash.Add(value);
    }
    for (const std::string& used : definitions_.inputs[name].indicators) {
      hash.Add(definitions_.indicators[used].fingerprint);
    }
    indicator.fingerprint = hash.value();
  }
}

void Loader::SortErrors() {
  std::map<std::string, size_t> position;
  for (size_t i = 0; i < files_.size(); ++i) position[files_[i]->path()] = i;
  std::stable_sort(definitions_.errors.begin(), definitions_.errors.end(),
                   [&](const DefinitionError& a, const DefinitionError& b) {
                     return std::tuple(position[a.file], a.line, a.column) <
                            std::tuple(position[b.file], b.line, b.column);
                   });
}

void Loader::DescribePlugins() {
  if (options_.plugins == nullptr) return;
  std::set<std::string> names;
  for (const auto& file : files_) {
    for (const config::v1::Pipeline& pipeline : file->message().pipeline()) {
      for (const config::v1::Source& source : pipeline.source()) {
        if (!IsOff(source)) names.insert(source.plugin());
      }
      for (const config::v1::Indicator& indicator : pipeline.indicator()) {
        AddPlugins(indicator.forecast(), names);
      }
    }
  }
  options_.plugins->DescribePlugins(names);
}

Definitions Loader::Load() {
  DescribePlugins();
  for (const auto& file : files_) AddFile(*file);
  CheckSupersession();
  CheckExpressions();
  SortErrors();
  return std::move(definitions_);
}

}  // namespace

Definitions LoadParsed(const DefinitionFiles& files,
                       const LoadOptions& options) {
  return Loader(options, files).Load();
}

}  // namespace headway::pipeline
