// Who is treated when: --group, or --treated and --at.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/differences/group_time.h"
#include "tools/headway/commands/evidence/impact/difference_options.h"

namespace headway::cli {
namespace {

// Texts of --group that say that a unit is never treated.
bool IsNever(const std::string& text) {
  double value = 0;
  return absl::SimpleAtod(text, &value) && (value == 0 || std::isinf(value));
}

// `text` is the first treated period of a unit.
absl::StatusOr<int> FirstPeriod(const Panel& panel, const std::string& text,
                                int& after_the_last) {
  const TimeAxis& axis = panel.axis;
  if (IsNever(text)) {
    if (!axis.Find(text, "--group").ok()) return evidence::kNeverTreated;
    return absl::InvalidArgumentError(absl::StrCat(
        "--group: ", text, " stands for never treated, but is a period of the ",
        "table; leave the cells of never treated units empty, and name that ",
        "period otherwise"));
  }
  const auto found = axis.Find(text, "--group");
  size_t place = found.ok() ? *found : 0;
  if (!found.ok()) {
    const auto from = axis.FirstFrom(text, "--group");
    const bool after = absl::IsOutOfRange(from.status());
    const bool before =
        absl::IsOutOfRange(axis.EndTo(text, "--group").status());
    if (!after && !before) return found.status();
    place = after ? axis.size() : 0;
  }
  if (place >= panel.first_period + panel.periods.size()) {
    ++after_the_last;
    return evidence::kNeverTreated;
  }
  if (place > panel.first_period) {
    return static_cast<int>(place - panel.first_period);
  }
  return 0;
}

// The text of `column` of each unit, "" where it has none: one a unit.
absl::StatusOr<std::map<std::string, std::string>> GroupTexts(
    const DataTable& table, size_t unit, size_t column) {
  std::map<std::string, std::string> groups;
  ASSIGN_OR_RETURN(const auto names, table.Texts(unit));
  for (size_t row = 0; row < table.rows(); ++row) {
    const std::string text =
        table.IsMissing(row, column)
            ? ""
            : std::string(absl::StripAsciiWhitespace(table.cell(row, column)));
    const auto [at, added] = groups.emplace(names[row], text);
    if (added || at->second == text) continue;
    const auto quoted = [](const std::string& group) {
      return group.empty() ? std::string("none") : group;
    };
    return table.ErrorAt(
        row, column,
        absl::StrCat("--group: unit \"", names[row],
                     "\" has two first treated periods, ", quoted(at->second),
                     " and ", quoted(text), "; write one in all of its rows"));
  }
  return groups;
}

// A panel studies named units, which here are all of them: the first that is
// not left out stands for them.
absl::StatusOr<Panel> WholePanel(const DataTable& table,
                                 const ImpactOptions& impact, size_t unit) {
  ASSIGN_OR_RETURN(const auto names, table.Texts(unit));
  std::vector<std::string> excluded;
  if (!impact.exclude.empty()) {
    ASSIGN_OR_RETURN(excluded,
                     KnownNames(impact.exclude, names, "--exclude", "unit"));
  }
  const auto first = std::find_if(
      names.begin(), names.end(), [&excluded](const std::string& name) {
        return !absl::c_linear_search(excluded, name);
      });
  if (first == names.end()) {
    return absl::InvalidArgumentError("--exclude leaves no unit");
  }
  ImpactOptions whole = impact;
  whole.treated = *first;
  if (!impact.drop_incomplete) return ImpactPanel(table, whole);
  // A studied unit is never dropped: take one that is complete.
  whole.drop_incomplete = false;
  ASSIGN_OR_RETURN(const Panel all,
                   ImpactPanel(table, whole, PanelChoice::Incomplete::kKeep));
  for (size_t i = 0; i < all.units.size(); ++i) {
    if (!all.outcome.row(static_cast<Eigen::Index>(i)).allFinite()) continue;
    whole.treated = all.units[i];
    break;
  }
  whole.drop_incomplete = true;
  return ImpactPanel(table, whole);
}

absl::StatusOr<Staggered> ReadGroups(const DataTable& table,
                                     const ImpactOptions& impact,
                                     const DifferenceOptions& options) {
  if (!impact.treated.empty() || !impact.at.empty() ||
      !impact.controls.empty()) {
    return absl::InvalidArgumentError(
        "--group says who is treated when; leave out --treated, --at and "
        "--controls (--exclude leaves units out)");
  }
  if (impact.input.unit.empty() || impact.input.time.empty()) {
    return absl::InvalidArgumentError(
        "--group needs --unit and --time: the columns of the units and of the "
        "periods");
  }
  ASSIGN_OR_RETURN(const size_t unit, table.Find(impact.input.unit, "--unit"));
  ASSIGN_OR_RETURN(const size_t column, table.Find(options.group, "--group"));
  Staggered data;
  ASSIGN_OR_RETURN(data.panel, WholePanel(table, impact, unit));
  ASSIGN_OR_RETURN(const auto groups, GroupTexts(table, unit, column));
  int after_the_last = 0;
  for (const std::string& name : data.panel.units) {
    const std::string& text = groups.at(name);
    if (text.empty()) {
      data.first_treated.push_back(evidence::kNeverTreated);
      continue;
    }
    const auto first = FirstPeriod(data.panel, text, after_the_last);
    if (!first.ok()) {
      return Annotate(first.status(), absl::StrCat("unit \"", name, "\""));
    }
    data.first_treated.push_back(*first);
  }
  if (after_the_last > 0) {
    data.panel.notes.push_back(absl::StrCat(
        after_the_last, " units begin after ", data.panel.periods.back(),
        ", the last period, and count as never treated"));
  }
  return data;
}

}  // namespace

absl::StatusOr<Staggered> ReadStaggered(const DataTable& table,
                                        const ImpactOptions& impact,
                                        const DifferenceOptions& options) {
  if (!options.group.empty()) return ReadGroups(table, impact, options);
  Staggered data;
  ASSIGN_OR_RETURN(data.panel, ImpactPanel(table, impact));
  ASSIGN_OR_RETURN(const size_t before, PeriodsBefore(data.panel, impact));
  data.first_treated.assign(data.panel.units.size(), evidence::kNeverTreated);
  std::fill_n(data.first_treated.begin(), data.panel.treated,
              static_cast<int>(before));
  return data;
}

}  // namespace headway::cli
