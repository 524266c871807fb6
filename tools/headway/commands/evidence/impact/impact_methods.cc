#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/commands/evidence/impact/impact_method.h"

namespace headway::cli {

absl::StatusOr<Panel> ImpactPanel(const DataTable& table,
                                  const ImpactOptions& options,
                                  PanelChoice::Incomplete incomplete) {
  using Incomplete = PanelChoice::Incomplete;
  return MakePanel(
      table, options.input,
      {.treated = options.treated,
       .controls = options.controls,
       .exclude = options.exclude,
       .incomplete = options.drop_incomplete ? Incomplete::kDrop : incomplete});
}

absl::StatusOr<size_t> PeriodsBefore(const Panel& panel,
                                     const ImpactOptions& options) {
  if (options.at.empty()) {
    return absl::InvalidArgumentError(
        "name the first treated period with --at");
  }
  const auto found = panel.axis.Find(options.at, "--at");
  if (!found.ok() && absl::StrContains(options.at, ',')) {
    return absl::InvalidArgumentError(
        absl::StrCat("--at ", options.at,
                     ": all treated units begin at one period; study those "
                     "that begin at another one by themselves, with --exclude "
                     "for the rest"));
  }
  if (!found.ok()) return found.status();
  const size_t place = *found;
  const size_t end = panel.first_period + panel.periods.size();
  if (place > panel.first_period && place < end) {
    return place - panel.first_period;
  }
  const std::string range =
      absl::StrCat(panel.periods.front(), " to ", panel.periods.back());
  return absl::InvalidArgumentError(
      place == panel.first_period
          ? absl::StrCat("--at ", options.at, " is the first of the periods ",
                         range, ": none is left before it")
          : absl::StrCat("--at ", options.at,
                         " is not among the periods that --from and --to "
                         "leave, ",
                         range));
}

std::vector<ImpactMethod> AddImpactMethods(CLI::App& command) {
  std::vector<ImpactMethod> methods;
  const auto add = [&methods](std::vector<ImpactMethod> more) {
    std::move(more.begin(), more.end(), std::back_inserter(methods));
  };
  add(AddSyntheticMethods(command));
  add(AddDifferenceMethods(command));
  add(AddStructuralMethods(command));
  return methods;
}

}  // namespace headway::cli
