#include "tools/headway/commands/evidence/panel.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"

namespace headway::cli {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

Eigen::MatrixXd EmptyGrid(size_t units, size_t periods) {
  return Eigen::MatrixXd::Constant(static_cast<Eigen::Index>(units),
                                   static_cast<Eigen::Index>(periods),
                                   kNoValue);
}

// Every unit of the table, before some are chosen.
struct AllUnits {
  std::vector<std::string> names = {};
  TimeAxis axis = {};
  // [unit, period of the axis]
  Eigen::MatrixXd values = {};
  std::string outcome;
  std::vector<std::string> notes = {};
};

absl::Status TwoRows(const DataTable& table, size_t first, size_t second,
                     absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      table.file(), ": lines ", table.line(first), " and ", table.line(second),
      " are both of ", what, "; keep one of them"));
}

// In the order of their first rows.
struct UnitIndex {
  std::vector<std::string> names;
  absl::flat_hash_map<std::string, size_t> places;

  size_t Add(const std::string& name) {
    const auto [place, is_new] = places.try_emplace(name, names.size());
    if (is_new) names.push_back(name);
    return place->second;
  }
};

absl::StatusOr<Eigen::MatrixXd> LongGrid(const DataTable& table,
                                         size_t unit_column, size_t column,
                                         const TimeAxis& axis,
                                         UnitIndex& units) {
  ASSIGN_OR_RETURN(const auto names, table.Texts(unit_column));
  ASSIGN_OR_RETURN(const auto numbers, table.Numbers(column));
  for (const std::string& name : names) units.Add(name);
  Eigen::MatrixXd grid = EmptyGrid(units.names.size(), axis.size());
  std::vector<size_t> rows(units.names.size() * axis.size(), table.rows());
  for (size_t row = 0; row < table.rows(); ++row) {
    const size_t unit = units.places.at(names[row]);
    const size_t period = axis.places()[row];
    size_t& first = rows[unit * axis.size() + period];
    if (first < table.rows()) {
      return TwoRows(table, first, row,
                     absl::StrCat(names[row], " in ", axis.labels()[period]));
    }
    first = row;
    grid(static_cast<Eigen::Index>(unit), static_cast<Eigen::Index>(period)) =
        numbers[row];
  }
  return grid;
}

absl::StatusOr<AllUnits> ReadLong(const DataTable& table,
                                  const InputOptions& input) {
  if (input.time.empty() || input.outcome.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--unit needs ", input.time.empty() ? "--time" : "",
                     input.time.empty() && input.outcome.empty() ? " and " : "",
                     input.outcome.empty() ? "--outcome" : "",
                     ": the columns of the periods and of the outcome; the "
                     "table has ",
                     absl::StrJoin(table.columns(), ", ")));
  }
  AllUnits all{.outcome = input.outcome};
  ASSIGN_OR_RETURN(const size_t unit, table.Find(input.unit, "--unit"));
  ASSIGN_OR_RETURN(const size_t column, table.Find(input.outcome, "--outcome"));
  ASSIGN_OR_RETURN(all.axis, TimeOf(table, input));
  UnitIndex units;
  ASSIGN_OR_RETURN(all.values, LongGrid(table, unit, column, all.axis, units));
  all.names = std::move(units.names);
  return all;
}

// Columns of words are no series: they are left out.
absl::StatusOr<AllUnits> ReadWide(const DataTable& table,
                                  const InputOptions& input) {
  AllUnits all{.outcome = "value"};
  ASSIGN_OR_RETURN(all.axis, TimeOf(table, input));
  std::vector<size_t> rows(all.axis.size(), table.rows());
  for (size_t row = 0; row < table.rows(); ++row) {
    size_t& first = rows[all.axis.places()[row]];
    if (first < table.rows()) {
      return TwoRows(table, first, row,
                     absl::StrCat(all.axis.labels()[all.axis.places()[row]],
                                  ": without --unit a row is a period"));
    }
    first = row;
  }
  std::vector<std::vector<double>> series;
  for (size_t column = 0; column < table.columns().size(); ++column) {
    if (table.columns()[column] == input.time) continue;
    auto numbers = table.Numbers(column);
    if (!numbers.ok()) {
      all.notes.push_back(absl::StrCat(
          "the column ", table.columns()[column],
          " is no series and was left out: ", numbers.status().message()));
      continue;
    }
    all.names.push_back(table.columns()[column]);
    series.push_back(*std::move(numbers));
  }
  all.values = EmptyGrid(series.size(), all.axis.size());
  for (size_t unit = 0; unit < series.size(); ++unit) {
    for (size_t row = 0; row < table.rows(); ++row) {
      all.values(static_cast<Eigen::Index>(unit),
                 static_cast<Eigen::Index>(all.axis.places()[row])) =
          series[unit][row];
    }
  }
  return all;
}

struct ChosenUnits {
  std::vector<std::string> treated;
  std::vector<std::string> controls;
};

absl::StatusOr<ChosenUnits> ChooseUnits(const AllUnits& all,
                                        const InputOptions& input,
                                        const PanelChoice& choice) {
  ChosenUnits chosen;
  const bool wide = input.unit.empty();
  const std::string treated =
      choice.treated.empty() && wide ? input.outcome : choice.treated;
  if (treated.empty()) {
    return absl::InvalidArgumentError(
        wide ? "name the series that is studied with --outcome"
             : "name the unit that is studied with --treated");
  }
  const absl::string_view what = wide ? "series" : "unit";
  const absl::string_view option =
      choice.treated.empty() ? "--outcome" : "--treated";
  ASSIGN_OR_RETURN(chosen.treated,
                   KnownNames(treated, all.names, option, what));
  std::vector<std::string> excluded;
  std::vector<std::string> controls = all.names;
  if (!choice.exclude.empty()) {
    ASSIGN_OR_RETURN(excluded,
                     KnownNames(choice.exclude, all.names, "--exclude", what));
  }
  if (!choice.controls.empty()) {
    ASSIGN_OR_RETURN(
        controls, KnownNames(choice.controls, all.names, "--controls", what));
  }
  for (const std::string& name : chosen.treated) {
    if (absl::c_linear_search(excluded, name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", name,
                       "\" is both treated and in --exclude; leave it out of "
                       "one"));
    }
    if (!choice.controls.empty() && absl::c_linear_search(controls, name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", name,
                       "\" is both treated and in --controls; leave it out of "
                       "one"));
    }
  }
  for (std::string& name : controls) {
    if (absl::c_linear_search(chosen.treated, name) ||
        absl::c_linear_search(excluded, name)) {
      continue;
    }
    chosen.controls.push_back(std::move(name));
  }
  return chosen;
}

// "1975" or "1975 and 3 more periods" in which a row has no value; "" if none.
std::string MissingPeriods(const Eigen::MatrixXd& values, Eigen::Index unit,
                           const TimeAxis& axis, const PeriodRange& range) {
  std::string first;
  size_t count = 0;
  for (size_t period = range.begin; period < range.end; ++period) {
    if (!std::isnan(values(unit, static_cast<Eigen::Index>(period)))) continue;
    if (count++ == 0) first = axis.labels()[period];
  }
  if (count < 2) return first;
  return absl::StrCat(first, " and ", count - 1, " more period",
                      count == 2 ? "" : "s");
}

// Takes the units over that have what they need.
class Selection {
 public:
  Selection(const AllUnits& all, const PeriodRange& range,
            PanelChoice::Incomplete incomplete, Panel& panel)
      : all_(all), range_(range), incomplete_(incomplete), panel_(panel) {
    for (size_t i = 0; i < all.names.size(); ++i) places_[all.names[i]] = i;
  }

  absl::Status Take(const std::string& name, bool is_treated) {
    const auto unit = static_cast<Eigen::Index>(places_.at(name));
    const std::string missing =
        incomplete_ == PanelChoice::Incomplete::kKeep
            ? ""
            : MissingPeriods(all_.values, unit, all_.axis, range_);
    if (missing.empty()) {
      rows_.push_back(unit);
      panel_.units.push_back(name);
      panel_.treated += is_treated ? 1 : 0;
      return absl::OkStatus();
    }
    if (!is_treated && incomplete_ == PanelChoice::Incomplete::kDrop) {
      panel_.notes.push_back(absl::StrCat(name, " was left out: no ",
                                          all_.outcome, " in ", missing));
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", name, "\" has no ", all_.outcome, " in ", missing,
        is_treated ? "; fill it, or choose periods with --from and --to"
                   : "; fill it, leave the unit out with --exclude, choose "
                     "periods with --from and --to, or say --drop-incomplete"));
  }

  void Finish() {
    const auto count = static_cast<Eigen::Index>(rows_.size());
    const auto begin = static_cast<Eigen::Index>(range_.begin);
    const auto length = static_cast<Eigen::Index>(range_.end - range_.begin);
    panel_.outcome.resize(count, length);
    for (Eigen::Index row = 0; row < count; ++row) {
      panel_.outcome.row(row) = all_.values.row(rows_[static_cast<size_t>(row)])
                                    .segment(begin, length);
    }
  }

 private:
  const AllUnits& all_;
  const PeriodRange range_;
  const PanelChoice::Incomplete incomplete_;
  Panel& panel_;
  absl::flat_hash_map<std::string, size_t> places_;
  std::vector<Eigen::Index> rows_;
};

void DescribeAxis(const InputOptions& input, Panel& panel) {
  if (input.time.empty()) {
    panel.notes.push_back("no --time: periods are the rows, counted from 1");
  }
  const std::string gap = panel.axis.DescribeGap();
  if (!gap.empty()) {
    panel.notes.push_back(absl::StrCat("the periods have a gap: ", gap));
  }
}

}  // namespace

absl::StatusOr<Panel> MakePanel(const DataTable& table,
                                const InputOptions& input,
                                const PanelChoice& choice) {
  ASSIGN_OR_RETURN(AllUnits all, input.unit.empty() ? ReadWide(table, input)
                                                    : ReadLong(table, input));
  ASSIGN_OR_RETURN(const ChosenUnits chosen, ChooseUnits(all, input, choice));
  ASSIGN_OR_RETURN(const PeriodRange range, RangeOf(all.axis, input));
  Panel panel;
  panel.outcome_name = all.outcome;
  panel.notes = std::move(all.notes);
  Selection selection(all, range, choice.incomplete, panel);
  for (const std::string& name : chosen.treated) {
    RETURN_IF_ERROR(selection.Take(name, true));
  }
  for (const std::string& name : chosen.controls) {
    RETURN_IF_ERROR(selection.Take(name, false));
  }
  selection.Finish();
  panel.first_period = range.begin;
  panel.periods.assign(all.axis.labels().begin() + range.begin,
                       all.axis.labels().begin() + range.end);
  panel.axis = std::move(all.axis);
  DescribeAxis(input, panel);
  return panel;
}

absl::StatusOr<Eigen::MatrixXd> PanelColumn(const DataTable& table,
                                            const InputOptions& input,
                                            const Panel& panel,
                                            absl::string_view column,
                                            absl::string_view option) {
  if (input.unit.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        option, ": \"", column,
        "\" cannot be used where every column is a series; write a row a unit "
        "and period, and name their columns with --unit and --time"));
  }
  ASSIGN_OR_RETURN(const size_t unit_column, table.Find(input.unit, "--unit"));
  ASSIGN_OR_RETURN(const size_t found, table.Find(column, option));
  UnitIndex units;
  ASSIGN_OR_RETURN(const Eigen::MatrixXd all,
                   LongGrid(table, unit_column, found, panel.axis, units));
  Eigen::MatrixXd chosen = EmptyGrid(panel.units.size(), panel.axis.size());
  for (size_t unit = 0; unit < panel.units.size(); ++unit) {
    chosen.row(static_cast<Eigen::Index>(unit)) =
        all.row(static_cast<Eigen::Index>(units.places.at(panel.units[unit])));
  }
  return chosen;
}

}  // namespace headway::cli
