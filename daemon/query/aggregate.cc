#include "daemon/query/aggregate.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/resample.h"
#include "daemon/query/value.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Labels;
using series::Observations;

// Of all groups together: some seconds of work, and far more than real data
// span.
constexpr int64_t kMaxSlots = 400'000'000;

// One slot for each period from the first of a group to its last. Periods lie
// within some hundreds of years, so there are at most a few hundred thousand.
struct Slots {
  int32_t first = 0;
  std::vector<double> totals;
  std::vector<int32_t> counts;
};

template <typename Combine>
absl::Status Accumulate(const std::vector<const LabelledColumn*>& group,
                        Combine combine, Effort& effort, Slots* slots) {
  for (const LabelledColumn* column : group) {
    const Observations& x = column->observations;
    RETURN_IF_ERROR(effort.Spend(x.size()));
    for (size_t i = 0; i < x.size(); ++i) {
      const size_t slot = x.ordinals[i] - slots->first;
      slots->totals[slot] = slots->counts[slot]++ == 0
                                ? x.values[i]
                                : combine(slots->totals[slot], x.values[i]);
    }
  }
  return absl::OkStatus();
}

// The first and the last period of a group.
std::pair<int32_t, int32_t> Span(
    const std::vector<const LabelledColumn*>& group) {
  int32_t first = std::numeric_limits<int32_t>::max();
  int32_t last = std::numeric_limits<int32_t>::min();
  for (const LabelledColumn* column : group) {
    first = std::min(first, column->observations.ordinals.front());
    last = std::max(last, column->observations.ordinals.back());
  }
  return {first, last};
}

absl::Status CheckSpans(const Groups& groups) {
  int64_t slots = 0;
  for (const auto& [labels, group] : groups) {
    const auto [first, last] = Span(group);
    slots += int64_t{last} - first + 1;
  }
  if (slots <= kMaxSlots) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      groups.size(), " groups span ", slots, " periods together, and at most ",
      kMaxSlots, " are allowed; group by fewer labels or resample first"));
}

absl::StatusOr<Slots> FillSlots(const std::vector<const LabelledColumn*>& group,
                                Aggregation aggregation, Effort& effort) {
  const auto [first, last] = Span(group);
  const size_t size = static_cast<size_t>(int64_t{last} - first + 1);
  RETURN_IF_ERROR(effort.Spend(size));
  Slots slots{first, std::vector<double>(size), std::vector<int32_t>(size)};
  switch (aggregation) {
    case Aggregation::kMax:
      RETURN_IF_ERROR(Accumulate(
          group, [](double a, double b) { return std::max(a, b); }, effort,
          &slots));
      break;
    case Aggregation::kMin:
      RETURN_IF_ERROR(Accumulate(
          group, [](double a, double b) { return std::min(a, b); }, effort,
          &slots));
      break;
    case Aggregation::kSum:
    case Aggregation::kMean:
    case Aggregation::kCount:
      RETURN_IF_ERROR(Accumulate(
          group, [](double a, double b) { return a + b; }, effort, &slots));
      break;
  }
  return slots;
}

absl::StatusOr<Observations> AggregateGroup(
    const std::vector<const LabelledColumn*>& group, Aggregation aggregation,
    Effort& effort) {
  ASSIGN_OR_RETURN(const Slots slots, FillSlots(group, aggregation, effort));
  Observations result = EmptyLike(group.front()->observations);
  result.known_at = NewestKnownAt(group);
  for (size_t slot = 0; slot < slots.counts.size(); ++slot) {
    const int32_t count = slots.counts[slot];
    if (count == 0) continue;
    double value = slots.totals[slot];
    if (aggregation == Aggregation::kMean) value /= count;
    if (aggregation == Aggregation::kCount) value = count;
    Append(slots.first + static_cast<int32_t>(slot), value, &result);
  }
  return result;
}

// How many columns of the group have begun by each slot.
std::vector<int32_t> Begun(const std::vector<const LabelledColumn*>& group,
                           const Slots& slots) {
  std::vector<int32_t> begun(slots.counts.size());
  for (const LabelledColumn* column : group) {
    ++begun[column->observations.ordinals.front() - slots.first];
  }
  for (size_t slot = 1; slot < begun.size(); ++slot) {
    begun[slot] += begun[slot - 1];
  }
  return begun;
}

}  // namespace

Labels GroupLabels(const Labels& labels, const std::optional<LabelList>& list) {
  if (!list.has_value()) return Labels();
  return list->keep ? labels.Only(list->names) : labels.Without(list->names);
}

Groups GroupColumns(const std::vector<LabelledColumn>& columns,
                    const std::optional<LabelList>& list) {
  Groups groups;
  for (const LabelledColumn& column : columns) {
    groups[GroupLabels(column.labels, list)].push_back(&column);
  }
  return groups;
}

absl::Time NewestKnownAt(const std::vector<const LabelledColumn*>& columns) {
  absl::Time newest = absl::InfinitePast();
  for (const LabelledColumn* column : columns) {
    newest = std::max(newest, column->observations.known_at);
  }
  return newest;
}

absl::StatusOr<std::vector<LabelledColumn>> Aggregate(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Aggregation aggregation,
    Effort& effort) {
  const Groups groups = GroupColumns(columns, grouping);
  RETURN_IF_ERROR(CheckSpans(groups));
  std::vector<LabelledColumn> result;
  for (const auto& [labels, group] : groups) {
    ASSIGN_OR_RETURN(Observations aggregate,
                     AggregateGroup(group, aggregation, effort));
    result.push_back({labels, std::move(aggregate)});
  }
  return result;
}

absl::StatusOr<std::vector<LabelledColumn>> Share(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Effort& effort) {
  const Groups groups = GroupColumns(columns, grouping);
  RETURN_IF_ERROR(CheckSpans(groups));
  std::vector<LabelledColumn> result;
  for (const auto& [labels, group] : groups) {
    ASSIGN_OR_RETURN(const Slots slots,
                     FillSlots(group, Aggregation::kSum, effort));
    const std::vector<int32_t> begun = Begun(group, slots);
    for (const LabelledColumn* column : group) {
      const Observations& x = column->observations;
      RETURN_IF_ERROR(effort.Spend(x.size()));
      Observations share = EmptyLike(x);
      share.known_at = NewestKnownAt(group);
      for (size_t i = 0; i < x.size(); ++i) {
        const size_t slot = x.ordinals[i] - slots.first;
        if (slots.counts[slot] < begun[slot] || slots.totals[slot] == 0) {
          continue;
        }
        Append(x.ordinals[i], 100 * (x.values[i] / slots.totals[slot]), &share);
      }
      result.push_back({column->labels, std::move(share)});
    }
  }
  std::sort(result.begin(), result.end(),
            [](const LabelledColumn& a, const LabelledColumn& b) {
              return a.labels < b.labels;
            });
  return result;
}

absl::StatusOr<std::vector<LabelledColumn>> CountReleases(
    const std::vector<LabelledColumn>& columns,
    const std::optional<LabelList>& grouping, Frequency frequency,
    Effort& effort) {
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
