// through_bench: the forecast of each indicator through its inputs, by paths,
// beside the direct one, at rolling origins.
//
//   through_bench --data-dir DIR --pipelines DIR
//
// The store is one that a daemon has filled. What is forecast from is what
// stands of it now, cut off at each origin as if every value had been known
// when its period was over: most samples have one vintage only, and of others
// the history of the vintages is not what is compared here.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/derivation.h"
#include "daemon/pipeline/forecasting/forecasting.h"
#include "daemon/scores/scores.h"
#include "daemon/series/period.h"
#include "daemon/store/store.h"
#include "tools/bench/measure.h"
#include "tools/bench/report.h"

namespace headway::bench {
namespace {

using pipeline::Through;

struct Flags {
  std::string data_dir;
  std::string pipelines;
  std::string only;
  int origins = 8;
};

// Every value known when its period was over.
absl::Status CopyWithOwnVintages(const store::Reader& from, store::Store& to) {
  std::map<absl::Time, store::Batch> batches;
  ASSIGN_OR_RETURN(const std::vector<store::SeriesEntry> entries,
                   from.SelectSeries(series::Selector()));
  for (const store::SeriesEntry& entry : entries) {
    ASSIGN_OR_RETURN(const series::Observations x, from.Read(entry.id));
    for (size_t i = 0; i < x.size(); ++i) {
      const absl::Time over =
          series::EndTime(series::Period{x.frequency, x.ordinals[i]});
      store::VintageUpdate& update = batches[over].updates.emplace_back();
      update.info = entry.info;
      update.known_at = over;
      update.ordinals = {x.ordinals[i]};
      update.values = {x.values[i]};
    }
  }
  for (const auto& [over, batch] : batches) {
    RETURN_IF_ERROR(to.Commit(batch).status());
  }
  return absl::OkStatus();
}

struct Sums {
  double crps = 0;
  int within80 = 0;
  int within95 = 0;
  int count = 0;
  bool was_made = true;

  void Add(const v1::Forecast& forecast,
           const std::map<std::string, double>& actuals) {
    for (const std::string& note : forecast.notes()) {
      if (absl::StartsWith(note, "made directly")) was_made = false;
    }
    for (const v1::ForecastStep& step : forecast.steps()) {
      const auto actual = actuals.find(step.period());
      if (actual == actuals.end()) continue;
      double loss = 0;
      for (const v1::Quantile& quantile : step.quantiles()) {
        loss += scores::QuantileLoss(actual->second, quantile.value(),
                                     quantile.probability());
      }
      crps += 2 * loss / step.quantiles_size();
      within80 += IsWithin(step, actual->second, 0.1);
      within95 += IsWithin(step, actual->second, 0.025);
      ++count;
    }
  }

 private:
  static bool IsWithin(const v1::ForecastStep& step, double actual,
                       double tail) {
    bool is_within = true;
    for (const v1::Quantile& quantile : step.quantiles()) {
      if (std::abs(quantile.probability() - tail) < 1e-9) {
        is_within = is_within && actual >= quantile.value();
      }
      if (std::abs(quantile.probability() - (1 - tail)) < 1e-9) {
        is_within = is_within && actual <= quantile.value();
      }
    }
    return is_within;
  }
};

constexpr Through kWays[] = {Through::kDirect, Through::kIndicators,
                             Through::kMixture};

std::map<std::string, double> Actuals(const query::LabelledColumn& column) {
  std::map<std::string, double> actuals;
  const series::Observations& x = column.observations;
  for (size_t i = 0; i < x.size(); ++i) {
    if (series::StatusAt(x.statuses, i) ==
        series::ObservationStatus::kPartial) {
      continue;
    }
    actuals[series::FormatPeriod({x.frequency, x.ordinals[i]})] = x.values[i];
  }
  return actuals;
}

// Origins that leave a year ahead, spread over the later half of the longest
// column.
std::vector<absl::Time> OriginsOf(const query::Panel& panel, int count) {
  std::vector<absl::Time> origins;
  const query::LabelledColumn* longest = nullptr;
  for (const query::LabelledColumn& column : panel.columns) {
    if (longest == nullptr ||
        column.observations.size() > longest->observations.size()) {
      longest = &column;
    }
  }
  if (longest == nullptr) return origins;
  const series::Observations& x = longest->observations;
  const int ahead = std::max(2, series::PeriodsPerYear(x.frequency) / 2);
  const int first = static_cast<int>(x.size()) / 2;
  const int last = static_cast<int>(x.size()) - 1 - ahead;
  for (int i = 0; i < count && last > first; ++i) {
    const int at = first + (last - first) * i / std::max(1, count - 1);
    origins.push_back(
        series::EndTime(series::Period{x.frequency, x.ordinals[at]}));
  }
  return origins;
}

absl::Status Compare(const pipeline::Definitions& definitions,
                     const std::string& name, const store::Reader& reader,
                     int count, Report& report) {
  ASSIGN_OR_RETURN(
      const query::Panel whole,
      pipeline::EvaluateIndicator(definitions, name, reader, {}, nullptr));
  std::map<series::Labels, std::map<std::string, double>> actuals;
  for (const query::LabelledColumn& column : whole.columns) {
    actuals[column.labels] = Actuals(column);
  }
  Sums sums[3];
  for (absl::Time origin : OriginsOf(whole, count)) {
    const pipeline::EvaluateOptions options = {.as_of = origin};
    ASSIGN_OR_RETURN(const query::Panel panel,
                     pipeline::EvaluateIndicator(definitions, name, reader,
                                                 options, nullptr));
    for (size_t i = 0; i < 3; ++i) {
      pipeline::ForecastTask task;
      task.indicator = name;
      task.definition = definitions.indicators.at(name).forecast;
      task.definition.through = kWays[i];
      task.as_of = origin;
      task.issue_time = origin;
      const std::optional<pipeline::Ahead> ahead = pipeline::LookAheadOf(
          definitions, reader, options, nullptr, panel, task);
      task.ahead = ahead.has_value() ? &*ahead : nullptr;
      ASSIGN_OR_RETURN(const std::vector<pipeline::MadeForecast> made,
                       pipeline::MakeForecasts(panel, task));
      for (size_t j = 0; j < made.size(); ++j) {
        sums[i].Add(made[j].forecast, actuals[panel.columns[j].labels]);
      }
    }
  }
  if (sums[0].count == 0) return absl::OkStatus();
  const auto share = [](int part, int whole) {
    return whole == 0 ? 0 : 100.0 * part / whole;
  };
  const char* names[] = {"direct", "indicators", "mixture"};
  for (size_t i = 0; i < 3; ++i) {
    const std::string metric = absl::StrCat("crps.", name, ".", names[i]);
    const std::string note = absl::StrFormat(
        "%d values at up to %d origins; %.0f %% within the 80 %% interval, "
        "%.0f %% within the 95 %% one%s",
        sums[i].count, count, share(sums[i].within80, sums[i].count),
        share(sums[i].within95, sums[i].count),
        sums[i].was_made ? "" : "; made directly at some origin");
    const double score = sums[i].crps / sums[i].count;
    report.Add(metric, score, whole.unit.ToString(), note);
    if (i > 0) {
      report.AddPeer(metric, "direct", sums[0].crps / sums[0].count, note);
    }
  }
  return absl::OkStatus();
}

absl::Status Run(const Flags& flags) {
  RealClock clock;
  ASSIGN_OR_RETURN(const TempDirectory directory,
                   TempDirectory::Create("/tmp"));
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> cut,
                   store::Store::Open(directory.Sub("store"), &clock, {}));
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> filled,
                     store::Store::Open(flags.data_dir, &clock, {}));
    RETURN_IF_ERROR(CopyWithOwnVintages(*filled->NewReader(), *cut));
  }
  const std::unique_ptr<store::Reader> reader = cut->NewReader();
  ASSIGN_OR_RETURN(const pipeline::Definitions definitions,
                   pipeline::LoadDirectory(flags.pipelines, {}));
  Report report(&std::cout);
  for (const auto& [name, indicator] : definitions.indicators) {
    if (indicator.forecast.disabled) continue;
    if (!flags.only.empty() && name != flags.only) continue;
    const absl::Status status =
        Compare(definitions, name, *reader, flags.origins, report);
    if (!status.ok()) std::cerr << name << ": " << status << "\n";
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) {
  CLI::App app("Compares forecasts through inputs with direct ones.");
  headway::bench::Flags flags;
  app.add_option("--data-dir", flags.data_dir, "A store that a daemon filled")
      ->required();
  app.add_option("--pipelines", flags.pipelines, "Definitions")->required();
  app.add_option("--only", flags.only, "One indicator");
  app.add_option("--origins", flags.origins, "Of each indicator")
      ->check(CLI::Range(1, 100));
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = headway::bench::Run(flags);
  if (status.ok()) return 0;
  std::cerr << status << "\n";
  return 1;
}
