#include "daemon/messages/series.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/timestamp.h"

namespace headway::messages {

absl::StatusOr<series::Selector> ToSelector(absl::string_view filter) {
  if (filter.empty()) return series::Selector();
  auto selector = series::ParseSelector(filter);
  if (!selector.ok()) return AtField("filter", selector.status());
  return selector;
}

v1::Frequency ToProto(series::Frequency frequency) {
  return static_cast<v1::Frequency>(frequency);
}

absl::StatusOr<series::Frequency> ToFrequency(absl::string_view field,
                                              v1::Frequency proto) {
  if (proto == v1::FREQUENCY_UNSPECIFIED || !v1::Frequency_IsValid(proto)) {
    return FieldError(field,
                      "must be ANNUAL, SEMIANNUAL, QUARTERLY, MONTHLY, WEEKLY "
                      "or DAILY");
  }
  return static_cast<series::Frequency>(proto);
}

std::optional<int64_t> AgeInDays(const v1::Observation& observation,
                                 absl::Time instant) {
  const auto period = series::ParsePeriod(observation.period());
  if (!period.ok()) return std::nullopt;
  const absl::Duration age = instant - series::EndTime(*period);
  return std::max<int64_t>(0, absl::ToInt64Hours(age) / 24);
}

std::string NameVintageKinds(
    const google::protobuf::RepeatedField<int>& kinds) {
  std::vector<std::string> names;
  for (const int kind : kinds) {
    if (!v1::VintageKind_IsValid(kind)) continue;
    names.push_back(absl::AsciiStrToLower(
        v1::VintageKind_Name(static_cast<v1::VintageKind>(kind))));
  }
  return absl::StrJoin(names, " and ");
}

std::string DescribeVintageKinds(
    const google::protobuf::RepeatedField<int>& kinds) {
  std::vector<absl::string_view> texts;
  for (int kind : kinds) {
    switch (kind) {
      case v1::NATIVE:
        texts.push_back("dated by the publisher");
        break;
      case v1::OBSERVED:
        texts.push_back("as Headway saw them change");
        break;
      case v1::ASSUMED:
        texts.push_back("assumed, from the usual lag of the release");
        break;
      default:
        break;
    }
  }
  return absl::StrJoin(texts, "; ");
}

v1::VintageKind ToProto(series::VintageKind kind) {
  return static_cast<v1::VintageKind>(kind);
}

v1::ObservationStatus ToProto(series::ObservationStatus status) {
  return static_cast<v1::ObservationStatus>(status);
}

absl::StatusOr<series::ObservationStatus> ToStatus(
    absl::string_view field, v1::ObservationStatus proto) {
  if (!v1::ObservationStatus_IsValid(proto)) {
    return FieldError(
        field, "must be FINAL, PROVISIONAL, PARTIAL, ESTIMATED or BREAK");
  }
  return static_cast<series::ObservationStatus>(proto);
}

std::string StatusText(v1::ObservationStatus status) {
  if (status == v1::FINAL) return "";
  // One of a newer daemon has a number alone.
  const std::string& name = v1::ObservationStatus_Name(status);
  return name.empty() ? absl::StrCat(status) : absl::AsciiStrToLower(name);
}

void ToProto(const series::Labels& labels, LabelMap* proto) {
  for (const auto& [name, value] : labels.pairs()) (*proto)[name] = value;
}

v1::Observation ToProto(const series::Observations& column, size_t index) {
  v1::Observation proto;
  proto.set_period(series::FormatPeriod(
      series::Period{column.frequency, column.ordinals[index]}));
  proto.set_value(column.values[index]);
  proto.set_status(ToProto(series::StatusAt(column.statuses, index)));
  return proto;
}

v1::LabelledSeries ToProto(const series::Labels& labels,
                           const series::Observations& column) {
  v1::LabelledSeries proto;
  ToProto(labels, proto.mutable_labels());
  proto.set_frequency(ToProto(column.frequency));
  for (size_t i = 0; i < column.size(); ++i) {
    *proto.add_observations() = ToProto(column, i);
  }
  if (column.known_at != absl::InfinitePast()) {
    *proto.mutable_known_at() = ToTimestamp(column.known_at);
  }
  return proto;
}

std::string FormatLabelValues(const LabelMap& labels) {
  const std::map<std::string, std::string> sorted(labels.begin(), labels.end());
  std::vector<absl::string_view> values;
  for (const auto& [name, value] : sorted) values.push_back(value);
  return absl::StrJoin(values, ", ");
}

}  // namespace headway::messages
