#include "daemon/query/math/join.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "daemon/query/math/column.h"
#include "daemon/query/math/compensated_sum.h"

namespace headway::query {
namespace {

using series::Observations;
using series::StatusAt;

// From the level of `old` to that of `successor`.
std::optional<double> LevelFactor(const Observations& old,
                                  const Observations& successor) {
  CompensatedSum old_sum, new_sum;
  for (size_t i = 0, j = 0; i < old.size() && j < successor.size();) {
    if (old.ordinals[i] < successor.ordinals[j]) {
      ++i;
    } else if (successor.ordinals[j] < old.ordinals[i]) {
      ++j;
    } else {
      old_sum.Add(old.values[i++]);
      new_sum.Add(successor.values[j++]);
    }
  }
  // Also where there is no common period.
  if (old_sum.Total() <= 0 || new_sum.Total() <= 0) return std::nullopt;
  return new_sum.Total() / old_sum.Total();
}

}  // namespace

Observations MergePeriods(const Observations& a, const Observations& b) {
  Observations result = EmptyLike(a.empty() ? b : a);
  result.known_at = std::max(a.known_at, b.known_at);
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (j == b.size() || (i < a.size() && a.ordinals[i] <= b.ordinals[j])) {
      if (j < b.size() && a.ordinals[i] == b.ordinals[j]) ++j;
      Append(a.ordinals[i], a.values[i], &result, StatusAt(a.statuses, i));
      ++i;
    } else {
      Append(b.ordinals[j], b.values[j], &result, StatusAt(b.statuses, j));
      ++j;
    }
  }
  return result;
}

Observations MaskPeriods(const Observations& x, const Observations& mask,
                         bool keep) {
  Observations result = EmptyLike(x);
  result.known_at = std::max(x.known_at, mask.known_at);
  size_t j = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    while (j < mask.size() && mask.ordinals[j] < x.ordinals[i]) ++j;
    const bool is_there = j < mask.size() && mask.ordinals[j] == x.ordinals[i];
    if (is_there != keep) continue;
    Append(x.ordinals[i], x.values[i], &result, StatusAt(x.statuses, i));
  }
  return result;
}

Observations Splice(const Observations& old, const Observations& successor,
                    bool scaled) {
  Observations result = EmptyLike(successor);
  result.known_at = std::max(old.known_at, successor.known_at);
  const std::optional<double> factor =
      scaled ? LevelFactor(old, successor) : std::optional<double>(1);
  for (size_t i = 0; factor.has_value() && i < old.size() &&
                     old.ordinals[i] < successor.ordinals.front();
       ++i) {
    Append(old.ordinals[i], *factor * old.values[i], &result,
           StatusAt(old.statuses, i));
  }
  for (size_t i = 0; i < successor.size(); ++i) {
    Append(successor.ordinals[i], successor.values[i], &result,
           StatusAt(successor.statuses, i));
  }
  return result;
}

}  // namespace headway::query
