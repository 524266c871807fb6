#include "daemon/query/math/path_transform.h"

#include <cmath>
#include <limits>
#include <utility>

#include "daemon/query/math/compensated_sum.h"

namespace headway::query {
namespace {

using series::Frequency;

// Calls visit(value, value `step` before, result) for each path of each row
// where both periods are there.
template <typename Visit>
PathBlock PairRows(const PathColumn& x, int32_t step, Visit visit) {
  PathBlock result =
      EmptyBlock(x.future->first, x.future->end(), x.future->paths);
  PathReader reader(x, result.paths);
  for (size_t row = 0; row < result.rows(); ++row) {
    const double* value = x.future->Row(row);
    const double* base =
        reader.At(result.first + static_cast<int32_t>(row) - step);
    if (base == nullptr) continue;
    double* to = result.Row(row);
    for (size_t p = 0; p < result.paths; ++p) {
      to[p] = FiniteOrNone(visit(value[p], base[p]));
    }
  }
  return result;
}

// The sums of the windows of each row, and how many values they hold.
struct Windows {
  PathBlock sums;
  std::vector<double> counts;  // as PathBlock::values
};

Windows SumWindows(const PathColumn& x, int32_t count) {
  const PathBlock& future = *x.future;
  Windows windows = {
      {future.first, future.paths, std::vector<double>(future.values.size())},
      std::vector<double>(future.values.size())};
  PathReader reader(x, future.paths);
  for (size_t row = 0; row < future.rows(); ++row) {
    double* sums = windows.sums.Row(row);
    double* counts = windows.counts.data() + row * future.paths;
    const int32_t last = future.first + static_cast<int32_t>(row);
    for (int32_t ordinal = last - count + 1; ordinal <= last; ++ordinal) {
      const double* values = reader.At(ordinal);
      if (values == nullptr) continue;
      for (size_t p = 0; p < future.paths; ++p) {
        const bool is_there = values[p] == values[p];
        sums[p] += is_there ? values[p] : 0;
        counts[p] += is_there ? 1 : 0;
      }
    }
  }
  return windows;
}

// The first period of each path: that of the past, if there is one.
std::vector<int32_t> FirstPeriods(const PathColumn& x) {
  const PathBlock& future = *x.future;
  if (!x.past->empty()) {
    return std::vector<int32_t>(future.paths, x.past->ordinals.front());
  }
  std::vector<int32_t> first(future.paths, future.end());
  for (size_t row = future.rows(); row-- > 0;) {
    for (size_t p = 0; p < future.paths; ++p) {
      if (std::isnan(future.Row(row)[p])) continue;
      first[p] = future.first + static_cast<int32_t>(row);
    }
  }
  return first;
}

// The last period of each path; that before the paths, where one has no value.
std::vector<int32_t> LastPeriods(const PathColumn& x) {
  const PathBlock& future = *x.future;
  const int32_t known = x.past->empty() ? std::numeric_limits<int32_t>::min()
                                        : x.past->ordinals.back();
  std::vector<int32_t> last(future.paths, known);
  for (size_t row = 0; row < future.rows(); ++row) {
    for (size_t p = 0; p < future.paths; ++p) {
      if (std::isnan(future.Row(row)[p])) continue;
      last[p] = future.first + static_cast<int32_t>(row);
    }
  }
  return last;
}

// `reduce` takes the sum of a complete window and how many values it holds.
template <typename Reduce>
PathBlock RollPaths(const PathColumn& x, int32_t count, Reduce reduce) {
  const PathBlock& future = *x.future;
  Windows windows = SumWindows(x, count);
  const bool gaps_are_natural = x.past->frequency == Frequency::kDaily;
  const std::vector<int32_t> first = FirstPeriods(x);
  for (size_t row = 0; row < future.rows(); ++row) {
    double* sums = windows.sums.Row(row);
    const double* counts = windows.counts.data() + row * future.paths;
    const int32_t begin = future.first + static_cast<int32_t>(row) - count + 1;
    for (size_t p = 0; p < future.paths; ++p) {
      const bool complete = gaps_are_natural
                                ? first[p] <= begin && counts[p] > 0
                                : counts[p] == count;
      const bool is_there = !std::isnan(future.Row(row)[p]);
      sums[p] = complete && is_there ? FiniteOrNone(reduce(sums[p], counts[p]))
                                     : kNoValue;
    }
  }
  return std::move(windows.sums);
}

}  // namespace

PathBlock Lag(const PathColumn& x, int32_t step) {
  // A value moves into the gap between the past and the paths too.
  const int32_t first =
      x.past->empty() ? x.future->first : x.past->ordinals.back() + 1;
  PathBlock result = EmptyBlock(first, x.future->end(), x.future->paths);
  const std::vector<int32_t> last = LastPeriods(x);
  PathReader reader(x, result.paths);
  for (size_t row = 0; row < result.rows(); ++row) {
    const int32_t ordinal = result.first + static_cast<int32_t>(row);
    const double* values = reader.At(ordinal - step);
    if (values == nullptr) continue;
    double* to = result.Row(row);
    for (size_t p = 0; p < result.paths; ++p) {
      to[p] = ordinal <= last[p] ? values[p] : kNoValue;
    }
  }
  return result;
}

PathBlock Difference(const PathColumn& x, int32_t step) {
  return PairRows(x, step,
                  [](double value, double base) { return value - base; });
}

PathBlock PercentChange(const PathColumn& x, int32_t step) {
  return PairRows(x, step, [](double value, double base) {
    return base > 0 ? 100 * (value / base - 1) : kNoValue;
  });
}

PathBlock CumulativeSum(const PathColumn& x) {
  CompensatedSum past;
  for (double value : x.past->values) past.Add(value);
  PathBlock result = *x.future;
  std::vector<double> sums(result.paths, past.Total());
  for (size_t row = 0; row < result.rows(); ++row) {
    double* values = result.Row(row);
    for (size_t p = 0; p < result.paths; ++p) {
      const double sum = sums[p] + values[p];
      sums[p] = sum == sum ? sum : sums[p];
      values[p] = FiniteOrNone(sum);
    }
  }
  return result;
}

PathBlock CumulativeMax(const PathColumn& x) {
  double past = -std::numeric_limits<double>::infinity();
  for (double value : x.past->values) past = std::max(past, value);
  PathBlock result = *x.future;
  std::vector<double> maxima(result.paths, past);
  for (size_t row = 0; row < result.rows(); ++row) {
    double* values = result.Row(row);
    for (size_t p = 0; p < result.paths; ++p) {
      maxima[p] = values[p] > maxima[p] ? values[p] : maxima[p];
      values[p] = values[p] == values[p] ? maxima[p] : kNoValue;
    }
  }
  return result;
}

PathBlock RollingMean(const PathColumn& x, int32_t count) {
  return RollPaths(x, count,
                   [](double sum, double size) { return sum / size; });
}

PathBlock RollingSum(const PathColumn& x, int32_t count) {
  return RollPaths(x, count, [](double sum, double) { return sum; });
}

}  // namespace headway::query
