#include "daemon/query/columns/aggregate.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <memory>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/columns/path_aggregate.h"
#include "daemon/query/columns/slots.h"
#include "daemon/query/math/column.h"
#include "daemon/query/math/compensated_sum.h"
#include "daemon/query/math/resample.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Labels;
using series::Observations;

CompensatedSum SumOf(absl::Span<const Member> members) {
  CompensatedSum sum;
  for (const Member& member : members) sum.Add(member.value);
  return sum;
}

double DeviationOf(absl::Span<const Member> members) {
  const double mean = SumOf(members).Mean(members.size());
  CompensatedSum squares;
  for (const Member& member : members) {
    squares.Add((member.value - mean) * (member.value - mean));
  }
  return std::sqrt(squares.Mean(members.size()));
}

double QuantileOf(absl::Span<const Member> members, double quantile) {
  std::vector<double> values;
  values.reserve(members.size());
  for (const Member& member : members) values.push_back(member.value);
  const double place = quantile * static_cast<double>(values.size() - 1);
  const size_t below = static_cast<size_t>(place);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(values.begin(), at, values.end());
  const double part = place - static_cast<double>(below);
  if (part == 0) return *at;
  const double above = *std::min_element(at + 1, values.end());
  return *at * (1 - part) + above * part;
}

bool HasLess(const Member& a, const Member& b) { return a.value < b.value; }

// Of at least one member.
double Reduce(absl::Span<const Member> members, Aggregation aggregation,
              const AggregateOptions& options) {
  switch (aggregation) {
    case Aggregation::kSum:
      return SumOf(members).Total();
    case Aggregation::kMean:
      return SumOf(members).Mean(members.size());
    case Aggregation::kMax:
      return absl::c_max_element(members, HasLess)->value;
    case Aggregation::kMin:
      return absl::c_min_element(members, HasLess)->value;
    case Aggregation::kCount:
      return static_cast<double>(members.size());
    case Aggregation::kDeviation:
      return DeviationOf(members);
    case Aggregation::kQuantile:
      return QuantileOf(members, options.quantile);
  }
  return 0;
}

series::ObservationStatus StatusOf(absl::Span<const Member> members) {
  series::ObservationStatus status = series::ObservationStatus::kFinal;
  for (const Member& member : members) {
    status = series::LessFirm(status, member.status);
  }
  return status;
}

// Of observations alone, before any path begins.
absl::StatusOr<Observations> AggregatePast(
    const std::vector<const LabelledColumn*>& group, Aggregation aggregation,
    const AggregateOptions& options, Effort& effort) {
  ASSIGN_OR_RETURN(const Slots slots, Slots::Create(group, effort));
  const std::vector<size_t> begun = slots.Begun(group);
  Observations result = EmptyLike(group.front()->observations);
  result.known_at = NewestKnownAt(group);
  for (size_t slot = 0; slot < slots.size(); ++slot) {
    const absl::Span<const Member> members = slots.At(slot);
    if (members.empty()) continue;
    if (options.complete && members.size() < begun[slot]) continue;
    Append(slots.OrdinalOf(slot), Reduce(members, aggregation, options),
           &result, StatusOf(members));
  }
  return result;
}

absl::StatusOr<LabelledColumn> AggregateGroup(
    const Labels& labels, const std::vector<const LabelledColumn*>& group,
    Aggregation aggregation, const AggregateOptions& options, Effort& effort) {
  LabelledColumn result = {labels};
  ASSIGN_OR_RETURN(result.observations,
                   AggregatePast(group, aggregation, options, effort));
  const std::optional<PathSpan> span = SpanOfPaths(group);
  if (!span.has_value()) return result;
  RETURN_IF_ERROR(effort.Spend(span->values() * group.size()));
  DropFrom(span->first, &result.observations);
  PathBlock block = EmptyBlock(span->first, span->end, span->paths);
  ForEachPath(group, *span,
              [&](size_t row, size_t path, const PathMembers& at) {
                const bool is_left_out =
                    at.members.empty() ||
                    (options.complete && at.members.size() < at.begun);
                if (is_left_out) return;
                block.Row(row)[path] =
                    FiniteOrNone(Reduce(at.members, aggregation, options));
              });
  result.paths = std::make_shared<const PathBlock>(std::move(block));
  return result;
}

// Columns for what is picked of each column of a group, empty so far.
std::vector<LabelledColumn> EmptyColumns(
    const std::vector<const LabelledColumn*>& group) {
  const absl::Time known_at = NewestKnownAt(group);
  std::vector<LabelledColumn> columns;
  for (const LabelledColumn* column : group) {
    columns.push_back({column->labels, EmptyLike(column->observations)});
    columns.back().observations.known_at = known_at;
  }
  return columns;
}

void SortByColumnLabels(std::vector<LabelledColumn>* columns) {
  std::sort(columns->begin(), columns->end(),
            [](const LabelledColumn& a, const LabelledColumn& b) {
              return a.labels < b.labels;
            });
}

// Calls pick(slots, group, columns to append to) for each group; its error ends
// the work.
template <typename Pick>
absl::StatusOr<std::vector<LabelledColumn>> PickFromGroups(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Effort& effort, Pick pick) {
  const Groups groups = GroupColumns(columns, grouping);
  RETURN_IF_ERROR(CheckSpans(groups));
  std::vector<LabelledColumn> result;
  for (const auto& [labels, group] : groups) {
    ASSIGN_OR_RETURN(const Slots slots, Slots::Create(group, effort));
    std::vector<LabelledColumn> picked = EmptyColumns(group);
    RETURN_IF_ERROR(pick(slots, group, &picked));
    std::move(picked.begin(), picked.end(), std::back_inserter(result));
  }
  SortByColumnLabels(&result);
  return result;
}

bool HasBegun(const LabelledColumn& column, int32_t ordinal) {
  const Observations& x = column.observations;
  return !x.empty() && x.ordinals.front() <= ordinal;
}

// Calls visit(column, value) for each column that has begun by the slot, with 0
// for those that have no value there.
template <typename Visit>
void ForEachBegun(const Slots& slots, size_t slot,
                  const std::vector<const LabelledColumn*>& group,
                  Visit visit) {
  const absl::Span<const Member> members = slots.At(slot);
  const int32_t ordinal = slots.OrdinalOf(slot);
  const Member* next = members.begin();
  for (uint32_t column = 0; column < group.size(); ++column) {
    if (next != members.end() && next->column == column) {
      visit(column, (next++)->value);
    } else if (HasBegun(*group[column], ordinal)) {
      visit(column, 0.0);
    }
  }
}

absl::Status ShareOut(const Slots& slots,
                      const std::vector<const LabelledColumn*>& group,
                      bool absent_is_zero, Effort& effort,
                      std::vector<LabelledColumn>* shares) {
  const std::vector<size_t> begun = slots.Begun(group);
  int64_t periods = 0;
  for (size_t slot = 0; slot < slots.size(); ++slot) {
    const absl::Span<const Member> members = slots.At(slot);
    const double total = SumOf(members).Total();
    const auto add = [&](uint32_t column, double value) {
      Append(slots.OrdinalOf(slot), 100 * (value / total),
             &(*shares)[column].observations, StatusOf(members));
    };
    if (members.empty() || total == 0) continue;
    if (members.size() == begun[slot]) {
      for (const Member& member : members) add(member.column, member.value);
    } else if (absent_is_zero) {
      periods += static_cast<int64_t>(begun[slot]);
      RETURN_IF_ERROR(CheckAddedPeriods("share", periods));
      RETURN_IF_ERROR(effort.Spend(group.size()));
      ForEachBegun(slots, slot, group, add);
    }
  }
  return absl::OkStatus();
}

// Those at which a column has a value, in order.
std::vector<int32_t> PeriodsOf(
    const std::vector<const LabelledColumn*>& group) {
  std::vector<int32_t> periods;
  for (const LabelledColumn* column : group) {
    const std::vector<int32_t>& ordinals = column->observations.ordinals;
    periods.insert(periods.end(), ordinals.begin(), ordinals.end());
  }
  absl::c_sort(periods);
  periods.erase(std::unique(periods.begin(), periods.end()), periods.end());
  return periods;
}

// As ShareOut, on the paths of the group, if it has any.
absl::Status ShareOutPaths(const std::vector<const LabelledColumn*>& group,
                           bool absent_is_zero, Effort& effort,
                           std::vector<LabelledColumn>* shares) {
  const std::optional<PathSpan> span = SpanOfPaths(group);
  if (!span.has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(effort.Spend(span->values() * group.size()));
  std::vector<PathBlock> blocks(
      group.size(), EmptyBlock(span->first, span->end, span->paths));
  std::vector<std::vector<char>> begun(group.size(),
                                       std::vector<char>(span->paths));
  ForEachPath(
      group, *span, [&](size_t row, size_t path, const PathMembers& at) {
        for (const Member& member : at.members) begun[member.column][path] = 1;
        const double total = SumOf(at.members).Total();
        if (at.members.empty() || total == 0) return;
        if (at.members.size() < at.begun && !absent_is_zero) return;
        for (size_t i = 0; absent_is_zero && i < group.size(); ++i) {
          if (begun[i][path] != 0 ||
              HasBegun(*group[i], span->first + static_cast<int32_t>(row))) {
            blocks[i].Row(row)[path] = 0;
          }
        }
        for (const Member& member : at.members) {
          blocks[member.column].Row(row)[path] =
              FiniteOrNone(100 * (member.value / total));
        }
      });
  for (size_t i = 0; i < group.size(); ++i) {
    DropFrom(span->first, &(*shares)[i].observations);
    (*shares)[i].paths =
        std::make_shared<const PathBlock>(std::move(blocks[i]));
  }
  return absl::OkStatus();
}

// What the columns of one group do between its first period and its last.
struct Composition {
  int late = 0;
  int ended = 0;
  int gaps = 0;
  const LabelledColumn* example = nullptr;
  size_t columns = 0;

  // `periods` are those at which the group has a value, in order: where no
  // member has one, none is missing.
  void Add(const LabelledColumn& column, const std::vector<int32_t>& periods) {
    const Observations& x = column.observations;
    ++columns;
    const bool is_late = x.ordinals.front() > periods.front();
    const bool has_ended = x.ordinals.back() < periods.back();
    const auto spanned = absl::c_upper_bound(periods, x.ordinals.back()) -
                         absl::c_lower_bound(periods, x.ordinals.front());
    const bool has_gaps = spanned != static_cast<int64_t>(x.size());
    late += is_late;
    ended += has_ended;
    gaps += has_gaps;
    const bool changes = is_late || has_ended || has_gaps;
    if (changes && example == nullptr) example = &column;
  }
};

}  // namespace

absl::StatusOr<std::vector<LabelledColumn>> Aggregate(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Aggregation aggregation,
    Effort& effort, const AggregateOptions& options) {
  const Groups groups = GroupColumns(columns, grouping);
  RETURN_IF_ERROR(CheckSpans(groups));
  std::vector<LabelledColumn> result;
  for (const auto& [labels, group] : groups) {
    ASSIGN_OR_RETURN(
        LabelledColumn aggregate,
        AggregateGroup(labels, group, aggregation, options, effort));
    result.push_back(std::move(aggregate));
  }
  return result;
}

std::optional<std::string> DescribeComposition(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping) {
  Composition all;
  for (const auto& [labels, group] : GroupColumns(columns, grouping)) {
    const std::vector<int32_t> periods = PeriodsOf(group);
    for (const LabelledColumn* column : group) all.Add(*column, periods);
  }
  if (all.example == nullptr) return std::nullopt;
  std::vector<std::string> parts;
  if (all.late > 0) parts.push_back(absl::StrCat(all.late, " begin later"));
  if (all.ended > 0) parts.push_back(absl::StrCat(all.ended, " end before"));
  if (all.gaps > 0) parts.push_back(absl::StrCat(all.gaps, " have gaps"));
  const Observations& x = all.example->observations;
  return absl::StrCat("the members change: of ", all.columns, " columns ",
                      absl::StrJoin(parts, ", "), ", such as ",
                      FormatLabels(all.example->labels), " (",
                      series::FormatPeriod({x.frequency, x.ordinals.front()}),
                      " to ",
                      series::FormatPeriod({x.frequency, x.ordinals.back()}),
                      ", ", x.size(), " values)");
}

absl::StatusOr<std::vector<LabelledColumn>> Share(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Effort& effort,
    bool absent_is_zero) {
  return PickFromGroups(
      columns, grouping, effort,
      [&](const Slots& slots, const std::vector<const LabelledColumn*>& group,
          std::vector<LabelledColumn>* shares) -> absl::Status {
        RETURN_IF_ERROR(ShareOut(slots, group, absent_is_zero, effort, shares));
        return ShareOutPaths(group, absent_is_zero, effort, shares);
      });
}

absl::StatusOr<std::vector<LabelledColumn>> Top(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, size_t count, Effort& effort) {
  return PickFromGroups(
      columns, grouping, effort,
      [&](const Slots& slots, const std::vector<const LabelledColumn*>&,
          std::vector<LabelledColumn>* top) {
        std::vector<Member> ranked;
        for (size_t slot = 0; slot < slots.size(); ++slot) {
          ranked.assign(slots.At(slot).begin(), slots.At(slot).end());
          // Members come by their labels, and equal ones stay so.
          std::stable_sort(
              ranked.begin(), ranked.end(),
              [](const Member& a, const Member& b) { return HasLess(b, a); });
          if (ranked.size() > count) ranked.resize(count);
          for (const Member& member : ranked) {
            Append(slots.OrdinalOf(slot), member.value,
                   &(*top)[member.column].observations, member.status);
          }
        }
        return absl::OkStatus();
      });
}

absl::StatusOr<std::vector<LabelledColumn>> Records(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Effort& effort) {
  return PickFromGroups(
      columns, grouping, effort,
      [&](const Slots& slots, const std::vector<const LabelledColumn*>&,
          std::vector<LabelledColumn>* records) {
        double record = -std::numeric_limits<double>::infinity();
        for (size_t slot = 0; slot < slots.size(); ++slot) {
          const absl::Span<const Member> members = slots.At(slot);
          if (members.empty()) continue;
          const Member best = *absl::c_max_element(members, HasLess);
          if (best.value <= record) continue;
          record = best.value;
          Append(slots.OrdinalOf(slot), record,
                 &(*records)[best.column].observations, best.status);
        }
        return absl::OkStatus();
      });
}

absl::StatusOr<std::vector<LabelledColumn>> CountReleases(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Frequency frequency,
    absl::Duration final_after, Effort& effort) {
  std::vector<LabelledColumn> result;
  if (columns.empty()) return result;
  absl::Time known_at = absl::InfinitePast();
  int32_t first = std::numeric_limits<int32_t>::max();
  for (const LabelledColumn& column : columns) {
    const Observations& x = column.observations;
    known_at = std::max(known_at, x.known_at);
    first =
        std::min(first, Coarsen({x.frequency, x.ordinals.front()}, frequency));
  }
  const int32_t last = LastPeriodOver(frequency, known_at);
  if (last < first) return result;
  const int32_t last_final = LastPeriodOver(frequency, known_at - final_after);
  const size_t size = static_cast<size_t>(int64_t{last} - first + 1);
  const Groups groups = GroupColumns(columns, grouping);
  RETURN_IF_ERROR(CheckAddedPeriods(
      "count_releases", static_cast<int64_t>(size * groups.size())));
  for (const auto& [labels, group] : groups) {
    Observations counts;
    counts.frequency = frequency;
    counts.known_at = known_at;
    counts.values.resize(size);
    counts.ordinals.resize(size);
    for (size_t i = 0; i < size; ++i) {
      counts.ordinals[i] = first + static_cast<int32_t>(i);
      series::AppendStatus(counts.ordinals[i] <= last_final
                               ? series::ObservationStatus::kFinal
                               : series::ObservationStatus::kPartial,
                           i, &counts.statuses);
    }
    RETURN_IF_ERROR(effort.Spend(size));
    for (const LabelledColumn* column : group) {
      const Observations& x = column->observations;
      RETURN_IF_ERROR(effort.Spend(x.size()));
      for (int32_t ordinal : x.ordinals) {
        const int32_t period = Coarsen({x.frequency, ordinal}, frequency);
        if (period <= last) ++counts.values[period - first];
      }
    }
    result.push_back({labels, std::move(counts)});
  }
  return result;
}

}  // namespace headway::query
