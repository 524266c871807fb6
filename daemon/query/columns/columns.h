// Labelled columns, and lists of labels: what functions of groups work on.
#ifndef HEADWAY_DAEMON_QUERY_COLUMNS_COLUMNS_H_
#define HEADWAY_DAEMON_QUERY_COLUMNS_COLUMNS_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/query/math/paths.h"
#include "daemon/series/labels.h"
#include "daemon/series/observations.h"

namespace headway::query {

struct LabelledColumn {
  series::Labels labels;
  series::Observations observations;
  // How the column goes on after its observations, on many paths; null where it
  // does not.
  std::shared_ptr<const PathBlock> paths = nullptr;

  bool empty() const { return observations.empty() && paths == nullptr; }
};

// The column as functions of paths see it. Borrowed.
inline PathColumn PathsOf(const LabelledColumn& column) {
  return {&column.observations, column.paths.get()};
}

// The values that it holds, those of paths with them.
inline size_t SizeOf(const LabelledColumn& column) {
  return column.observations.size() +
         (column.paths != nullptr ? column.paths->values.size() : 0);
}

inline bool HasPaths(const std::vector<LabelledColumn>& columns) {
  return std::any_of(
      columns.begin(), columns.end(),
      [](const LabelledColumn& column) { return column.paths != nullptr; });
}

// by (...), without (...), on (...), ignoring (...): the labels named, or all
// but those named.
struct LabelList {
  bool keep = true;
  std::vector<std::string> names;
};

// The labels that are left after `list` is applied; none without a list.
inline series::Labels GroupLabels(const series::Labels& labels,
                                  const std::optional<LabelList>& list) {
  if (!list.has_value()) return series::Labels();
  return list->keep ? labels.Only(list->names) : labels.Without(list->names);
}

using Groups = std::map<series::Labels, std::vector<const LabelledColumn*>>;

// The columns by their GroupLabels. Points into `columns`.
inline Groups GroupColumns(const std::vector<LabelledColumn>& columns,
                           const std::optional<LabelList>& list) {
  Groups groups;
  for (const LabelledColumn& column : columns) {
    groups[GroupLabels(column.labels, list)].push_back(&column);
  }
  return groups;
}

// The names of all their labels.
inline std::set<std::string> LabelNames(
    const std::vector<LabelledColumn>& columns) {
  std::set<std::string> names;
  for (const LabelledColumn& column : columns) {
    for (const series::Labels::Pair& pair : column.labels.pairs()) {
      names.insert(pair.first);
    }
  }
  return names;
}

// The newest vintage among the columns.
inline absl::Time NewestKnownAt(
    const std::vector<const LabelledColumn*>& columns) {
  absl::Time newest = absl::InfinitePast();
  for (const LabelledColumn* column : columns) {
    newest = std::max(newest, column->observations.known_at);
  }
  return newest;
}

// Periods that a function may add to those that were read, in all columns.
constexpr int64_t kMaxAddedPeriods = 20'000'000;

// RESOURCE_EXHAUSTED if `periods` are too many for `function` to add.
inline absl::Status CheckAddedPeriods(absl::string_view function,
                                      int64_t periods) {
  if (periods <= kMaxAddedPeriods) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      function, " would yield ", periods, " observations, and at most ",
      kMaxAddedPeriods,
      " are allowed; select fewer series or resample to longer periods"));
}

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_COLUMNS_COLUMNS_H_
