#include "daemon/query/math/transform.h"

#include <algorithm>

#include "daemon/query/math/column.h"
#include "daemon/query/math/compensated_sum.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Observations;
using series::ObservationStatus;
using series::StatusAt;

// Calls visit(ordinal, value, value `step` before) where both are there.
// Calls visit with the index of each value and that of the one `step` before.
template <typename Visit>
void ForEachPairApart(const Observations& x, int32_t step, Visit visit) {
  size_t base = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const int64_t wanted = int64_t{x.ordinals[i]} - step;
    while (x.ordinals[base] < wanted) ++base;
    if (x.ordinals[base] == wanted) {
      visit(i, base);
    }
  }
}

ObservationStatus StatusOfPair(const Observations& x, size_t a, size_t b) {
  return series::LessFirm(StatusAt(x.statuses, a), StatusAt(x.statuses, b));
}

}  // namespace

Observations Lag(const Observations& x, int32_t step) {
  Observations result = EmptyLike(x);
  for (size_t i = 0; i < x.size(); ++i) {
    const int64_t ordinal = int64_t{x.ordinals[i]} + step;
    if (ordinal > x.ordinals.back()) break;
    Append(static_cast<int32_t>(ordinal), x.values[i], &result,
           StatusAt(x.statuses, i));
  }
  return result;
}

Observations Difference(const Observations& x, int32_t step) {
  Observations result = EmptyLike(x);
  ForEachPairApart(x, step, [&](size_t i, size_t base) {
    Append(x.ordinals[i], x.values[i] - x.values[base], &result,
           StatusOfPair(x, i, base));
  });
  return result;
}

Observations PercentChange(const Observations& x, int32_t step) {
  Observations result = EmptyLike(x);
  ForEachPairApart(x, step, [&](size_t i, size_t base) {
    if (x.values[base] <= 0) return;
    Append(x.ordinals[i], 100 * (x.values[i] / x.values[base] - 1), &result,
           StatusOfPair(x, i, base));
  });
  return result;
}

int32_t StepOfOneYear(Frequency frequency) {
  return frequency == Frequency::kDaily ? 364
                                        : series::PeriodsPerYear(frequency);
}

Observations CumulativeSum(const Observations& x) {
  Observations result = EmptyLike(x);
  CompensatedSum sum;
  ObservationStatus status = ObservationStatus::kFinal;
  for (size_t i = 0; i < x.size(); ++i) {
    sum.Add(x.values[i]);
    status = series::LessFirm(status, StatusAt(x.statuses, i));
    Append(x.ordinals[i], sum.Total(), &result, status);
  }
  return result;
}

Observations CumulativeMax(const Observations& x) {
  Observations result = x;
  for (size_t i = 1; i < x.size(); ++i) {
    result.values[i] = std::max(result.values[i - 1], x.values[i]);
  }
  return result;
}

Observations Fill(const Observations& x, int32_t last) {
  Observations result = EmptyLike(x);
  for (size_t i = 0; i < x.size(); ++i) {
    const int32_t end = i + 1 < x.size() ? x.ordinals[i + 1]
                                         : std::max(x.ordinals[i], last) + 1;
    for (int32_t ordinal = x.ordinals[i]; ordinal < end; ++ordinal) {
      Append(ordinal, x.values[i], &result, StatusAt(x.statuses, i));
    }
  }
  return result;
}

Observations Rebase(const Observations& x, int32_t base, double level) {
  Observations result = EmptyLike(x);
  auto found = std::lower_bound(x.ordinals.begin(), x.ordinals.end(), base);
  if (found == x.ordinals.end() || *found != base) return result;
  const double divisor = x.values[found - x.ordinals.begin()];
  if (divisor <= 0) return result;
  for (size_t i = 0; i < x.size(); ++i) {
    Append(x.ordinals[i], level * (x.values[i] / divisor), &result,
           StatusAt(x.statuses, i));
  }
  return result;
}

}  // namespace headway::query
