// What an evidence command found: one JSON object, tables for people, CSV.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_REPORT_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_REPORT_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tools/headway/base/context.h"
#include "tools/headway/render/table.h"

namespace headway::cli {

// Members keep their order. What is not finite is written as null.
using Json = nlohmann::ordered_json;

// What is absent does not apply, and is in no output.
struct Estimate {
  double estimate = 0;
  std::optional<double> standard_error = std::nullopt;
  std::optional<double> low = std::nullopt;
  std::optional<double> high = std::nullopt;
  std::optional<double> p = std::nullopt;
};

struct NamedEstimate {
  std::string name;
  Estimate value;
};

struct PeriodResult {
  std::string period;
  // Missing ones are null.
  std::optional<double> observed = std::nullopt;
  double counterfactual = 0;
  // Of the counterfactual.
  std::optional<double> low = std::nullopt;
  std::optional<double> high = std::nullopt;
  double effect = 0;
  std::optional<double> effect_low = std::nullopt;
  std::optional<double> effect_high = std::nullopt;
};

// A part of the answer with rows of its own: "weights", "placebos".
struct NamedTable {
  std::string name;
  Table table;
  // Whether people see it without asking.
  bool shown = true;
};

struct Report {
  // "synthetic_control".
  std::string method;
  // A line for people: what was studied, and with what.
  std::string title;
  // All that was used, defaults too.
  Json setup = Json::object();
  std::vector<NamedEstimate> results;
  std::vector<PeriodResult> periods;
  // Where the treatment begins among them, and effects of placebos, a value a
  // period: for charts.
  std::optional<size_t> first_treated = std::nullopt;
  std::vector<std::vector<double>> placebo_effects;
  // Members of the JSON object after the others: weights, placebos, fits.
  Json more = Json::object();
  std::vector<NamedTable> tables;
  // What a reader must know: what was left out, what is doubtful.
  std::vector<std::string> warnings;
};

// {"method","setup","results":{NAME:{…}},"periods":[…], more…, "warnings":[…]}.
std::string ToJsonText(const Report& report);

// Prints by context.format. CSV is one table: `rows` names it, "results",
// "periods" or one of report.tables; "" is the periods, or the results where
// there are none. Warnings go to standard error but for JSON, which holds them.
// INVALID_ARGUMENT: no such table; the message lists them.
absl::Status PrintReport(const Context& context, const Report& report,
                         absl::string_view rows);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_REPORT_H_
