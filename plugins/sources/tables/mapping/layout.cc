#include "plugins/sources/tables/mapping/layout.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/series/labels.h"
#include "daemon/tables/marks.h"
#include "daemon/tables/periods/notation.h"
#include "plugins/sources/tables/mapping/options.h"

namespace headway::mapping {
namespace {

using sdk::ConfigError;
using sdk::Frequency;
using sdk::Request;
using tables::PeriodFormat;

absl::Status AsConfig(const absl::Status& status) {
  return status.ok() ? status : ConfigError(status.message());
}

absl::Status NoColumn(absl::string_view option, absl::string_view column,
                      const Header& header) {
  return ConfigError(absl::StrCat(
      "option ", option, ": the table has no column \"", column, "\"; it has ",
      header.ToString(), DidYouMean(column, header.names())));
}

absl::StatusOr<size_t> NeededColumn(const Header& header,
                                    absl::string_view option,
                                    absl::string_view name) {
  ASSIGN_OR_RETURN(const auto column, header.Find(name));
  if (!column) return NoColumn(option, name, header);
  return *column;
}

bool IsDefault(const Request& request, const ColumnOption& option) {
  return request.Option(option.option) == option.column;
}

// The column that an option names; absent if it is the default and not there.
absl::StatusOr<std::optional<size_t>> NamedColumn(const Request& request,
                                                  const Header& header,
                                                  const ColumnOption& option) {
  const std::string& name = request.Option(option.option);
  ASSIGN_OR_RETURN(const auto column, header.Find(name));
  if (!column && !name.empty() && !IsDefault(request, option)) {
    return NoColumn(option.option, name, header);
  }
  return column;
}

// The names of the columns of the option period_column: one, unless no column
// has the whole of it for a name.
std::vector<std::string> PeriodColumnNames(const Request& request,
                                           const Header& header) {
  const std::string& whole = request.Option("period_column");
  if (header.Has(whole)) return {whole};
  return request.ListOption("period_column");
}

absl::Status ResolvePeriodColumns(const Request& request, const Header& header,
                                  const ColumnOption& option, Layout* layout) {
  const std::vector<std::string> names = PeriodColumnNames(request, header);
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const auto column, header.Find(name));
    if (column) {
      layout->period_columns.push_back(*column);
    } else if (!IsDefault(request, option)) {
      return NoColumn("period_column", name, header);
    }
  }
  if (layout->period_columns.size() < 2) return absl::OkStatus();
  const std::string& format = request.Option("period_format");
  const auto commas = std::count(format.begin(), format.end(), ',');
  if (static_cast<size_t>(commas) + 1 >= layout->period_columns.size()) {
    return absl::OkStatus();
  }
  return ConfigError(absl::StrCat(
      "option period_column names ", layout->period_columns.size(),
      " columns; say what they hold by period_format, with a comma between "
      "each two: %Y,%m for a year and a month, %Y,Q%q for a year and Q1"));
}

absl::Status ResolveColumns(const Request& request, const Header& header,
                            Layout* layout) {
  const std::pair<absl::string_view, std::optional<size_t>*> places[] = {
      {"metric_column", &layout->metric_column},
      {"unit_column", &layout->unit_column},
      {"frequency_column", &layout->frequency_column},
      {"known_at_column", &layout->known_at_column},
      {"release_lag_column", &layout->release_lag_column},
      {"title_column", &layout->title_column},
      {"source_column", &layout->source_column}};
  for (const ColumnOption& option : ColumnOptions()) {
    if (absl::string_view(option.option) == "period_column") {
      RETURN_IF_ERROR(ResolvePeriodColumns(request, header, option, layout));
    }
    for (const auto& [name, place] : places) {
      if (name != option.option) continue;
      ASSIGN_OR_RETURN(*place, NamedColumn(request, header, option));
      const bool overruled = name == "unit_column" && !layout->unit.empty() &&
                             IsDefault(request, option);
      if (overruled) place->swap(layout->overruled_unit_column);
    }
  }
  return absl::OkStatus();
}

// A metric, or a label's value, per column.
absl::Status ResolveWide(const Request& request, const Header& header,
                         Layout* layout) {
  ASSIGN_OR_RETURN(auto pairs, PairsOption(request, "value_columns", false));
  for (const auto& [name, column] : pairs) {
    ValueColumn value;
    ASSIGN_OR_RETURN(value.column,
                     NeededColumn(header, "value_columns", column));
    (layout->value_label.empty() ? value.metric : value.label_value) = name;
    layout->values.push_back(std::move(value));
  }
  return absl::OkStatus();
}

// The period that names a column, if one does.
std::optional<sdk::Period> PeriodOfName(
    absl::string_view name, const std::optional<PeriodFormat>& format,
    std::optional<Frequency> frequency) {
  auto period = format ? format->Parse(name, frequency)
                       : tables::ReadPeriod(name, frequency);
  if (!period.ok()) return std::nullopt;
  return *period;
}

// A period per column.
absl::Status ResolvePeriods(const Header& header, Layout* layout) {
  layout->period_columns.clear();
  for (size_t i = 0; i < header.size(); ++i) {
    auto period = PeriodOfName(header.names()[i], layout->period_format,
                               layout->frequency);
    if (!period) continue;
    layout->values.push_back({.column = i, .period = *period});
  }
  if (!layout->values.empty()) return absl::OkStatus();
  return ConfigError(absl::StrCat(
      "option period_columns: no column is named by a period",
      layout->period_format
          ? absl::StrCat(" of the form ", layout->period_format->text())
          : "; if they are written in another way, set period_format, as in "
            "%b-%y for Jan-24",
      "; there are ", header.ToString()));
}

// A part of the period per column, the others in the row's cells.
absl::Status ResolveMatrix(absl::string_view format, const Header& header,
                           Layout* layout) {
  auto part = PeriodFormat::CompilePart(format.substr(format.rfind(',') + 1));
  if (!part.ok()) return AsConfig(part.status());
  for (size_t i = 0; i < header.size(); ++i) {
    const std::string& name = header.names()[i];
    const bool is_row_part = absl::c_linear_search(layout->period_columns, i);
    if (is_row_part || !part->Fits(name)) continue;
    layout->values.push_back({.column = i, .period_part = name});
  }
  if (!layout->values.empty()) return absl::OkStatus();
  return ConfigError(absl::StrCat(
      "option period_columns: no column is named in the form ", part->text(),
      ", the last part of period_format; there are ", header.ToString()));
}

absl::Status ResolveByPeriod(const Request& request, const Header& header,
                             Layout* layout) {
  const std::string& format = request.Option("period_format");
  if (!layout->period_columns.empty() && absl::StrContains(format, ',')) {
    return ResolveMatrix(format, header, layout);
  }
  if (request.Option("period_column") != "period") {
    return ConfigError(
        "with period_columns, the option period_column needs period_format to "
        "say what the column and the names of the others hold, with a comma "
        "between: %Y,%b for years in rows and Jan, Feb, … in columns");
  }
  return ResolvePeriods(header, layout);
}

// A vintage per column, named by the day on which it was published.
absl::Status ResolveVintageColumns(const Request& request, const Header& header,
                                   Layout* layout) {
  auto format = PeriodFormat::CompileDate(request.Option("vintage_columns"));
  if (!format.ok()) {
    return ConfigError(
        absl::StrCat("option vintage_columns: ", format.status().message()));
  }
  for (size_t i = 0; i < header.size(); ++i) {
    auto day = format->ParseDay(header.names()[i]);
    if (!day.ok()) continue;
    layout->values.push_back(
        {.column = i, .known_at = KnownSince(*day, request.now())});
  }
  if (!layout->values.empty()) return absl::OkStatus();
  return ConfigError(
      absl::StrCat("option vintage_columns: no column is named in the form ",
                   format->text(), "; there are ", header.ToString()));
}

absl::Status ResolveValues(const Request& request, const Header& header,
                           Layout* layout) {
  ASSIGN_OR_RETURN(bool by_period, request.BoolOption("period_columns"));
  const bool wide = !request.Option("value_columns").empty();
  const bool by_vintage = !request.Option("vintage_columns").empty();
  if (int{by_period} + int{wide} + int{by_vintage} > 1) {
    return ConfigError(
        "give one of value_columns, period_columns and vintage_columns");
  }
  if (!wide && !layout->value_label.empty()) {
    return ConfigError("option value_label needs value_columns");
  }
  if (by_period) return ResolveByPeriod(request, header, layout);
  if (layout->period_columns.empty()) {
    return NoColumn("period_column", request.Option("period_column"), header);
  }
  if (by_vintage) return ResolveVintageColumns(request, header, layout);
  if (wide) return ResolveWide(request, header, layout);
  ASSIGN_OR_RETURN(
      const size_t column,
      NeededColumn(header, "value_column", request.Option("value_column")));
  layout->values.push_back({.column = column});
  return absl::OkStatus();
}

// The columns that are neither used nor of a reserved name.
std::vector<size_t> RemainingColumns(const Header& header,
                                     const Layout& layout) {
  absl::flat_hash_set<size_t> used(layout.period_columns.begin(),
                                   layout.period_columns.end());
  for (const ValueColumn& value : layout.values) used.insert(value.column);
  for (auto column :
       {layout.metric_column, layout.frequency_column, layout.unit_column,
        layout.known_at_column, layout.release_lag_column, layout.title_column,
        layout.source_column}) {
    if (column) used.insert(*column);
  }
  for (const auto& [label, column] : layout.labels) used.insert(column);
  std::vector<size_t> remaining;
  for (size_t i = 0; i < header.size(); ++i) {
    const std::string& name = header.names()[i];
    const bool reserved = absl::c_any_of(
        ColumnOptions(),
        [&](const ColumnOption& option) { return name == option.column; });
    if (!name.empty() && !reserved && !used.contains(i)) remaining.push_back(i);
  }
  return remaining;
}

// The columns that nothing else uses, parted into those that hold the status of
// values, or notes on them, and the others.
absl::StatusOr<std::vector<size_t>> PartStatusColumns(
    const Header& header, const HoldsMarks& holds_marks, Layout* layout) {
  std::vector<size_t> others;
  for (const size_t column : RemainingColumns(header, *layout)) {
    const tables::StatusColumn status =
        tables::IsStatusColumn(header.names()[column]);
    bool is_status = status == tables::StatusColumn::kYes;
    if (status == tables::StatusColumn::kIfMarks) {
      ASSIGN_OR_RETURN(is_status, holds_marks(column));
    }
    (is_status ? layout->status_columns : others).push_back(column);
  }
  return others;
}

// Every column that nothing else uses is a label, unless it holds marks.
absl::Status ResolveDefaultLabels(const Header& header,
                                  const std::vector<size_t>& columns,
                                  Layout* layout) {
  layout->refuse_nameless_cells = true;
  for (const size_t column : columns) {
    layout->labels.emplace_back(header.names()[column], column);
  }
  // Beside columns for months there are totals, which would be taken for labels
  // that change with every row.
  if (layout->values[0].period_part.empty() || layout->labels.empty()) {
    return absl::OkStatus();
  }
  std::vector<absl::string_view> names;
  for (const auto& [label, column] : layout->labels) names.push_back(label);
  return ConfigError(absl::StrCat(
      "the columns ", absl::StrJoin(names, ", "),
      " hold no part of the period; say in the option labels which of them are "
      "labels (labels = none if none is)"));
}

absl::Status CheckLabels(const Header& header, const Layout& layout) {
  absl::flat_hash_set<std::string> names;
  if (!layout.value_label.empty()) names.insert(layout.value_label);
  for (const auto& [name, value] : layout.constant_labels) names.insert(name);
  for (const auto& [label, column] : layout.labels) {
    if (!names.insert(label).second) {
      return ConfigError(absl::StrCat(
          "label \"", label,
          "\" is given twice; list in the option labels which columns are "
          "labels"));
    }
    auto valid = series::Labels::Create({{label, "x"}});
    if (!valid.ok()) {
      return ConfigError(absl::StrCat(
          "column \"", header.names()[column],
          "\" cannot be a label: ", valid.status().message(),
          "; rename it in the option labels (name=column), or list there "
          "which columns are labels"));
    }
  }
  return absl::OkStatus();
}

absl::Status ResolveLabels(const Request& request, const Header& header,
                           const HoldsMarks& holds_marks, Layout* layout) {
  ASSIGN_OR_RETURN(auto constant,
                   PairsOption(request, "constant_labels", true));
  layout->constant_labels.insert(constant.begin(), constant.end());
  const std::string& option = request.Option("labels");
  if (!option.empty() && option != "none") {
    ASSIGN_OR_RETURN(auto pairs, PairsOption(request, "labels", false));
    for (const auto& [label, name] : pairs) {
      ASSIGN_OR_RETURN(const size_t column,
                       NeededColumn(header, "labels", name));
      layout->labels.emplace_back(label, column);
    }
  }
  ASSIGN_OR_RETURN(const std::vector<size_t> others,
                   PartStatusColumns(header, holds_marks, layout));
  if (option.empty()) {
    RETURN_IF_ERROR(ResolveDefaultLabels(header, others, layout));
  }
  return CheckLabels(header, *layout);
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
  ASSIGN_OR_RETURN(layout->number_style, ReadNumberStyle(request));
  layout->missing = MissingTexts(request);
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

// What the options say of periods before any column is known.
absl::Status ResolvePeriodOptions(const Request& request, Layout* layout) {
  if (!request.Option("frequency").empty()) {
    auto frequency = series::ParseFrequency(request.Option("frequency"));
    if (!frequency.ok()) return AsConfig(frequency.status());
    layout->frequency = *frequency;
  }
  const std::string& calendar = request.Option("calendar");
  if (calendar == "roc") {
    layout->calendar = Calendar::kRoc;
  } else if (!calendar.empty()) {
    return ConfigError(
        absl::StrCat("option calendar = \"", calendar, "\" is not \"roc\""));
  }
  if (request.Option("period_format").empty()) return absl::OkStatus();
  auto format = PeriodFormat::Compile(request.Option("period_format"));
  if (!format.ok()) return AsConfig(format.status());
  layout->period_format = *std::move(format);
  if (!layout->frequency) return absl::OkStatus();
  return AsConfig(layout->period_format->CheckTells(*layout->frequency));
}

// The columns that the options name and that must be there.
absl::StatusOr<std::vector<std::string>> NeededNames(const Request& request,
                                                     bool in_columns) {
  std::vector<std::string> names;
  for (const ColumnOption& option : ColumnOptions()) {
    const absl::string_view name = option.option;
    if (name == "period_column") continue;  // it may be several
    const bool needed = name == "value_column" && !in_columns;
    if (needed || !IsDefault(request, option)) {
      names.push_back(request.Option(name));
    }
  }
  ASSIGN_OR_RETURN(auto values, PairsOption(request, "value_columns", false));
  for (auto& [name, column] : values) names.push_back(std::move(column));
  if (request.Option("labels") != "none") {
    ASSIGN_OR_RETURN(auto labels, PairsOption(request, "labels", false));
    for (auto& [label, column] : labels) names.push_back(std::move(column));
  }
  return names;
}

}  // namespace

absl::Time KnownSince(absl::CivilDay day, absl::Time now) {
  const absl::Time begin = absl::FromCivil(day, absl::UTCTimeZone());
  const absl::Time end =
      absl::FromCivil(day + 1, absl::UTCTimeZone()) - absl::Microseconds(1);
  return begin <= now ? std::min(end, now) : end;
}

absl::StatusOr<std::vector<std::string>> NamedColumns(const Request& request) {
  ASSIGN_OR_RETURN(std::vector<std::string> names,
                   NeededNames(request, /*in_columns=*/true));
  for (const ColumnOption& option : ColumnOptions()) {
    if (absl::string_view(option.option) == "period_column") continue;
    names.push_back(request.Option(option.option));
  }
  for (std::string& name : request.ListOption("period_column")) {
    names.push_back(std::move(name));
  }
  ASSIGN_OR_RETURN(const auto conditions,
                   ParseConditions(request.Option("where")));
  for (const Condition& condition : conditions) {
    names.push_back(condition.column);
  }
  return names;
}

absl::StatusOr<Rows::IsHeader> HeaderTest(const Request& request) {
  Layout options;
  RETURN_IF_ERROR(ResolvePeriodOptions(request, &options));
  ASSIGN_OR_RETURN(const bool by_period, request.BoolOption("period_columns"));
  const bool by_vintage = !request.Option("vintage_columns").empty();
  const bool wide = !request.Option("value_columns").empty();
  ASSIGN_OR_RETURN(auto names,
                   NeededNames(request, by_period || by_vintage || wide));
  return [=](const Header& header) {
    if (!absl::c_all_of(
            names, [&](const std::string& name) { return header.Has(name); })) {
      return false;
    }
    const bool matrix =
        by_period && absl::StrContains(request.Option("period_format"), ',');
    if (!by_period || matrix) {
      return absl::c_all_of(
          PeriodColumnNames(request, header),
          [&](const std::string& name) { return header.Has(name); });
    }
    // A preface may hold one date.
    return absl::c_count_if(header.names(), [&](const std::string& name) {
             return PeriodOfName(name, options.period_format, options.frequency)
                 .has_value();
           }) > 1;
  };
}

absl::StatusOr<Layout> ResolveLayout(const Request& request,
                                     const Header& header,
                                     const HoldsMarks& holds_marks) {
  Layout layout;
  layout.metric = request.Option("metric");
  layout.unit = request.Option("unit");
  layout.title = request.Option("title");
  layout.source = request.Option("source");
  layout.value_label = request.Option("value_label");
  RETURN_IF_ERROR(ResolvePeriodOptions(request, &layout));
  RETURN_IF_ERROR(ResolveColumns(request, header, &layout));
  RETURN_IF_ERROR(ResolveValues(request, header, &layout));
  RETURN_IF_ERROR(ResolveLabels(request, header, holds_marks, &layout));
  RETURN_IF_ERROR(ResolveVintages(request, &layout));
  RETURN_IF_ERROR(ResolveCells(request, &layout));
  return layout;
}

}  // namespace headway::mapping
