#include "daemon/ingest/trial/conformance.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin/catalogue.h"
#include "daemon/ingest/plugin/forecast_verb.h"
#include "daemon/ingest/plugin/verbs.h"
#include "daemon/ingest/trial/finding.h"
#include "daemon/ingest/trial/read_checks.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"

namespace headway::ingest {
namespace {

using Result = CheckOutcome::Result;

constexpr char kSourceName[] = "conformance";
constexpr char kNoConfiguration[] = "there is no configuration to run with";
constexpr char kOnlyModel[] = "the plugin forecasts, and reads no source";

// Series of the kinds that a model meets: with a season, short with a missing
// value, constant at its bound.
plugin::v1::ForecastTable SampleTable() {
  plugin::v1::ForecastTable table;
  table.set_horizon(6);
  for (double p : {0.025, 0.1, 0.5, 0.9, 0.975}) table.add_probabilities(p);
  table.set_seed(1);
  table.set_paths(200);
  const auto add = [&](const char* id, int season,
                       const std::vector<double>& values, int left_out) {
    plugin::v1::SeriesToForecast& series = *table.add_series();
    series.set_id(id);
    series.set_frequency(plugin::v1::MONTHLY);
    series.set_unit("1");
    series.set_season(season);
    series.set_lower(0);
    const int32_t first = series::ParsePeriod("2015-01")->ordinal;
    const auto month = [&](int i) {
      return series::FormatPeriod({series::Frequency::kMonthly, first + i});
    };
    const int count = static_cast<int>(values.size());
    for (int i = 0; i < count; ++i) {
      if (i == left_out) continue;
      series.add_periods(month(i));
      series.add_values(values[i]);
      if (left_out < count) series.add_positions(i);
    }
    for (int h = 0; h < table.horizon(); ++h) {
      series.add_ahead(month(count + h));
    }
  };
  std::vector<double> seasonal;
  for (int i = 0; i < 60; ++i) seasonal.push_back(100 + i + 10 * (i % 12));
  constexpr int kNone = 1000;
  add("seasonal", 12, seasonal, kNone);
  add("short", 1, {3, 1, 4, 1, 5}, 2);
  add("constant", 1, std::vector<double>(20, 0), kNone);
  return table;
}

std::string FieldLine(absl::string_view what, absl::string_view name,
                      bool required, absl::string_view description) {
  return absl::StrCat(what, " ", name, required ? " (required)" : "",
                      description.empty() ? "" : ": ", description);
}

std::vector<std::string> DescriptionLines(
    const plugin::v1::Description& description, absl::string_view hash) {
  std::vector<std::string> lines;
  if (!description.summary().empty()) lines.push_back(description.summary());
  for (const auto& field : description.config()) {
    lines.push_back(FieldLine("option", field.name(), field.required(),
                              field.description()));
  }
  for (const auto& field : description.secrets()) {
    lines.push_back(FieldLine("secret", field.name(), field.required(),
                              field.description()));
  }
  for (const std::string& host : description.hosts()) {
    lines.push_back(absl::StrCat("host ", host));
  }
  lines.push_back(absl::StrCat("SHA-256 ", hash));
  return lines;
}

// The first of the series, a line each.
std::vector<std::string> SeriesLines(
    const std::vector<series::SeriesInfo>& found) {
  constexpr size_t kMost = 20;
  std::vector<std::string> lines;
  for (size_t i = 0; i < std::min(kMost, found.size()); ++i) {
    const series::SeriesInfo& info = found[i];
    lines.push_back(absl::StrCat(series::FormatSeriesKey(info.key), " (",
                                 series::FrequencyName(info.key.frequency),
                                 ") in ", info.unit.ToString(),
                                 info.title.empty() ? "" : ": ", info.title));
  }
  if (found.size() > kMost) {
    lines.push_back(absl::StrCat("… and ", found.size() - kMost, " more"));
  }
  return lines;
}

// Each check returns what was seen, or an error that says what is wrong.
class Suite {
 public:
  Suite(const std::string& path, std::map<std::string, std::string> config,
        const Limits& limits, const Isolation* isolation, Clock* clock)
      : isolation_(isolation), clock_(clock) {
    std::error_code ignored;
    plugin_.path = std::filesystem::absolute(path, ignored).string();
    plugin_.name = PluginNameOf(path);
    source_.name = kSourceName;
    source_.plugin = plugin_.name;
    source_.config = std::move(config);
    source_.limits = limits;
  }

  std::vector<CheckOutcome> Run() {
    Add("describe answers with one description in order", Describes());
    Add("an unknown verb fails", RefusesUnknownVerb());
    Add("a missing option is a CONFIG error", RefusesMissingOption());
    Add("the configuration is in order", Configures());
    Add("check finds the source in order", Checks());
    Add("discover answers with series in order", Discovers());
    Add("units are base units", UsesBaseUnits());
    AddReads();
    if (plugin_.description.forecasts()) AddForecasts();
    return std::move(outcomes_);
  }

 private:
  void AddReads() {
    Add("read delivers batches in order",
        OfRead([](ReadChecks& read) { return read.Delivers(); }));
    Add("read ends with a checkpoint",
        OfRead([](ReadChecks& read) { return read.EndsWithCheckpoint(); }));
    Add("discover names every series that read delivers",
        OfRead([this](ReadChecks& read) -> absl::StatusOr<Finding> {
          if (!discovered_) return SkippedCheck("discover failed");
          return read.AgreesWith(*discovered_);
        }));
    Add("read says the same twice from the same checkpoint",
        OfRead([](ReadChecks& read) { return read.SaysTheSameTwice(); }));
    Add("read gives each period of a series one value",
        OfRead([](ReadChecks& read) { return read.SaysEachValueOnce(); }));
    Add("read reaches its hosts alone",
        OfRead([](ReadChecks& read) { return read.KeepsToItsHosts(); }));
    Add("read goes on from its checkpoint and changes nothing",
        OfRead([](ReadChecks& read) { return read.GoesOnFromCheckpoint(); }));
    Add("read that was killed goes on to the same end",
        OfRead([](ReadChecks& read) { return read.GoesOnAfterKill(); }));
    Add("read ends when it is told to",
        OfRead([](ReadChecks& read) { return read.EndsWhenTold(); }));
    Add("a file that is not there is an error with a class",
        OfRead([](ReadChecks& read) { return read.ClassesErrors(); }));
  }
  void AddForecasts() {
    Add("forecast answers every series of a table in order", Forecasts());
    Add("forecast says the same with the same seed", ForecastsAgain());
  }
  void Add(absl::string_view name, absl::StatusOr<Finding> outcome) {
    CheckOutcome check;
    check.name = std::string(name);
    if (outcome.ok()) {
      check.explanation = std::move(outcome->text);
      check.details = std::move(outcome->details);
    } else {
      check.result = absl::IsUnimplemented(outcome.status()) ? Result::kSkipped
                                                             : Result::kFailed;
      check.explanation = std::string(outcome.status().message());
    }
    outcomes_.push_back(std::move(check));
  }

  // Runs a verb with a configuration of the suite's, past the daemon's checks.
  absl::Status Converse(const std::string& verb,
                        const std::map<std::string, std::string>& config) const;

  absl::StatusOr<Finding> Describes();
  absl::StatusOr<Finding> RefusesUnknownVerb() const;
  absl::StatusOr<Finding> RefusesMissingOption() const;
  absl::StatusOr<Finding> Configures();
  absl::StatusOr<Finding> Checks() const;
  absl::StatusOr<Finding> Discovers();
  absl::StatusOr<Finding> UsesBaseUnits() const;
  // A check of the verb `read`, where there is something to read with.
  template <typename Check>
  absl::StatusOr<Finding> OfRead(const Check& check) {
    if (!ready_) return SkippedCheck(kNoConfiguration);
    if (is_only_model_) return SkippedCheck(kOnlyModel);
    if (!read_) read_.emplace(*ready_, clock_);
    return check(*read_);
  }
  absl::StatusOr<Finding> Forecasts();
  absl::StatusOr<Finding> ForecastsAgain() const;

  const Isolation* const isolation_;
  Clock* const clock_;
  PluginInfo plugin_;
  Source source_;
  bool described_ = false;
  std::optional<ReadySource> ready_;
  std::optional<std::vector<series::SeriesInfo>> discovered_;
  std::optional<ReadChecks> read_;
  // A plugin that forecasts need not read.
  bool is_only_model_ = false;
  std::optional<std::vector<ModelForecast>> forecasts_;
  std::vector<CheckOutcome> outcomes_;
};

absl::Status Suite::Converse(
    const std::string& verb,
    const std::map<std::string, std::string>& config) const {
  Invocation invocation;
  invocation.plugin = plugin_.name;
  invocation.path = plugin_.path;
  invocation.verb = verb;
  invocation.request = NewRequest(clock_->Now());
  invocation.request.set_source(kSourceName);
  invocation.request.mutable_config()->insert(config.begin(), config.end());
  invocation.limits = source_.limits;
  invocation.isolation = isolation_;
  Listener listener;
  listener.on_message = [](const plugin::v1::PluginMessage&) {
    return absl::OkStatus();
  };
  return ingest::Converse(invocation, listener).status();
}

absl::StatusOr<Finding> Suite::Describes() {
  ASSIGN_OR_RETURN(plugin_.hash, HashFile(plugin_.path));
  ASSIGN_OR_RETURN(plugin_.description,
                   Describe(plugin_.name, plugin_.path, isolation_, clock_));
  described_ = true;
  return Finding(absl::StrCat(plugin_.description.name(), " ",
                              plugin_.description.version()),
                 DescriptionLines(plugin_.description, plugin_.hash));
}

absl::StatusOr<Finding> Suite::RefusesUnknownVerb() const {
  if (!described_) return SkippedCheck("describe failed");
  absl::Status status = Converse("no-such-verb", source_.config);
  if (IsCrash(status) || IsSaid(status)) return "it did";
  if (!status.ok()) return status;
  return absl::InternalError(
      "it ended with status 0; end with another for a verb that you do not "
      "know, so that a later protocol can add verbs");
}

absl::StatusOr<Finding> Suite::RefusesMissingOption() const {
  if (!described_) return SkippedCheck("describe failed");
  std::string required;
  for (const auto& field : plugin_.description.config()) {
    if (field.required()) required = field.name();
  }
  if (required.empty()) return SkippedCheck("no option is required");
  auto config = source_.config;
  config.erase(required);
  const std::string verb =
      plugin_.description.forecasts() ? "forecast" : "read";
  absl::Status status = Converse(verb, config);
  if (IsSaid(status) && absl::IsFailedPrecondition(status)) {
    return Finding(std::string(status.message()));
  }
  return absl::InternalError(absl::StrCat(
      "without the option ", required, ", ", verb, " ",
      status.ok() ? "ended well"
                  : absl::StrCat("failed so: ", status.message()),
      "; say an Error of class CONFIG that names it, and end with a status "
      "other than 0"));
}

absl::StatusOr<Finding> Suite::Configures() {
  if (!described_) return SkippedCheck("describe failed");
  ASSIGN_OR_RETURN(ready_,
                   MakeReady(plugin_, source_, {.isolation = isolation_}));
  std::vector<std::string> details;
  for (const auto& [name, value] : ready_->source.config) {
    details.push_back(absl::StrCat(name, "=", value));
  }
  return Finding(absl::StrCat(ready_->source.config.size(), " options, ",
                              ready_->secrets.size(), " secrets"),
                 std::move(details));
}

absl::StatusOr<Finding> Suite::Checks() const {
  if (!ready_) return SkippedCheck(kNoConfiguration);
  ASSIGN_OR_RETURN(plugin::v1::CheckResult result,
                   RunCheck(*ready_, clock_, {}));
  if (result.ok()) return Finding(result.message());
  return absl::InternalError(result.message());
}

absl::StatusOr<Finding> Suite::Discovers() {
  if (!ready_) return SkippedCheck(kNoConfiguration);
  auto discovered = RunDiscover(*ready_, clock_);
  if (plugin_.description.forecasts() && IsCrash(discovered.status())) {
    is_only_model_ = true;
    return SkippedCheck(kOnlyModel);
  }
  ASSIGN_OR_RETURN(discovered_, std::move(discovered));
  if (discovered_->empty()) {
    return absl::InternalError(
        "it found no series; define those that read can deliver");
  }
  return Finding(absl::StrCat(discovered_->size(), " series"),
                 SeriesLines(*discovered_));
}

// What authors write instead of converting. Symbols are free words, so that no
// parser can refuse these.
bool IsScaled(absl::string_view symbol) {
  static constexpr absl::string_view kScales[] = {
      "thousand", "million", "billion", "trillion", "mio", "mrd", "mln", "bln"};
  const std::string lower = absl::AsciiStrToLower(symbol);
  return std::any_of(
      std::begin(kScales), std::end(kScales), [&](absl::string_view scale) {
        return absl::StartsWith(lower, scale) || absl::EndsWith(lower, scale) ||
               absl::EndsWith(lower, absl::StrCat(scale, "s"));
      });
}

absl::StatusOr<Finding> Suite::UsesBaseUnits() const {
  if (!discovered_) {
    return SkippedCheck(is_only_model_ ? kOnlyModel : "discover failed");
  }
  std::map<std::string, int64_t> counts;
  for (const series::SeriesInfo& info : *discovered_) {
    for (const auto& [symbol, exponent] : info.unit.exponents()) {
      if (!IsScaled(symbol)) continue;
      return absl::InternalError(absl::StrCat(
          series::FormatSeriesKey(info.key), " has the unit ",
          info.unit.ToString(),
          "; convert its values to the base unit, such as USD, and say that"));
    }
    ++counts[info.unit.ToString()];
  }
  std::vector<std::string> details;
  for (const auto& [unit, count] : counts) {
    details.push_back(absl::StrCat(unit, ": ", count, " series"));
  }
  return Finding(absl::StrCat(counts.size(), " units"), std::move(details));
}

absl::StatusOr<Finding> Suite::Forecasts() {
  if (!ready_) return SkippedCheck(kNoConfiguration);
  ASSIGN_OR_RETURN(auto answers,
                   RunForecast(*ready_, SampleTable(), clock_, {}));
  std::vector<ModelForecast> forecasts;
  for (absl::StatusOr<ModelForecast>& answer : answers) {
    ASSIGN_OR_RETURN(forecasts.emplace_back(), std::move(answer));
  }
  forecasts_ = std::move(forecasts);
  return Finding(absl::StrCat(forecasts_->size(), " series"));
}

absl::StatusOr<Finding> Suite::ForecastsAgain() const {
  if (!forecasts_) return SkippedCheck("forecast failed");
  const plugin::v1::ForecastTable table = SampleTable();
  ASSIGN_OR_RETURN(const auto again, RunForecast(*ready_, table, clock_, {}));
  for (size_t i = 0; i < again.size(); ++i) {
    RETURN_IF_ERROR(again[i].status());
    if (again[i]->quantiles != (*forecasts_)[i].quantiles) {
      return absl::InternalError(absl::StrCat(
          "the quantiles of series ", table.series(static_cast<int>(i)).id(),
          " differ from one run to the next; seed what you draw at random with "
          "the table's seed"));
    }
  }
  return "to the last digit";
}

}  // namespace

std::vector<CheckOutcome> RunConformance(
    const std::string& path, const std::map<std::string, std::string>& config,
    const Limits& limits, const Isolation* isolation, Clock* clock) {
  return Suite(path, config, limits, isolation, clock).Run();
}

}  // namespace headway::ingest
