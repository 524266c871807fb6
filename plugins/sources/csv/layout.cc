#include "plugins/sources/csv/layout.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/labels.h"

namespace headway::csv {
namespace {

using sdk::ConfigError;
using sdk::CsvReader;
using sdk::OptionSpec;
using sdk::Request;

// The options that name a column, each with the name it has by default. The
// columns of these names are no labels unless `labels` says so.
struct ColumnOption {
  const char* option;
  const char* column;
  const char* holds;
};
constexpr ColumnOption kColumnOptions[] = {
    {"metric_column", "metric", "the metric"},
    {"period_column", "period", "the period"},
    {"value_column", "value", "the value"},
    {"unit_column", "unit", "the unit"},
    {"frequency_column", "frequency",
     "the frequency: annual, quarterly, monthly, weekly or daily"},
    {"known_at_column", "known_at",
     "the date or RFC 3339 instant since when the value is known; rows of one "
     "series and period that differ in it are its revisions"},
    {"release_lag_column", "release_lag_days",
     "the days from the end of the period to publication"},
    {"title_column", "title", "the title"},
    {"source_column", "source", "where the figure comes from, for people"},
};

// Parses "a=x, b" into {a, x}, {b, b}.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> PairsOption(
    const Request& request, absl::string_view name, bool value_needed) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& part : request.ListOption(name)) {
    std::pair<std::string, std::string> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    absl::StripAsciiWhitespace(&pair.first);
    absl::StripAsciiWhitespace(&pair.second);
    if (part.find('=') == std::string::npos) pair.second = pair.first;
    bool bare = value_needed && part.find('=') == std::string::npos;
    if (bare || pair.first.empty() || pair.second.empty()) {
      return ConfigError(absl::StrCat("option ", name, ": \"", part,
                                      "\" is not of the form name=value"));
    }
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

absl::Status NoColumn(absl::string_view option, absl::string_view column,
                      const CsvReader& table) {
  return ConfigError(
      absl::StrCat("option ", option, ": the table has no column \"", column,
                   "\"; it has ", absl::StrJoin(table.header(), ", ")));
}

// The column that an option names; absent if it is the default and not there.
absl::StatusOr<std::optional<size_t>> NamedColumn(const Request& request,
                                                  const CsvReader& table,
                                                  absl::string_view option) {
  const std::string& name = request.Option(option);
  std::optional<size_t> column = table.FindColumn(name);
  auto known =
      std::find_if(std::begin(kColumnOptions), std::end(kColumnOptions),
                   [&](const ColumnOption& c) { return c.option == option; });
  if (!column && !name.empty() && name != known->column) {
    return NoColumn(option, name, table);
  }
  return column;
}

absl::Status ResolveColumns(const Request& request, const CsvReader& table,
                            Layout* layout) {
  auto resolve = [&](const char* option,
                     std::optional<size_t>* out) -> absl::Status {
    ASSIGN_OR_RETURN(*out, NamedColumn(request, table, option));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(resolve("metric_column", &layout->metric_column));
  RETURN_IF_ERROR(resolve("period_column", &layout->period_column));
  RETURN_IF_ERROR(resolve("frequency_column", &layout->frequency_column));
  RETURN_IF_ERROR(resolve("unit_column", &layout->unit_column));
  RETURN_IF_ERROR(resolve("known_at_column", &layout->known_at_column));
  RETURN_IF_ERROR(resolve("release_lag_column", &layout->release_lag_column));
  RETURN_IF_ERROR(resolve("title_column", &layout->title_column));
  return resolve("source_column", &layout->source_column);
}

// A metric, or a label's value, per column.
absl::Status ResolveWide(const Request& request, const CsvReader& table,
                         Layout* layout) {
  ASSIGN_OR_RETURN(auto pairs, PairsOption(request, "value_columns", false));
  for (const auto& [name, column] : pairs) {
    ValueColumn value;
    auto found = table.FindColumn(column);
    if (!found) return NoColumn("value_columns", column, table);
    value.column = *found;
    (layout->value_label.empty() ? value.metric : value.label_value) = name;
    layout->values.push_back(std::move(value));
  }
  return absl::OkStatus();
}

// A period per column.
absl::Status ResolvePeriods(const CsvReader& table, Layout* layout) {
  for (size_t i = 0; i < table.header().size(); ++i) {
    auto period = sdk::ParsePeriod(table.header()[i]);
    if (!period.ok()) continue;
    if (layout->frequency.has_value() &&
        period->frequency != *layout->frequency) {
      continue;
    }
    layout->values.push_back({.column = i, .period = *period});
  }
  layout->period_column = std::nullopt;
  if (layout->values.empty()) {
    return ConfigError(absl::StrCat(
        "option period_columns: no column is named by a period; there are ",
        absl::StrJoin(table.header(), ", ")));
  }
  return absl::OkStatus();
}

absl::Status ResolveValues(const Request& request, const CsvReader& table,
                           Layout* layout) {
  ASSIGN_OR_RETURN(bool by_period, request.BoolOption("period_columns"));
  bool wide = !request.Option("value_columns").empty();
  if (by_period && wide) {
    return ConfigError("give value_columns or period_columns, not both");
  }
  if (wide != !layout->value_label.empty() && !wide) {
    return ConfigError("option value_label needs value_columns");
  }
  if (by_period) return ResolvePeriods(table, layout);
  if (!layout->period_column) {
    return NoColumn("period_column", request.Option("period_column"), table);
  }
  if (wide) return ResolveWide(request, table, layout);
  auto column = table.FindColumn(request.Option("value_column"));
  if (!column) {
    return NoColumn("value_column", request.Option("value_column"), table);
  }
  layout->values.push_back({.column = *column});
  return absl::OkStatus();
}

// The columns that are neither used nor of a reserved name.
std::vector<std::pair<std::string, size_t>> RemainingColumns(
    const CsvReader& table, const Layout& layout) {
  absl::flat_hash_set<size_t> used;
  for (const ValueColumn& value : layout.values) used.insert(value.column);
  for (auto column :
       {layout.metric_column, layout.period_column, layout.frequency_column,
        layout.unit_column, layout.known_at_column, layout.release_lag_column,
        layout.title_column, layout.source_column}) {
    if (column) used.insert(*column);
  }
  for (const ColumnOption& reserved : kColumnOptions) {
    if (auto column = table.FindColumn(reserved.column)) used.insert(*column);
  }
  std::vector<std::pair<std::string, size_t>> labels;
  for (size_t i = 0; i < table.header().size(); ++i) {
    if (used.count(i) == 0) labels.emplace_back(table.header()[i], i);
  }
  return labels;
}

absl::Status ResolveLabels(const Request& request, const CsvReader& table,
                           Layout* layout) {
  ASSIGN_OR_RETURN(auto constant,
                   PairsOption(request, "constant_labels", true));
  layout->constant_labels.insert(constant.begin(), constant.end());
  if (request.Option("labels").empty()) {
    layout->labels = RemainingColumns(table, *layout);
  } else if (request.Option("labels") != "none") {
    ASSIGN_OR_RETURN(auto pairs, PairsOption(request, "labels", false));
    for (const auto& [label, column] : pairs) {
      auto found = table.FindColumn(column);
      if (!found) return NoColumn("labels", column, table);
      layout->labels.emplace_back(label, *found);
    }
  }
  absl::flat_hash_set<std::string> names;
  if (!layout->value_label.empty()) names.insert(layout->value_label);
  for (const auto& [name, value] : layout->constant_labels) names.insert(name);
  for (const auto& [label, column] : layout->labels) {
    if (!names.insert(label).second) {
      return ConfigError(absl::StrCat("label \"", label, "\" is given twice"));
    }
    auto valid = series::Labels::Create({{label, "x"}});
    if (!valid.ok()) {
      return ConfigError(absl::StrCat(
          "column \"", table.header()[column],
          "\" cannot be a label: ", valid.status().message(),
          "; rename it in the option labels (name=column), or list there "
          "which columns are labels"));
    }
  }
  return absl::OkStatus();
}

absl::Status ResolveVintages(const Request& request, Layout* layout) {
  ASSIGN_OR_RETURN(layout->snapshot, request.BoolOption("snapshot"));
  if (!request.Option("release_lag_days").empty()) {
    ASSIGN_OR_RETURN(double days, request.NumberOption("release_lag_days"));
    if (!(days >= 0 && days <= kMaxLagDays)) {
      return ConfigError(absl::StrCat("option release_lag_days = \"",
                                      request.Option("release_lag_days"),
                                      "\" is not between 0 and ", kMaxLagDays));
    }
    layout->release_lag = absl::Hours(24) * days;
  }
  const std::string& vintages = request.Option("vintages");
  if (vintages == "assumed") {
    layout->assumed = true;
  } else if (vintages.empty()) {
    layout->assumed = layout->known_at_column || layout->release_lag_column ||
                      layout->release_lag;
  } else if (vintages != "observed") {
    return ConfigError(absl::StrCat("option vintages = \"", vintages,
                                    "\" is neither observed nor assumed"));
  }
  layout->lag_is_guess = layout->assumed && !layout->release_lag;
  return absl::OkStatus();
}

absl::Status ResolveCells(const Request& request, Layout* layout) {
  ASSIGN_OR_RETURN(layout->scale, request.NumberOption("scale"));
  layout->period_format = request.Option("period_format");
  for (std::string& text : request.ListOption("missing")) {
    layout->missing.insert(std::move(text));
  }
  const std::string& empty = request.Option("empty_values");
  if (empty == "withdraw") {
    layout->empty_value = EmptyValue::kWithdraw;
  } else if (empty == "error") {
    layout->empty_value = EmptyValue::kError;
  } else if (empty != "skip") {
    return ConfigError(absl::StrCat("option empty_values = \"", empty,
                                    "\" is none of skip, withdraw, error"));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<OptionSpec> OptionSpecs() {
  std::vector<OptionSpec> specs = {
      {.name = "url",
       .description = "Address of the table: file:///path or https://…. A "
                      "table of the columns metric, period, value, unit and "
                      "labels needs no other option.",
       .required = true},
      {"separator", "Between cells: one character, or \"tab\".", ","},
      {"metric", "The metric, where no column holds it."},
      {"labels",
       "Columns that are labels: \"reporter,partner,hs=Commodity\"; \"none\". "
       "An empty cell is an absent label. Default: every column that nothing "
       "else uses."},
      {"constant_labels", "Labels of every series: \"source=census\"."},
      {"value_columns",
       "For a table with several columns of values: \"metric=column,…\"."},
      {"value_label",
       "With value_columns: the names before \"=\" are values of this label, "
       "not metrics."},
      {"period_columns",
       "true: each column named by a period holds the values of that period.",
       "false"},
      {"period_format",
       "How periods are written, as strptime has it: \"%d-%m-%Y\". Needs the "
       "frequency."},
      {"frequency",
       "annual, quarterly, monthly, weekly or daily, where no column holds it. "
       "Default: the one that the form of the period shows."},
      {"unit", "The unit, where no column holds it: USD, percent, 1."},
      {"scale", "Values are multiplied by it: 1e6 for millions.", "1"},
      {"empty_values",
       "What a row without a value means: skip (nothing), withdraw (the "
       "publisher took it back) or error.",
       "skip"},
      {"missing", "Texts that stand for an empty value: \".,n/a\"."},
      {"vintages",
       "For rows without known_at: observed (known since we saw them) or "
       "assumed (known release_lag_days after the period). Default: assumed if "
       "the table has a column known_at or a release lag is given."},
      {"release_lag_days", "Days from the end of a period to publication."},
      {"snapshot",
       "true: the rows of one known_at, or of one read, are the whole table; "
       "what they leave out is withdrawn.",
       "false"},
      {"title", "A title; {label} and {metric} are filled in."},
      {"source", "Where the figures come from, for people."},
  };
  for (const ColumnOption& column : kColumnOptions) {
    specs.push_back({column.option,
                     absl::StrCat("The column that holds ", column.holds, "."),
                     column.column});
  }
  return specs;
}

absl::StatusOr<CsvReader::Options> ReaderOptions(const Request& request) {
  const std::string& separator = request.Option("separator");
  CsvReader::Options options;
  if (separator == "tab") {
    options.separator = '\t';
  } else if (separator.size() == 1 && separator != "\"") {
    options.separator = separator[0];
  } else {
    return ConfigError(absl::StrCat("option separator = \"", separator,
                                    "\" is neither one character nor tab"));
  }
  return options;
}

absl::StatusOr<Layout> ResolveLayout(const Request& request,
                                     const CsvReader& table) {
  Layout layout;
  layout.metric = request.Option("metric");
  layout.unit = request.Option("unit");
  layout.title = request.Option("title");
  layout.source = request.Option("source");
  layout.value_label = request.Option("value_label");
  if (!request.Option("frequency").empty()) {
    auto frequency = series::ParseFrequency(request.Option("frequency"));
    if (!frequency.ok()) return ConfigError(frequency.status().message());
    layout.frequency = *frequency;
  }
  RETURN_IF_ERROR(ResolveColumns(request, table, &layout));
  RETURN_IF_ERROR(ResolveValues(request, table, &layout));
  RETURN_IF_ERROR(ResolveLabels(request, table, &layout));
  RETURN_IF_ERROR(ResolveVintages(request, &layout));
  RETURN_IF_ERROR(ResolveCells(request, &layout));
  return layout;
}

}  // namespace headway::csv
