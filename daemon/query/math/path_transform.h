// The functions of transform.h and rolling.h along paths: each path is what the
// function makes of the past and that path, to rounding.
//
// `x.future` is not null; the result has its rows, and that of Lag those of the
// periods between the past and it too. Pure functions.
#ifndef HEADWAY_DAEMON_QUERY_MATH_PATH_TRANSFORM_H_
#define HEADWAY_DAEMON_QUERY_MATH_PATH_TRANSFORM_H_

#include <cstdint>

#include "daemon/query/math/paths.h"

namespace headway::query {

PathBlock Lag(const PathColumn& x, int32_t step);
PathBlock Difference(const PathColumn& x, int32_t step);
PathBlock PercentChange(const PathColumn& x, int32_t step);
PathBlock CumulativeSum(const PathColumn& x);
PathBlock CumulativeMax(const PathColumn& x);
PathBlock RollingMean(const PathColumn& x, int32_t count);
PathBlock RollingSum(const PathColumn& x, int32_t count);

// Each value by itself.
template <typename Element>
PathBlock MapPaths(const PathColumn& x, Element element) {
  PathBlock result = *x.future;
  for (double& value : result.values) {
    value = value == value ? FiniteOrNone(element(value)) : kNoValue;
  }
  return result;
}

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATH_PATH_TRANSFORM_H_
