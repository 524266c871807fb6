#include "daemon/query/columns/slots.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::query {
namespace {

using series::Observations;

// Of all groups together: some seconds of work, and far more than real data
// span.
constexpr int64_t kMaxSlots = 400'000'000;

// The first and the last period of a group; no period if no column has
// observations.
std::pair<int32_t, int32_t> Span(
    const std::vector<const LabelledColumn*>& group) {
  int32_t first = std::numeric_limits<int32_t>::max();
  int32_t last = std::numeric_limits<int32_t>::min();
  for (const LabelledColumn* column : group) {
    if (column->observations.empty()) continue;
    first = std::min(first, column->observations.ordinals.front());
    last = std::max(last, column->observations.ordinals.back());
  }
  if (first > last) return {0, -1};
  return {first, last};
}

}  // namespace

absl::StatusOr<Slots> Slots::Create(
    const std::vector<const LabelledColumn*>& group, Effort& effort) {
  const auto [first, last] = Span(group);
  const size_t size = static_cast<size_t>(int64_t{last} - first + 1);
  RETURN_IF_ERROR(effort.Spend(size));
  Slots slots(first, size);
  RETURN_IF_ERROR(slots.Count(group, effort));
  RETURN_IF_ERROR(slots.Fill(group, effort));
  return slots;
}

// Leaves in ends_ where each slot begins.
absl::Status Slots::Count(const std::vector<const LabelledColumn*>& group,
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

absl::Status Slots::Fill(const std::vector<const LabelledColumn*>& group,
                         Effort& effort) {
  for (size_t column = 0; column < group.size(); ++column) {
    const Observations& x = group[column]->observations;
    RETURN_IF_ERROR(effort.Spend(x.size()));
    for (size_t i = 0; i < x.size(); ++i) {
      members_[ends_[SlotOf(x.ordinals[i])]++] = {
          static_cast<uint32_t>(column), series::StatusAt(x.statuses, i),
          x.values[i]};
    }
  }
  return absl::OkStatus();
}

std::vector<size_t> Slots::Begun(
    const std::vector<const LabelledColumn*>& group) const {
  std::vector<size_t> begun(size());
  for (const LabelledColumn* column : group) {
    if (column->observations.empty()) continue;
    ++begun[SlotOf(column->observations.ordinals.front())];
  }
  for (size_t slot = 1; slot < begun.size(); ++slot) {
    begun[slot] += begun[slot - 1];
  }
  return begun;
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

}  // namespace headway::query
