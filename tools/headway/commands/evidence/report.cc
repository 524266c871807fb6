#include "tools/headway/commands/evidence/report.h"

#include <cmath>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/number_text.h"
#include "tools/headway/base/output.h"

namespace headway::cli {
namespace {

void AddMember(Json& object, const char* name,
               const std::optional<double>& value) {
  if (value) object[name] = *value;
}

Json ToJson(const Estimate& estimate) {
  Json object = Json::object();
  object["estimate"] = estimate.estimate;
  AddMember(object, "standard_error", estimate.standard_error);
  AddMember(object, "low", estimate.low);
  AddMember(object, "high", estimate.high);
  AddMember(object, "p", estimate.p);
  return object;
}

Json ToJson(const PeriodResult& result) {
  Json object = Json::object();
  object["period"] = result.period;
  object["observed"] = result.observed ? Json(*result.observed) : Json();
  object["counterfactual"] = result.counterfactual;
  AddMember(object, "low", result.low);
  AddMember(object, "high", result.high);
  object["effect"] = result.effect;
  AddMember(object, "effect_low", result.effect_low);
  AddMember(object, "effect_high", result.effect_high);
  return object;
}

Cell OptionalCell(const std::optional<double>& value) {
  return NumberCell(value.has_value() && !std::isnan(*value),
                    value.value_or(0));
}

Table ResultTable(const Report& report) {
  Table table({{.name = "result"},
               {.name = "estimate", .align = Align::kRight},
               {.name = "standard_error", .align = Align::kRight},
               {.name = "low", .align = Align::kRight},
               {.name = "high", .align = Align::kRight},
               {.name = "p", .align = Align::kRight}});
  for (const auto& [name, value] : report.results) {
    table.AddRow({name, OptionalCell(value.estimate),
                  OptionalCell(value.standard_error), OptionalCell(value.low),
                  OptionalCell(value.high), OptionalCell(value.p)});
  }
  return table;
}

Table PeriodTable(const Report& report) {
  Table table({{.name = "period"},
               {.name = "observed", .align = Align::kRight},
               {.name = "counterfactual", .align = Align::kRight},
               {.name = "low", .align = Align::kRight},
               {.name = "high", .align = Align::kRight},
               {.name = "effect", .align = Align::kRight}});
  for (const PeriodResult& result : report.periods) {
    table.AddRow({result.period, OptionalCell(result.observed),
                  OptionalCell(result.counterfactual), OptionalCell(result.low),
                  OptionalCell(result.high), OptionalCell(result.effect)});
  }
  return table;
}

std::vector<NamedTable> AllTables(const Report& report) {
  std::vector<NamedTable> tables;
  if (!report.results.empty()) {
    tables.push_back({"results", ResultTable(report)});
  }
  for (const NamedTable& table : report.tables) tables.push_back(table);
  if (!report.periods.empty()) {
    tables.push_back({"periods", PeriodTable(report)});
  }
  return tables;
}

void PrintAll(const Report& report) {
  if (!report.title.empty()) Print(absl::StrCat(report.title, "\n\n"));
  bool first = true;
  for (const NamedTable& table : AllTables(report)) {
    if (!table.shown || table.table.empty()) continue;
    Print(absl::StrCat(first ? "" : "\n",
                       table.name == "results" ? "" : table.name + "\n"));
    PrintText(table.table);
    first = false;
  }
}

absl::Status PrintRows(const Report& report, absl::string_view rows) {
  const std::vector<NamedTable> tables = AllTables(report);
  if (rows.empty()) rows = report.periods.empty() ? "results" : "periods";
  std::vector<std::string> names;
  for (const NamedTable& table : tables) {
    if (table.name == rows) {
      Print(table.table.ToCsv());
      return absl::OkStatus();
    }
    names.push_back(table.name);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--rows: ", report.method, " has no table \"", rows,
                   "\"; it has ", absl::StrJoin(names, ", ")));
}

}  // namespace

std::string ToJsonText(const Report& report) {
  Json object = Json::object();
  object["method"] = report.method;
  object["setup"] = report.setup;
  object["results"] = Json::object();
  for (const auto& [name, value] : report.results) {
    object["results"][name] = ToJson(value);
  }
  if (!report.periods.empty()) {
    object["periods"] = Json::array();
    for (const PeriodResult& period : report.periods) {
      object["periods"].push_back(ToJson(period));
    }
  }
  for (const auto& [name, value] : report.more.items()) object[name] = value;
  object["warnings"] = report.warnings;
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::Status PrintReport(const Context& context, const Report& report,
                         absl::string_view rows) {
  if (context.format == Format::kJson) {
    Print(ToJsonText(report) + "\n");
    return absl::OkStatus();
  }
  for (const std::string& warning : report.warnings) {
    std::fprintf(stderr, "note: %s\n", warning.c_str());
  }
  if (context.format == Format::kCsv) return PrintRows(report, rows);
  PrintAll(report);
  return absl::OkStatus();
}

}  // namespace headway::cli
