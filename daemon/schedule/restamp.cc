#include "daemon/schedule/restamp.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/run.h"
#include "daemon/messages/timestamp.h"
#include "daemon/schedule/ledger.h"
#include "daemon/schedule/run_records.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::schedule {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// As the scheduler writes them.
constexpr absl::string_view kSchedules = "schedule/";
constexpr absl::string_view kSlot = "/slot";

// A run's ID is the instant at which it was made.
std::string RightId(absl::string_view id, const RightInstant& right) {
  const std::optional<absl::Time> made = ParseRunId(id);
  return made.has_value() ? FormatRunId(right(*made)) : std::string(id);
}

// Replaces the records of a run that bears a wrong instant.
absl::Status RightRun(const store::Reader& reader, const std::string& id,
                      const RightInstant& right,
                      std::vector<store::Record>* records) {
  ASSIGN_OR_RETURN(const v1::Run was, ReadRun(reader, id));
  v1::Run run = was;
  run.set_name(RightRunName(was.name(), right));
  RightTimestamps(right, &run);
  if (run.SerializeAsString() == was.SerializeAsString()) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const RunName name, ParseRunName(run.name()));
  const RunBytes bytes = EncodeRun(run);
  const bool is_active = !messages::HasEnded(run);
  if (name.id != id) {
    records->push_back(RunRecord(RunKey(id), std::nullopt));
    records->push_back(
        RunRecord(absl::StrCat(JobKeyPrefix(name.job), id), std::nullopt));
    if (is_active) records->push_back(RunRecord(ActiveKey(id), std::nullopt));
    for (int i = 0; i < was.steps_size(); ++i) {
      records->push_back(RunRecord(StepKey(id, i), std::nullopt));
    }
  }
  records->push_back(RunRecord(RunKey(name.id), bytes.header));
  records->push_back(RunRecord(absl::StrCat(JobKeyPrefix(name.job), name.id),
                               EncodeBrief(run)));
  if (is_active) records->push_back(RunRecord(ActiveKey(name.id), ""));
  for (size_t i = 0; i < bytes.steps.size(); ++i) {
    records->push_back(RunRecord(StepKey(name.id, i), bytes.steps[i]));
  }
  return absl::OkStatus();
}

}  // namespace

std::string RightRunName(const std::string& name, const RightInstant& right) {
  const absl::StatusOr<RunName> parts = ParseRunName(name);
  if (!parts.ok()) return name;
  return absl::StrCat("pipelines/", parts->job, "/runs/",
                      RightId(parts->id, right));
}

void RightTimestamps(const RightInstant& right, Message* message) {
  if (auto* timestamp =
          google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(
              message)) {
    *timestamp =
        messages::ToTimestamp(right(messages::FromTimestamp(*timestamp)));
    return;
  }
  const Reflection* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      RightTimestamps(right, reflection->MutableMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
      RightTimestamps(right,
                      reflection->MutableRepeatedMessage(message, field, i));
    }
  }
}

absl::StatusOr<std::vector<store::Record>> RightRecords(
    const store::Reader& reader, const RightInstant& right) {
  std::vector<store::Record> records;
  ASSIGN_OR_RETURN(const auto schedules,
                   reader.ScanRecords(store::RecordKind::kState, kSchedules));
  for (const auto& [key, value] : schedules) {
    if (!absl::EndsWith(key, kSlot)) continue;
    const std::pair<absl::string_view, std::string> parts =
        absl::StrSplit(value, absl::MaxSplits('\n', 1));
    absl::Time slot;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, parts.first, &slot, &error)) {
      continue;  // the scheduler replaces it
    }
    if (right(slot) == slot) continue;
    records.push_back(
        {store::RecordKind::kState, key,
         absl::StrCat(absl::FormatTime(absl::RFC3339_full, right(slot),
                                       absl::UTCTimeZone()),
                      "\n", parts.second)});
  }
  ASSIGN_OR_RETURN(const auto runs,
                   reader.ScanRecords(store::RecordKind::kRuns, kRunPrefix));
  for (const auto& [key, value] : runs) {
    const std::string id(absl::StripPrefix(key, kRunPrefix));
    RETURN_IF_ERROR(RightRun(reader, id, right, &records));
  }
  ASSIGN_OR_RETURN(
      const auto requests,
      reader.ScanRecords(store::RecordKind::kRuns, kRequestPrefix));
  for (const auto& [key, id] : requests) {
    std::string right_id = RightId(id, right);
    if (right_id != id) records.push_back(RunRecord(key, std::move(right_id)));
  }
  return records;
}

}  // namespace headway::schedule
