#include "daemon/messages/convert.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/service/calls/errors.h"
#include "google/protobuf/util/time_util.h"

namespace headway::service {

using google::protobuf::util::TimeUtil;

google::protobuf::Timestamp ToProto(absl::Time time) {
  return TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

absl::StatusOr<absl::Time> ToTime(absl::string_view field,
                                  const google::protobuf::Timestamp& proto) {
  if (proto.seconds() < TimeUtil::kTimestampMinSeconds ||
      proto.seconds() > TimeUtil::kTimestampMaxSeconds || proto.nanos() < 0 ||
      proto.nanos() > 999999999) {
    return FieldError(field,
                      absl::StrCat("is no timestamp: seconds ", proto.seconds(),
                                   ", nanos ", proto.nanos()));
  }
  return absl::FromUnixMicros(TimeUtil::TimestampToMicroseconds(proto));
}

absl::Status CheckExpression(absl::string_view field,
                             absl::string_view expression) {
  // Much more than anybody writes, far less than what would hurt to parse.
  constexpr size_t kLongest = 10000;
  if (expression.size() <= kLongest) return absl::OkStatus();
  return FieldError(field,
                    absl::StrCat("has ", expression.size(), " bytes; at most ",
                                 kLongest, " are read"));
}

v1::Frequency ToProto(series::Frequency frequency) {
  return static_cast<v1::Frequency>(frequency);
}

absl::StatusOr<series::Frequency> ToFrequency(absl::string_view field,
                                              v1::Frequency proto) {
  if (proto == v1::FREQUENCY_UNSPECIFIED || !v1::Frequency_IsValid(proto)) {
    return FieldError(field,
                      "must be ANNUAL, QUARTERLY, MONTHLY, WEEKLY or DAILY");
  }
  return static_cast<series::Frequency>(proto);
}

void ToProto(const series::Labels& labels, LabelMap* proto) {
  for (const auto& [name, value] : labels.pairs()) (*proto)[name] = value;
}

v1::Observation ToProto(const series::Observations& column, size_t index) {
  v1::Observation proto;
  proto.set_period(series::FormatPeriod(
      series::Period{column.frequency, column.ordinals[index]}));
  proto.set_value(column.values[index]);
  return proto;
}

void ToProto(const query::LabelledColumn& column, v1::LabelledSeries* proto) {
  const series::Observations& observations = column.observations;
  ToProto(column.labels, proto->mutable_labels());
  proto->set_frequency(ToProto(observations.frequency));
  for (size_t i = 0; i < observations.size(); ++i) {
    *proto->add_observations() = ToProto(observations, i);
  }
  if (observations.known_at != absl::InfinitePast()) {
    *proto->mutable_known_at() = ToProto(observations.known_at);
  }
}

absl::StatusOr<series::Selector> ToSelector(absl::string_view filter) {
  if (filter.empty()) return series::Selector();
  auto selector = series::ParseSelector(filter);
  if (!selector.ok()) return AtField("filter", selector.status());
  return selector;
}

absl::StatusOr<PeriodBounds> ToPeriodBounds(absl::string_view first_period,
                                            absl::string_view last_period,
                                            series::Frequency frequency) {
  PeriodBounds bounds;
  if (!first_period.empty()) {
    auto period = series::ParsePeriod(first_period, frequency);
    if (!period.ok()) return AtField("first_period", period.status());
    bounds.first = period->ordinal;
  }
  if (!last_period.empty()) {
    auto period = series::ParsePeriod(last_period, frequency);
    if (!period.ok()) return AtField("last_period", period.status());
    bounds.last = period->ordinal;
  }
  if (bounds.first > bounds.last) {
    return FieldError("first_period", absl::StrCat("\"", first_period,
                                                   "\" is after last_period \"",
                                                   last_period, "\""));
  }
  return bounds;
}

absl::StatusOr<DayBounds> ToDayBounds(absl::string_view first_period,
                                      absl::string_view last_period) {
  DayBounds days;
  if (!first_period.empty()) {
    auto period = series::ParsePeriod(first_period);
    if (!period.ok()) return AtField("first_period", period.status());
    days.first = series::FirstDay(*period);
  }
  if (!last_period.empty()) {
    auto period = series::ParsePeriod(last_period);
    if (!period.ok()) return AtField("last_period", period.status());
    days.end = series::EndDay(*period);
  }
  if (days.first && days.end && *days.first >= *days.end) {
    return FieldError("first_period", absl::StrCat("\"", first_period,
                                                   "\" is after last_period \"",
                                                   last_period, "\""));
  }
  return days;
}

PeriodBounds PeriodsWithin(const DayBounds& days, series::Frequency frequency) {
  PeriodBounds bounds;
  if (days.first) {
    const auto period = series::PeriodContaining(frequency, *days.first);
    const bool begins_before = series::FirstDay(period) < *days.first;
    bounds.first = period.ordinal + (begins_before ? 1 : 0);
  }
  if (days.end) {
    bounds.last = series::PeriodContaining(frequency, *days.end).ordinal - 1;
  }
  return bounds;
}

series::Observations Clip(const series::Observations& column,
                          const PeriodBounds& bounds) {
  series::Observations clipped;
  clipped.frequency = column.frequency;
  clipped.known_at = column.known_at;
  for (size_t i = 0; i < column.size(); ++i) {
    if (!bounds.Contains(column.ordinals[i])) continue;
    clipped.ordinals.push_back(column.ordinals[i]);
    clipped.values.push_back(column.values[i]);
  }
  return clipped;
}

}  // namespace headway::service
