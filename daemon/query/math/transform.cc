#include "daemon/query/math/transform.h"

#include <algorithm>
#include <vector>

#include "daemon/base/compensated_sum.h"
#include "daemon/query/math/column.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Observations;

// Calls visit(ordinal, value, value `step` before) where both are there.
template <typename Visit>
void ForEachPairApart(const Observations& x, int32_t step, Visit visit) {
  size_t base = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const int64_t wanted = int64_t{x.ordinals[i]} - step;
    while (x.ordinals[base] < wanted) ++base;
    if (x.ordinals[base] == wanted) {
      visit(x.ordinals[i], x.values[i], x.values[base]);
    }
  }
}

// A queue that knows its sum without ever subtracting, for a large value that
// has left a window must leave no rounding error behind.
class SummingQueue {
 public:
  void Push(double value) {
    back_.push_back(value);
    back_sum_.Add(value);
  }

  void Pop() {
    if (front_sums_.empty()) {
      CompensatedSum sum;
      for (; !back_.empty(); back_.pop_back()) {
        sum.Add(back_.back());
        front_sums_.push_back(sum);
      }
      back_sum_ = CompensatedSum();
    }
    front_sums_.pop_back();
  }

  size_t size() const { return front_sums_.size() + back_.size(); }

  CompensatedSum Sum() const {
    CompensatedSum sum = back_sum_;
    if (!front_sums_.empty()) sum.Add(front_sums_.back());
    return sum;
  }

 private:
  // Sums of the older values, each from itself to the newest of them; the
  // oldest at the end.
  std::vector<CompensatedSum> front_sums_;
  std::vector<double> back_;
  CompensatedSum back_sum_;
};

}  // namespace

Observations Lag(const Observations& x, int32_t step) {
  Observations result = EmptyLike(x);
  for (size_t i = 0; i < x.size(); ++i) {
    const int64_t ordinal = int64_t{x.ordinals[i]} + step;
    if (ordinal > x.ordinals.back()) break;
    Append(static_cast<int32_t>(ordinal), x.values[i], &result);
  }
  return result;
}

Observations Difference(const Observations& x, int32_t step) {
  Observations result = EmptyLike(x);
  ForEachPairApart(x, step, [&](int32_t ordinal, double value, double base) {
    Append(ordinal, value - base, &result);
  });
  return result;
}

Observations PercentChange(const Observations& x, int32_t step) {
  Observations result = EmptyLike(x);
  ForEachPairApart(x, step, [&](int32_t ordinal, double value, double base) {
    if (base > 0) Append(ordinal, 100 * (value / base - 1), &result);
  });
  return result;
}

int32_t StepOfOneYear(Frequency frequency) {
  return frequency == Frequency::kDaily ? 364
                                        : series::PeriodsPerYear(frequency);
}

Observations RollingMean(const Observations& x, int32_t count) {
  Observations result = EmptyLike(x);
  const bool gaps_are_natural = x.frequency == Frequency::kDaily;
  SummingQueue window;
  for (size_t i = 0; i < x.size(); ++i) {
    window.Push(x.values[i]);
    const int64_t first = int64_t{x.ordinals[i]} - count + 1;
    while (x.ordinals[i + 1 - window.size()] < first) window.Pop();
    const bool complete = gaps_are_natural
                              ? x.ordinals[0] <= first
                              : window.size() == static_cast<size_t>(count);
    if (complete) {
      Append(x.ordinals[i], window.Sum().Mean(window.size()), &result);
    }
  }
  return result;
}

Observations CumulativeSum(const Observations& x) {
  Observations result = EmptyLike(x);
  CompensatedSum sum;
  for (size_t i = 0; i < x.size(); ++i) {
    sum.Add(x.values[i]);
    Append(x.ordinals[i], sum.Total(), &result);
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

Observations Fill(const Observations& x) {
  Observations result = EmptyLike(x);
  for (size_t i = 0; i < x.size(); ++i) {
    const int32_t end =
        i + 1 < x.size() ? x.ordinals[i + 1] : x.ordinals[i] + 1;
    for (int32_t ordinal = x.ordinals[i]; ordinal < end; ++ordinal) {
      Append(ordinal, x.values[i], &result);
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
    Append(x.ordinals[i], level * (x.values[i] / divisor), &result);
  }
  return result;
}

}  // namespace headway::query
