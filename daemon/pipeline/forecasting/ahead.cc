#include "daemon/pipeline/forecasting/ahead.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/pipeline/forecasting/column.h"
#include "daemon/pipeline/forecasting/leaf_paths.h"
#include "daemon/series/period.h"

namespace headway::pipeline {
namespace {

constexpr size_t kMostNamed = 3;
// Of leaves that are told one by one.
constexpr size_t kMostAheadNotes = 8;

// The day up to which the forecast of some column goes, and not with it.
absl::CivilDay EndOfForecast(const query::Panel& panel, int horizon) {
  absl::CivilDay end = absl::CivilDay::min();
  for (const query::LabelledColumn& whole : panel.columns) {
    std::string note;
    const query::LabelledColumn column = WithoutPartial(whole, &note);
    const series::Observations& x = column.observations;
    const series::StepAxis axis(x);
    const int32_t last =
        axis.StepOf(x.ordinals.back()) + HorizonOf(horizon, x.frequency, axis);
    end = std::max(end,
                   EndDay(series::Period{x.frequency, axis.OrdinalOf(last)}));
  }
  return end;
}

std::string DescribePaths(const std::vector<std::string>& names) {
  const std::vector<std::string> named(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(
                                         std::min(names.size(), kMostNamed)));
  std::string text = absl::StrJoin(named, ", ");
  if (names.size() > kMostNamed) {
    absl::StrAppend(&text, " and ", names.size() - kMostNamed, " more");
  }
  return absl::StrCat("paths of ", text);
}

absl::StatusOr<Ahead> TryLookAhead(const AheadInputs& inputs,
                                   const query::Panel& panel,
                                   const ForecastTask& task) {
  ASSIGN_OR_RETURN(const std::vector<query::Leaf> leaves,
                   query::FindLeaves(*inputs.expression, inputs.context));
  LeafOptions options;
  options.definition = task.definition;
  options.unit = panel.unit;
  options.indicators = inputs.indicators;
  options.end = EndOfForecast(panel, task.definition.horizon);
  options.seed = StableHash()
                     .Add(task.indicator)
                     .Add(static_cast<uint64_t>(absl::ToUnixMicros(task.as_of)))
                     .value();
  options.models = ModelContextOf(task);
  options.models.stopped = AskUntilYes(task.stopped);
  ASSIGN_OR_RETURN(LeafPaths paths, DrawLeafPaths(leaves, options));
  query::Context context = inputs.context;
  context.futures = &paths.futures;
  ASSIGN_OR_RETURN(query::Panel evaluated,
                   query::Evaluate(*inputs.expression, context));
  Ahead ahead;
  for (query::LabelledColumn& column : evaluated.columns) {
    if (column.paths != nullptr) ahead.columns.push_back(std::move(column));
  }
  ahead.model = DescribePaths(paths.names);
  ahead.notes = std::move(paths.notes);
  if (ahead.notes.size() > kMostAheadNotes) {
    const size_t left = ahead.notes.size() - kMostAheadNotes;
    ahead.notes.resize(kMostAheadNotes);
    ahead.notes.push_back(
        absl::StrCat("and ", left, " notes more on its inputs"));
  }
  return ahead;
}

}  // namespace

Ahead LookAhead(const AheadInputs& inputs, const query::Panel& panel,
                const ForecastTask& task) {
  Ahead none;
  if (panel.columns.empty()) return none;
  absl::StatusOr<Ahead> ahead = TryLookAhead(inputs, panel, task);
  if (ahead.ok()) return *std::move(ahead);
  none.status = ahead.status();
  return none;
}

}  // namespace headway::pipeline
