#include "daemon/ingest/conformance.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin/catalogue.h"
#include "daemon/ingest/plugin/forecast_verb.h"
#include "daemon/ingest/plugin/verbs.h"
#include "daemon/ingest/pull/read.h"
#include "daemon/ingest/sandbox/private_directory.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"
#include "daemon/store/store.h"

namespace headway::ingest {
namespace {

using Result = CheckOutcome::Result;

constexpr char kSourceName[] = "conformance";
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
    Add("read delivers batches in order", Reads());
    Add("read ends with a checkpoint", EndsWithCheckpoint());
    Add("discover names every series that read delivers", Agrees());
    Add("read goes on from its checkpoint and changes nothing", ReadsAgain());
    if (plugin_.description.forecasts()) AddForecasts();
    return std::move(outcomes_);
  }

 private:
  void AddForecasts() {
    Add("forecast answers every series of a table in order", Forecasts());
    Add("forecast says the same with the same seed", ForecastsAgain());
  }
  void Add(absl::string_view name, absl::StatusOr<std::string> outcome) {
    CheckOutcome check;
    check.name = std::string(name);
    if (outcome.ok()) {
      check.explanation = *std::move(outcome);
    } else {
      check.result = absl::IsUnimplemented(outcome.status()) ? Result::kSkipped
                                                             : Result::kFailed;
      check.explanation = std::string(outcome.status().message());
    }
    outcomes_.push_back(std::move(check));
  }

  // UNIMPLEMENTED, which no operation returns, marks a check that cannot be
  // made.
  static absl::Status Skipped(absl::string_view why) {
    return absl::UnimplementedError(why);
  }

  // Runs a verb with a configuration of the suite's, past the daemon's checks.
  absl::Status Converse(const std::string& verb,
                        const std::map<std::string, std::string>& config) const;

  absl::StatusOr<std::string> Describes();
  absl::StatusOr<std::string> RefusesUnknownVerb() const;
  absl::StatusOr<std::string> RefusesMissingOption() const;
  absl::StatusOr<std::string> Configures();
  absl::StatusOr<std::string> Checks() const;
  absl::StatusOr<std::string> Discovers();
  absl::StatusOr<std::string> Reads();
  absl::StatusOr<std::string> EndsWithCheckpoint() const;
  absl::StatusOr<std::string> Agrees() const;
  absl::StatusOr<std::string> ReadsAgain() const;
  absl::StatusOr<std::string> Forecasts();
  absl::StatusOr<std::string> ForecastsAgain() const;

  const Isolation* const isolation_;
  Clock* const clock_;
  PluginInfo plugin_;
  Source source_;
  bool described_ = false;
  std::optional<ReadySource> ready_;
  std::optional<std::vector<series::SeriesInfo>> discovered_;
  // The directory outlives the store in it.
  std::optional<PrivateDirectory> directory_;
  std::unique_ptr<store::Store> store_;
  std::optional<PullReport> report_;
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

absl::StatusOr<std::string> Suite::Describes() {
  ASSIGN_OR_RETURN(plugin_.hash, HashFile(plugin_.path));
  ASSIGN_OR_RETURN(plugin_.description,
                   Describe(plugin_.name, plugin_.path, isolation_, clock_));
  described_ = true;
  return absl::StrCat(plugin_.description.name(), " ",
                      plugin_.description.version());
}

absl::StatusOr<std::string> Suite::RefusesUnknownVerb() const {
  if (!described_) return Skipped("describe failed");
  absl::Status status = Converse("no-such-verb", source_.config);
  if (IsCrash(status) || IsSaid(status)) return "it did";
  if (!status.ok()) return status;
  return absl::InternalError(
      "it ended with status 0; end with another for a verb that you do not "
      "know, so that a later protocol can add verbs");
}

absl::StatusOr<std::string> Suite::RefusesMissingOption() const {
  if (!described_) return Skipped("describe failed");
  std::string required;
  for (const auto& field : plugin_.description.config()) {
    if (field.required()) required = field.name();
  }
  if (required.empty()) return Skipped("no option is required");
  auto config = source_.config;
  config.erase(required);
  const std::string verb =
      plugin_.description.forecasts() ? "forecast" : "read";
  absl::Status status = Converse(verb, config);
  if (IsSaid(status) && absl::IsFailedPrecondition(status)) {
    return std::string(status.message());
  }
  return absl::InternalError(absl::StrCat(
      "without the option ", required, ", ", verb, " ",
      status.ok() ? "ended well"
                  : absl::StrCat("failed so: ", status.message()),
      "; say an Error of class CONFIG that names it, and end with a status "
      "other than 0"));
}

absl::StatusOr<std::string> Suite::Configures() {
  if (!described_) return Skipped("describe failed");
  ASSIGN_OR_RETURN(ready_, MakeReady(plugin_, source_, isolation_));
  return absl::StrCat(ready_->source.config.size(), " options, ",
                      ready_->secrets.size(), " secrets");
}

absl::StatusOr<std::string> Suite::Checks() const {
  if (!ready_) return Skipped("there is no configuration to run with");
  ASSIGN_OR_RETURN(plugin::v1::CheckResult result,
                   RunCheck(*ready_, clock_, {}));
  if (result.ok()) return result.message();
  return absl::InternalError(result.message());
}

absl::StatusOr<std::string> Suite::Discovers() {
  if (!ready_) return Skipped("there is no configuration to run with");
  auto discovered = RunDiscover(*ready_, clock_);
  if (plugin_.description.forecasts() && IsCrash(discovered.status())) {
    is_only_model_ = true;
    return Skipped(kOnlyModel);
  }
  ASSIGN_OR_RETURN(discovered_, std::move(discovered));
  if (discovered_->empty()) {
    return absl::InternalError(
        "it found no series; define those that read can deliver");
  }
  return absl::StrCat(discovered_->size(), " series");
}

absl::StatusOr<std::string> Suite::Reads() {
  if (!ready_) return Skipped("there is no configuration to run with");
  if (is_only_model_) return Skipped(kOnlyModel);
  ASSIGN_OR_RETURN(PrivateDirectory directory, PrivateDirectory::Create());
  directory_.emplace(std::move(directory));
  ASSIGN_OR_RETURN(
      store_, store::Store::Open(directory_->path() + "/store", clock_, {}));
  ASSIGN_OR_RETURN(report_,
                   RunRead(*ready_, "conformance", clock_, store_.get(), {}));
  if (report_->observations_read == 0) {
    return absl::InternalError(
        "it delivered no observations; test with a configuration that yields "
        "some");
  }
  return absl::StrCat(report_->observations_read, " observations of ",
                      report_->series, " series");
}

absl::StatusOr<std::string> Suite::EndsWithCheckpoint() const {
  if (!report_) return Skipped("read failed");
  if (report_->observations_dropped == 0) return "nothing is lost";
  return absl::InternalError(absl::StrCat(
      report_->observations_dropped,
      " observations follow the last checkpoint and are dropped; send a "
      "checkpoint after the last batch"));
}

absl::StatusOr<std::string> Suite::Agrees() const {
  if (!report_ || !discovered_) return Skipped("discover or read failed");
  std::set<series::SeriesKey> discovered;
  for (const series::SeriesInfo& info : *discovered_) {
    discovered.insert(info.key);
  }
  ASSIGN_OR_RETURN(std::vector<store::SeriesEntry> delivered,
                   store_->NewReader()->SelectSeries({}));
  for (const store::SeriesEntry& entry : delivered) {
    if (!discovered.contains(entry.info.key)) {
      return absl::InternalError(absl::StrCat(
          "read delivers ", series::FormatSeriesKey(entry.info.key), " (",
          series::FrequencyName(entry.info.key.frequency),
          "), which discover does not name"));
    }
  }
  return absl::StrCat(delivered.size(), " of ", discovered.size(),
                      " series were delivered");
}

absl::StatusOr<std::string> Suite::ReadsAgain() const {
  if (!report_) return Skipped("read failed");
  ASSIGN_OR_RETURN(PullReport again,
                   RunRead(*ready_, "conformance", clock_, store_.get(), {}));
  if (again.observations_changed == 0) {
    return absl::StrCat(again.observations_read, " observations, all the same");
  }
  return absl::InternalError(absl::StrCat(
      again.observations_changed,
      " observations changed from one read to the next; deliver the same "
      "values, or nothing, as long as the publisher has nothing new"));
}

absl::StatusOr<std::string> Suite::Forecasts() {
  if (!ready_) return Skipped("there is no configuration to run with");
  ASSIGN_OR_RETURN(auto answers,
                   RunForecast(*ready_, SampleTable(), clock_, {}));
  std::vector<ModelForecast> forecasts;
  for (absl::StatusOr<ModelForecast>& answer : answers) {
    ASSIGN_OR_RETURN(forecasts.emplace_back(), std::move(answer));
  }
  forecasts_ = std::move(forecasts);
  return absl::StrCat(forecasts_->size(), " series");
}

absl::StatusOr<std::string> Suite::ForecastsAgain() const {
  if (!forecasts_) return Skipped("forecast failed");
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
