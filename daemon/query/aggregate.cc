#include "daemon/query/aggregate.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "daemon/base/compensated_sum.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/math/column.h"
#include "daemon/query/math/resample.h"
#include "daemon/query/value.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Labels;
using series::Observations;

// Of all groups together: some seconds of work, and far more than real data
// span.
constexpr int64_t kMaxSlots = 400'000'000;

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

// What a column of the group has at one period.
struct Member {
  // Index into the group.
  uint32_t column = 0;
  double value = 0;
};

// The values of a group by period: one slot for each period from the first of
// the group to its last. Periods lie within some hundreds of years, so there
// are at most a few hundred thousand.
class Slots {
 public:
  static absl::StatusOr<Slots> Create(
      const std::vector<const LabelledColumn*>& group, Effort& effort) {
    const auto [first, last] = Span(group);
    const size_t size = static_cast<size_t>(int64_t{last} - first + 1);
    RETURN_IF_ERROR(effort.Spend(size));
    Slots slots(first, size);
    RETURN_IF_ERROR(slots.Count(group, effort));
    RETURN_IF_ERROR(slots.Fill(group, effort));
    return slots;
  }

  size_t size() const { return ends_.size(); }
  size_t SlotOf(int32_t ordinal) const {
    return static_cast<size_t>(int64_t{ordinal} - first_);
  }
  int32_t OrdinalOf(size_t slot) const {
    return first_ + static_cast<int32_t>(slot);
  }
  // By the order of the group.
  absl::Span<const Member> At(size_t slot) const {
    const size_t begin = slot == 0 ? 0 : ends_[slot - 1];
    return absl::MakeConstSpan(members_).subspan(begin, ends_[slot] - begin);
  }

 private:
  Slots(int32_t first, size_t size) : first_(first), ends_(size) {}

  // Leaves in ends_ where each slot begins.
  absl::Status Count(const std::vector<const LabelledColumn*>& group,
                     Effort& effort) {
    size_t count = 0;
    for (const LabelledColumn* column : group) {
      RETURN_IF_ERROR(effort.Spend(column->observations.size()));
      count += column->observations.size();
      for (int32_t ordinal : column->observations.ordinals) {
        ++ends_[SlotOf(ordinal)];
      }
    }
    members_.resize(count);
    size_t begin = 0;
    for (size_t& end : ends_) begin += std::exchange(end, begin);
    return absl::OkStatus();
  }

  absl::Status Fill(const std::vector<const LabelledColumn*>& group,
                    Effort& effort) {
    for (size_t column = 0; column < group.size(); ++column) {
      const Observations& x = group[column]->observations;
      RETURN_IF_ERROR(effort.Spend(x.size()));
      for (size_t i = 0; i < x.size(); ++i) {
        members_[ends_[SlotOf(x.ordinals[i])]++] = {
            static_cast<uint32_t>(column), x.values[i]};
      }
    }
    return absl::OkStatus();
  }

  int32_t first_;
  // Into members_.
  std::vector<size_t> ends_;
  std::vector<Member> members_;
};

CompensatedSum SumOf(absl::Span<const Member> members) {
  CompensatedSum sum;
  for (const Member& member : members) sum.Add(member.value);
  return sum;
}

bool HasLess(const Member& a, const Member& b) { return a.value < b.value; }

// Of at least one member.
double Reduce(absl::Span<const Member> members, Aggregation aggregation) {
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
  }
  return 0;
}

absl::StatusOr<Observations> AggregateGroup(
    const std::vector<const LabelledColumn*>& group, Aggregation aggregation,
    Effort& effort) {
  ASSIGN_OR_RETURN(const Slots slots, Slots::Create(group, effort));
  Observations result = EmptyLike(group.front()->observations);
  result.known_at = NewestKnownAt(group);
  for (size_t slot = 0; slot < slots.size(); ++slot) {
    const absl::Span<const Member> members = slots.At(slot);
    if (members.empty()) continue;
    Append(slots.OrdinalOf(slot), Reduce(members, aggregation), &result);
  }
  return result;
}

// How many columns of the group have begun by each slot.
std::vector<size_t> Begun(const std::vector<const LabelledColumn*>& group,
                          const Slots& slots) {
  std::vector<size_t> begun(slots.size());
  for (const LabelledColumn* column : group) {
    ++begun[slots.SlotOf(column->observations.ordinals.front())];
  }
  for (size_t slot = 1; slot < begun.size(); ++slot) {
    begun[slot] += begun[slot - 1];
  }
  return begun;
}

// Appends the share of each column of the group.
absl::Status AppendShares(const std::vector<const LabelledColumn*>& group,
                          Effort& effort, std::vector<LabelledColumn>* shares) {
  ASSIGN_OR_RETURN(const Slots slots, Slots::Create(group, effort));
  const std::vector<size_t> begun = Begun(group, slots);
  const absl::Time known_at = NewestKnownAt(group);
  const size_t first_share = shares->size();
  for (const LabelledColumn* column : group) {
    shares->push_back({column->labels, EmptyLike(column->observations)});
    shares->back().observations.known_at = known_at;
  }
  for (size_t slot = 0; slot < slots.size(); ++slot) {
    const absl::Span<const Member> members = slots.At(slot);
    const double total = SumOf(members).Total();
    if (members.size() < begun[slot] || total == 0) continue;
    for (const Member& member : members) {
      Append(slots.OrdinalOf(slot), 100 * (member.value / total),
             &(*shares)[first_share + member.column].observations);
    }
  }
  return absl::OkStatus();
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
    RETURN_IF_ERROR(AppendShares(group, effort, &result));
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
