// Series between the messages of the API and Headway's own types. Pure
// functions; errors name the request's field.
#ifndef HEADWAY_DAEMON_MESSAGES_SERIES_H_
#define HEADWAY_DAEMON_MESSAGES_SERIES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/series/labels.h"
#include "daemon/series/observations.h"
#include "daemon/series/period.h"
#include "daemon/series/selector.h"
#include "daemon/series/series_info.h"
#include "google/protobuf/map.h"
#include "google/protobuf/repeated_field.h"
#include "headway/v1/common.pb.h"

namespace headway::messages {

using LabelMap = google::protobuf::Map<std::string, std::string>;

// The series a request's filter selects; all if it is empty.
absl::StatusOr<series::Selector> ToSelector(absl::string_view filter);

v1::Frequency ToProto(series::Frequency frequency);
absl::StatusOr<series::Frequency> ToFrequency(absl::string_view field,
                                              v1::Frequency proto);

v1::VintageKind ToProto(series::VintageKind kind);
v1::ObservationStatus ToProto(series::ObservationStatus status);
absl::StatusOr<series::ObservationStatus> ToStatus(absl::string_view field,
                                                   v1::ObservationStatus proto);
// For people: "partial"; "" if it is final.
std::string StatusText(v1::ObservationStatus status);

// Whole days from the end of the observation's period to the instant; 0 if it
// was not over. Absent if there is no period.
std::optional<int64_t> AgeInDays(const v1::Observation& observation,
                                 absl::Time instant);

// "observed", or "native and assumed"; "" for none.
std::string NameVintageKinds(const google::protobuf::RepeatedField<int>& kinds);
// For people: where the vintages of an answer come from; "" for none.
std::string DescribeVintageKinds(
    const google::protobuf::RepeatedField<int>& kinds);

void ToProto(const series::Labels& labels, LabelMap* proto);

// The observation at `index`, which must be below column.size().
v1::Observation ToProto(const series::Observations& column, size_t index);

// A column with its labels.
v1::LabelledSeries ToProto(const series::Labels& labels,
                           const series::Observations& column);

// The values of the labels for people, in the order of their names: "CHN,
// export". Empty without labels.
std::string FormatLabelValues(const LabelMap& labels);

}  // namespace headway::messages

#endif  // HEADWAY_DAEMON_MESSAGES_SERIES_H_
