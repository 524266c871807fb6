// Columns that go on as many paths: what a forecast may draw after the last
// value that is known.
//
// The past is shared by all paths and held once. Rows of the future lie
// contiguous, one value for each path, so that a function works along the
// paths.
#ifndef HEADWAY_DAEMON_QUERY_MATH_PATHS_H_
#define HEADWAY_DAEMON_QUERY_MATH_PATHS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/series/observations.h"

namespace headway::query {

// A path that has no value at a period.
inline constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

// The value, or none where it is no finite number. Written so that compilers
// make one vector operation of it.
inline double FiniteOrNone(double value) {
  return value - value == 0 ? value : kNoValue;
}

// The values of `paths` paths, at least one, at consecutive periods.
struct PathBlock {
  // The period of the first row.
  int32_t first = 0;
  size_t paths = 0;
  // [row][path]; kNoValue where a path has none, else finite.
  std::vector<double> values;

  size_t rows() const { return values.size() / paths; }
  // The period after the last row.
  int32_t end() const { return first + static_cast<int32_t>(rows()); }
  const double* Row(size_t row) const { return values.data() + row * paths; }
  double* Row(size_t row) { return values.data() + row * paths; }
};

// Rows from `first` to before `end`, without values.
inline PathBlock EmptyBlock(int32_t first, int32_t end, size_t paths) {
  const size_t rows = end > first ? static_cast<size_t>(end - first) : 0;
  return {first, paths, std::vector<double>(rows * paths, kNoValue)};
}

// One column: every period of `past` lies before the first row of `future`,
// which is null where the column does not go on. Borrowed.
struct PathColumn {
  const series::Observations* past = nullptr;
  const PathBlock* future = nullptr;
};

// Reads a column period by period, whichever part of it a period lies in. Not
// thread-safe.
class PathReader {
 public:
  PathReader(PathColumn column, size_t paths)
      : column_(column), paths_(paths) {}

  // A value for each path, until the next call; null where no path has one.
  const double* At(int32_t ordinal) {
    const PathBlock* future = column_.future;
    if (future != nullptr && ordinal >= future->first) {
      return ordinal < future->end()
                 ? future->Row(static_cast<size_t>(ordinal - future->first))
                 : nullptr;
    }
    const std::optional<double> value = Past(ordinal);
    if (!value.has_value()) return nullptr;
    shared_.assign(paths_, *value);
    return shared_.data();
  }

 private:
  std::optional<double> Past(int32_t ordinal) const {
    const std::vector<int32_t>& ordinals = column_.past->ordinals;
    const auto found =
        std::lower_bound(ordinals.begin(), ordinals.end(), ordinal);
    if (found == ordinals.end() || *found != ordinal) return std::nullopt;
    return column_.past->values[static_cast<size_t>(found - ordinals.begin())];
  }

  PathColumn column_;
  size_t paths_;
  std::vector<double> shared_;
};

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATH_PATHS_H_
