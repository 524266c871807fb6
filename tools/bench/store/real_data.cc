#include "tools/bench/store/real_data.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/csv.h"

namespace headway::bench {
namespace {

// What a file says, by the instant at which it was known.
struct Deliveries {
  std::map<absl::Time, SeriesColumns> by_instant;
  std::map<series::SeriesKey, series::SeriesInfo> infos;

  void Add(const series::SeriesInfo& info, absl::Time known_at, int32_t ordinal,
           double value) {
    infos.try_emplace(info.key, info);
    by_instant[known_at][info.key][ordinal] = value;
  }
};

store::Batch NewBatch(absl::string_view source, absl::Time known_at) {
  store::Batch batch;
  batch.provenance = {std::string(source), std::string(source), "1.0", "",
                      absl::StrCat("runs/", absl::ToUnixSeconds(known_at))};
  batch.checkpoints.push_back(
      {std::string(source), "all", absl::FormatTime(known_at)});
  return batch;
}

std::vector<store::Batch> ToBatches(const Deliveries& deliveries,
                                    absl::string_view source) {
  std::vector<store::Batch> batches;
  for (const auto& [known_at, columns] : deliveries.by_instant) {
    store::Batch& batch = batches.emplace_back(NewBatch(source, known_at));
    for (const auto& [key, column] : columns) {
      store::VintageUpdate& update = batch.updates.emplace_back();
      update.info = deliveries.infos.at(key);
      update.known_at = known_at;
      for (const auto& [ordinal, value] : column) {
        update.ordinals.push_back(ordinal);
        update.values.push_back(value);
      }
    }
  }
  return batches;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::NotFoundError(absl::StrCat("no file ", path));
  return text.str();
}

// The cells of a record, by the name of their column.
class Row {
 public:
  explicit Row(const sdk::CsvReader& reader) : reader_(reader) {}

  bool Has(absl::string_view name) const {
    return reader_.FindColumn(name).has_value();
  }
  // Empty if there is no such column.
  std::string Text(absl::string_view name) const {
    const std::optional<size_t> column = reader_.FindColumn(name);
    if (!column.has_value()) return "";
    return std::string(absl::StripAsciiWhitespace(reader_.cell(*column)));
  }
  // Of the first of these columns that there is.
  std::string Text(std::initializer_list<absl::string_view> names) const {
    for (absl::string_view name : names) {
      if (Has(name)) return Text(name);
    }
    return "";
  }

 private:
  const sdk::CsvReader& reader_;
};

absl::Status ForEachRow(const std::string& path,
                        const std::function<absl::Status(const Row&)>& use) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  sdk::CsvReader reader(text, path);
  RETURN_IF_ERROR(reader.ReadHeader());
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) return absl::OkStatus();
    RETURN_IF_ERROR(use(Row(reader)));
  }
}

absl::StatusOr<double> ToNumber(const std::string& text) {
  double value = 0;
  if (absl::SimpleAtod(text, &value)) return value;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not a number"));
}

absl::StatusOr<absl::Time> ToInstant(const std::string& text) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return time;
  return absl::InvalidArgumentError(error);
}

absl::StatusOr<series::SeriesInfo> MakeInfo(
    std::string metric, std::vector<series::Labels::Pair> labels,
    series::Frequency frequency, const std::string& unit, std::string title,
    std::string source) {
  series::SeriesInfo info;
  info.key.metric = std::move(metric);
  ASSIGN_OR_RETURN(info.key.labels, series::Labels::Create(std::move(labels)));
  info.key.frequency = frequency;
  ASSIGN_OR_RETURN(info.unit, series::Unit::Parse(unit));
  info.title = std::move(title);
  info.source_name = std::move(source);
  return info;
}

absl::Status AddCensusRow(const Row& row, absl::Time known_at,
                          Deliveries* deliveries) {
  ASSIGN_OR_RETURN(
      const series::Period period,
      series::ParsePeriod(row.Text("month"), series::Frequency::kMonthly));
  for (const std::string flow : {"export", "import"}) {
    ASSIGN_OR_RETURN(const series::SeriesInfo info,
                     MakeInfo("trade_value_musd",
                              {{"reporter", "USA"},
                               {"partner", row.Text("cty_code")},
                               {"flow", flow},
                               {"source", "census"}},
                              period.frequency, "USD",
                              absl::StrCat("US ", flow, "s of goods, partner ",
                                           row.Text("cty_code")),
                              "US Census Bureau"));
    ASSIGN_OR_RETURN(const double value,
                     ToNumber(row.Text(absl::StrCat(flow, "s_musd"))));
    deliveries->Add(info, known_at, period.ordinal, value);
  }
  return absl::OkStatus();
}

// The file writes quarters as 2024Q3. Half-years and years to date are passed
// over.
std::optional<series::Period> ToTrackerPeriod(std::string text) {
  if (text.size() == 6 && text[4] == 'Q') text.insert(4, "-");
  const auto period = series::ParsePeriod(text);
  return period.ok() ? std::optional(*period) : std::nullopt;
}

// "__2025-06-vintage.csv" and "__2025-02-24-vintage.csv".
absl::StatusOr<absl::Time> InstantOfVintage(absl::string_view date) {
  const std::string day = absl::StrCat(date, date.size() == 7 ? "-01" : "");
  return ToInstant(absl::StrCat(day, "T00:00:00Z"));
}

class EpochLoader {
 public:
  explicit EpochLoader(std::string directory)
      : directory_(std::move(directory)) {}

  absl::Status Load(const std::string& table, const std::string& date) {
    ASSIGN_OR_RETURN(const absl::Time known_at, InstantOfVintage(date));
    std::set<std::string> models;
    SeriesColumns columns;
    RETURN_IF_ERROR(ForEachRow(
        absl::StrCat(directory_, "/models/", table, "__", date, "-vintage.csv"),
        [&](const Row& row) { return AddModel(row, &models, &columns); }));
    store::Batch batch = NewBatch("epoch", known_at);
    for (const auto& [key, column] : columns) {
      batch.updates.push_back(Snapshot(key, known_at, column));
    }
    // What is gone from the table is withdrawn.
    std::set<series::SeriesKey>& members = members_[IsIndex(table)];
    for (const series::SeriesKey& key : members) {
      if (columns.count(key) == 0) {
        batch.updates.push_back(Snapshot(key, known_at, {}));
      }
    }
    members.clear();
    for (const auto& [key, column] : columns) members.insert(key);
    batches_.push_back(std::move(batch));
    return absl::OkStatus();
  }

  std::vector<store::Batch> Take() { return std::move(batches_); }

 private:
  static bool IsIndex(const std::string& table) {
    return !absl::StartsWith(table, "notable");
  }

  store::VintageUpdate Snapshot(const series::SeriesKey& key,
                                absl::Time known_at,
                                const std::map<int32_t, double>& column) const {
    store::VintageUpdate update;
    update.info = infos_.at(key);
    update.known_at = known_at;
    update.snapshot = true;
    for (const auto& [ordinal, value] : column) {
      update.ordinals.push_back(ordinal);
      update.values.push_back(value);
    }
    return update;
  }

  absl::Status AddModel(const Row& row, std::set<std::string>* models,
                        SeriesColumns* columns) {
    const std::string model = row.Text({"Model version", "Model"});
    const auto period = series::ParsePeriod(
        row.Text({"Publication date", "Release date", "date"}),
        series::Frequency::kDaily);
    const bool is_index = row.Has("ECI Score") || row.Has("eci");
    std::map<std::string, std::string> figures;
    if (is_index) {
      figures["model_capability"] = row.Text({"ECI Score", "eci"});
    } else {
      figures["model_release"] = "1";
      figures["model_training_compute_flop"] =
          row.Text("Training compute (FLOP)");
      figures["model_training_cost_usd"] =
          row.Text("Training compute cost (2023 USD)");
      const bool is_open =
          row.Text("Open model weights?") == "Yes" ||
          absl::StartsWith(row.Text("Model accessibility"), "Open weights");
      figures["model_open_weights"] = is_open ? "1" : "";
    }
    if (model.empty() || !period.ok() || !models->insert(model).second) {
      return absl::OkStatus();  // as the plugin has it
    }
    const std::string countries =
        row.Text({"Country (of organization)", "Country (from Organization)",
                  "Country"});
    for (absl::string_view country : absl::StrSplit(countries, ',')) {
      RETURN_IF_ERROR(AddFigures(model, absl::StripAsciiWhitespace(country),
                                 figures, period->ordinal, columns));
    }
    return absl::OkStatus();
  }

  absl::Status AddFigures(const std::string& model, absl::string_view country,
                          const std::map<std::string, std::string>& figures,
                          int32_t ordinal, SeriesColumns* columns) {
    std::vector<series::Labels::Pair> labels = {{"model", model}};
    if (!country.empty()) labels.emplace_back("country", std::string(country));
    for (const auto& [metric, text] : figures) {
      double value = 0;
      if (!absl::SimpleAtod(text, &value)) continue;
      absl::StatusOr<series::SeriesInfo> info =
          MakeInfo(metric, labels, series::Frequency::kDaily, "1",
                   absl::StrCat(metric, " of ", model), "Epoch AI (CC BY 4.0)");
      if (!info.ok()) continue;  // a name that is no label
      (*columns)[info->key][ordinal] = value;
      infos_.try_emplace(info->key, *info);
    }
    return absl::OkStatus();
  }

  const std::string directory_;
  std::map<series::SeriesKey, series::SeriesInfo> infos_;
  // The series of the last vintage, of the models and of the index.
  std::map<bool, std::set<series::SeriesKey>> members_;
  std::vector<store::Batch> batches_;
};

}  // namespace

SeriesColumns LastState(const std::vector<store::Batch>& batches) {
  SeriesColumns state;
  for (const store::Batch& batch : batches) {
    for (const store::VintageUpdate& update : batch.updates) {
      auto& column = state[update.info.key];
      if (update.snapshot) column.clear();
      for (size_t i = 0; i < update.ordinals.size(); ++i) {
        column[update.ordinals[i]] = update.values[i];
      }
    }
  }
  return state;
}

absl::StatusOr<std::vector<store::Batch>> LoadUsCensus(
    const std::string& directory) {
  const std::string folder =
      absl::StrCat(directory, "/trade/us_census/census_monthly_total_trade_");
  Deliveries history;
  int32_t newest = INT32_MIN;
  RETURN_IF_ERROR(
      ForEachRow(absl::StrCat(folder, "selected_partners.csv"),
                 [&](const Row& row) -> absl::Status {
                   ASSIGN_OR_RETURN(const series::Period period,
                                    series::ParsePeriod(row.Text("month")));
                   newest = std::max(newest, period.ordinal);
                   return AddCensusRow(row, absl::UnixEpoch(), &history);
                 }));
  Deliveries deliveries;
  deliveries.infos = history.infos;
  const absl::Time known_at =
      series::EndTime({series::Frequency::kMonthly, newest + 1});
  deliveries.by_instant[known_at] =
      std::move(history.by_instant[absl::UnixEpoch()]);
  RETURN_IF_ERROR(
      ForEachRow(absl::StrCat(folder, "2024-01_2026-04_vintage2026-06-17.csv"),
                 [&](const Row& row) -> absl::Status {
                   ASSIGN_OR_RETURN(const absl::Time fetched_at,
                                    ToInstant(row.Text("fetched_at")));
                   return AddCensusRow(row, fetched_at, &deliveries);
                 }));
  return ToBatches(deliveries, "us_census");
}

absl::StatusOr<std::vector<store::Batch>> LoadTracker(
    const std::string& directory) {
  Deliveries deliveries;
  RETURN_IF_ERROR(ForEachRow(
      absl::StrCat(directory, "/trade/all_vintages.csv"),
      [&](const Row& row) -> absl::Status {
        const std::optional<series::Period> period =
            ToTrackerPeriod(row.Text("period"));
        if (!period.has_value()) return absl::OkStatus();
        std::vector<series::Labels::Pair> labels = {
            {"entity", row.Text("entity")},
            {"measure", row.Text("metric_name")},
            {"unit", row.Text("unit")}};
        const std::string currency = row.Text("currency");
        if (!currency.empty()) labels.emplace_back("currency", currency);
        ASSIGN_OR_RETURN(
            const series::SeriesInfo info,
            MakeInfo("tracker", std::move(labels), period->frequency, "1",
                     absl::StrCat(row.Text("metric_name"), " of ",
                                  row.Text("entity")),
                     "Trade tracker"));
        ASSIGN_OR_RETURN(const double value, ToNumber(row.Text("value")));
        ASSIGN_OR_RETURN(const absl::Time known_at,
                         ToInstant(row.Text("retrieved_at")));
        deliveries.Add(info, known_at, period->ordinal, value);
        return absl::OkStatus();
      }));
  return ToBatches(deliveries, "tracker");
}

absl::StatusOr<std::vector<store::Batch>> LoadExportsToChina(
    const std::string& directory) {
  Deliveries deliveries;
  RETURN_IF_ERROR(ForEachRow(
      absl::StrCat(directory, "/trade/exports_to_china_tidy.csv"),
      [&](const Row& row) -> absl::Status {
        ASSIGN_OR_RETURN(const series::Period period,
                         series::ParsePeriod(row.Text("month")));
        ASSIGN_OR_RETURN(const series::SeriesInfo info,
                         MakeInfo("trade_value",
                                  {{"reporter", row.Text("reporter")},
                                   {"partner", row.Text("partner")},
                                   {"hs", row.Text("hs")},
                                   {"flow", row.Text("flow")},
                                   {"currency", row.Text("currency")}},
                                  period.frequency, row.Text("currency"),
                                  absl::StrCat("Exports of HS ", row.Text("hs"),
                                               " from ", row.Text("reporter"),
                                               " to ", row.Text("partner")),
                                  "Customs statistics"));
        ASSIGN_OR_RETURN(const double value, ToNumber(row.Text("value")));
        ASSIGN_OR_RETURN(const absl::Time known_at,
                         ToInstant(row.Text("retrieved_at")));
        deliveries.Add(info, known_at, period.ordinal, value);
        return absl::OkStatus();
      }));
  return ToBatches(deliveries, "exports_to_china");
}

absl::StatusOr<std::vector<store::Batch>> LoadTsmc(const std::string& directory,
                                                   bool month_by_month) {
  Deliveries deliveries;
  ASSIGN_OR_RETURN(
      const series::SeriesInfo info,
      MakeInfo("company_revenue_ktwd", {{"company", "TSMC"}},
               series::Frequency::kMonthly, "TWD", "Monthly revenue of TSMC",
               "Taiwan Stock Exchange"));
  const absl::Time at_once =
      absl::FromCivil(absl::CivilDay(2026, 9, 10), absl::UTCTimeZone());
  RETURN_IF_ERROR(ForEachRow(
      absl::StrCat(directory,
                   "/chip_sales/tsmc_monthly_revenue_combined_2016-01_"
                   "2026-08.csv"),
      [&](const Row& row) -> absl::Status {
        ASSIGN_OR_RETURN(const series::Period period,
                         series::ParsePeriod(row.Text("month")));
        ASSIGN_OR_RETURN(const double value,
                         ToNumber(row.Text("revenue_ktwd")));
        const absl::Time tenth =
            absl::FromCivil(series::EndDay(period) + 9, absl::UTCTimeZone());
        deliveries.Add(info, month_by_month ? tenth : at_once, period.ordinal,
                       value);
        return absl::OkStatus();
      }));
  return ToBatches(deliveries, "tsmc");
}

absl::StatusOr<std::vector<store::Batch>> LoadEpoch(
    const std::string& directory) {
  EpochLoader loader(directory);
  for (const char* date : {"2025-02-24", "2025-06", "2025-11", "2025-12-02",
                           "2026-01-26", "2026-07"}) {
    RETURN_IF_ERROR(loader.Load("notable_ai_models", date));
  }
  RETURN_IF_ERROR(loader.Load("eci_scores", "2026-02"));
  for (const char* date : {"2026-03", "2026-04-11", "2026-05"}) {
    RETURN_IF_ERROR(loader.Load("epoch_capabilities_index", date));
  }
  return loader.Take();
}

}  // namespace headway::bench
