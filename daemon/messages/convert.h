// Between the messages of the API and Headway's own types. Pure functions;
// errors name the request's field.
#ifndef HEADWAY_DAEMON_MESSAGES_CONVERT_H_
#define HEADWAY_DAEMON_MESSAGES_CONVERT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "daemon/query/query.h"
#include "daemon/series/labels.h"
#include "daemon/series/observations.h"
#include "daemon/series/period.h"
#include "daemon/series/selector.h"
#include "google/protobuf/map.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "headway/v1/common.pb.h"

namespace headway::service {

using LabelMap = google::protobuf::Map<std::string, std::string>;

// A finite instant, in whole microseconds.
google::protobuf::Timestamp ToProto(absl::Time time);
// Truncates to microseconds.
absl::StatusOr<absl::Time> ToTime(absl::string_view field,
                                  const google::protobuf::Timestamp& proto);
// The instant a read asks for; an absent as_of is the infinite future.
template <typename Request>
absl::StatusOr<absl::Time> AsOf(const Request& request) {
  if (!request.has_as_of()) return absl::InfiniteFuture();
  return ToTime("as_of", request.as_of());
}

// The series a request's filter selects; all if it is empty.
absl::StatusOr<series::Selector> ToSelector(absl::string_view filter);

// Refuses what is too long to be an expression. It is parsed elsewhere.
absl::Status CheckExpression(absl::string_view field,
                             absl::string_view expression);

v1::Frequency ToProto(series::Frequency frequency);
absl::StatusOr<series::Frequency> ToFrequency(absl::string_view field,
                                              v1::Frequency proto);

void ToProto(const series::Labels& labels, LabelMap* proto);

v1::Observation ToProto(const series::Observations& column, size_t index);

// A column with its labels.
void ToProto(const query::LabelledColumn& column, v1::LabelledSeries* proto);

// Inclusive bounds on periods, as texts; empty is open.
struct PeriodBounds {
  int32_t first = INT32_MIN;
  int32_t last = INT32_MAX;

  bool Contains(int32_t ordinal) const {
    return first <= ordinal && ordinal <= last;
  }
};
// Days from the first of one period to the last of another, the end exclusive;
// periods may be of any frequency, empty is open.
struct DayBounds {
  std::optional<absl::CivilDay> first;
  std::optional<absl::CivilDay> end;
};
absl::StatusOr<DayBounds> ToDayBounds(absl::string_view first_period,
                                      absl::string_view last_period);
// The periods of `frequency` that lie wholly within; first may come after last.
PeriodBounds PeriodsWithin(const DayBounds& days, series::Frequency frequency);

// Both texts must be periods of `frequency`, the first not after the last.
absl::StatusOr<PeriodBounds> ToPeriodBounds(absl::string_view first_period,
                                            absl::string_view last_period,
                                            series::Frequency frequency);

// The part of a column within the bounds.
series::Observations Clip(const series::Observations& column,
                          const PeriodBounds& bounds);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_MESSAGES_CONVERT_H_
