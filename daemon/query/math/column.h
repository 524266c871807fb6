// How functions make columns of observations.
#ifndef HEADWAY_DAEMON_QUERY_MATH_COLUMN_H_
#define HEADWAY_DAEMON_QUERY_MATH_COLUMN_H_

#include <cmath>
#include <cstdint>

#include "daemon/series/observations.h"

namespace headway::query {

// Appends an observation; a value that overflowed is absent. `status` is that
// of the least firm value from which it is computed.
inline void Append(
    int32_t ordinal, double value, series::Observations* observations,
    series::ObservationStatus status = series::ObservationStatus::kFinal) {
  if (!std::isfinite(value)) return;
  series::AppendStatus(status, observations->size(), &observations->statuses);
  observations->ordinals.push_back(ordinal);
  observations->values.push_back(value);
}

// No observations yet, with the frequency and vintage of `like`.
inline series::Observations EmptyLike(const series::Observations& like) {
  series::Observations empty;
  empty.frequency = like.frequency;
  empty.known_at = like.known_at;
  return empty;
}

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATH_COLUMN_H_
