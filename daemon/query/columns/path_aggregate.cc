#include "daemon/query/columns/path_aggregate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headway::query {
namespace {

// How many columns of a group have begun on each path so far.
class BegunPaths {
 public:
  BegunPaths(const std::vector<const LabelledColumn*>& group, size_t paths)
      : has_begun_(group.size()), counts_(paths) {
    for (size_t i = 0; i < group.size(); ++i) {
      const series::Observations& known = group[i]->observations;
      if (!known.empty()) {
        starts_.push_back(known.ordinals.front());
      } else {
        has_begun_[i].resize(paths);
      }
    }
    std::sort(starts_.begin(), starts_.end());
  }

  // A column that has observations has begun with the first of them.
  void AdvanceTo(int32_t ordinal) {
    while (shared_ < starts_.size() && starts_[shared_] <= ordinal) ++shared_;
  }

  void Add(size_t column, size_t path) {
    if (has_begun_[column].empty() || has_begun_[column][path] != 0) return;
    has_begun_[column][path] = 1;
    ++counts_[path];
  }

  size_t Count(size_t path) const { return shared_ + counts_[path]; }

 private:
  // Where columns begin on all paths at once.
  std::vector<int32_t> starts_;
  size_t shared_ = 0;
  // [column][path], of those that begin on each path by itself.
  std::vector<std::vector<char>> has_begun_;
  std::vector<size_t> counts_;
};

// A column of a group that reaches into the span of its paths: of hundreds that
// end before, a record is made of a few.
struct Reaching {
  size_t column = 0;
  PathReader reader;
  const double* row = nullptr;
};

std::vector<Reaching> ReachingInto(
    const std::vector<const LabelledColumn*>& group, const PathSpan& span) {
  std::vector<Reaching> reaching;
  for (size_t i = 0; i < group.size(); ++i) {
    const series::Observations& known = group[i]->observations;
    const bool ends_before =
        group[i]->paths == nullptr &&
        (known.empty() || known.ordinals.back() < span.first);
    if (ends_before) continue;
    reaching.push_back({i, PathReader(PathsOf(*group[i]), span.paths)});
  }
  return reaching;
}

}  // namespace

std::optional<PathSpan> SpanOfPaths(
    const std::vector<const LabelledColumn*>& group) {
  PathSpan span = {std::numeric_limits<int32_t>::max(),
                   std::numeric_limits<int32_t>::min(), 0};
  for (const LabelledColumn* column : group) {
    if (column->paths == nullptr) {
      if (column->observations.empty()) continue;
      span.end = std::max(span.end, column->observations.ordinals.back() + 1);
      continue;
    }
    span.first = std::min(span.first, column->paths->first);
    span.end = std::max(span.end, column->paths->end());
    span.paths = column->paths->paths;
  }
  if (span.paths == 0) return std::nullopt;
  return span;
}

void DropFrom(int32_t first, series::Observations* observations) {
  const auto from = std::lower_bound(observations->ordinals.begin(),
                                     observations->ordinals.end(), first);
  const size_t left =
      static_cast<size_t>(from - observations->ordinals.begin());
  observations->ordinals.resize(left);
  observations->values.resize(left);
  if (observations->statuses.empty()) return;
  observations->statuses.resize(left);
  series::DropFinalStatuses(&observations->statuses);
}

void ForEachPath(
    const std::vector<const LabelledColumn*>& group, const PathSpan& span,
    absl::FunctionRef<void(size_t, size_t, const PathMembers&)> visit) {
  std::vector<Reaching> reaching = ReachingInto(group, span);
  BegunPaths begun(group, span.paths);
  std::vector<Member> members;
  for (int32_t ordinal = span.first; ordinal < span.end; ++ordinal) {
    const size_t row = static_cast<size_t>(ordinal - span.first);
    begun.AdvanceTo(ordinal);
    for (Reaching& one : reaching) one.row = one.reader.At(ordinal);
    for (size_t p = 0; p < span.paths; ++p) {
      members.clear();
      for (const Reaching& one : reaching) {
        if (one.row == nullptr || std::isnan(one.row[p])) continue;
        members.push_back({static_cast<uint32_t>(one.column),
                           series::ObservationStatus::kFinal, one.row[p]});
        begun.Add(one.column, p);
      }
      visit(row, p, {members, begun.Count(p)});
    }
  }
}

}  // namespace headway::query
