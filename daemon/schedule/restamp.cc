#include "daemon/schedule/restamp.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/timestamp.h"
#include "daemon/schedule/ledger.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::schedule {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// As the scheduler and the ledger write them.
constexpr absl::string_view kSchedules = "schedule/";
constexpr absl::string_view kSlot = "/slot";
constexpr absl::string_view kRuns = "run/";
constexpr absl::string_view kOfJobs = "job/";
constexpr absl::string_view kActive = "active/";
constexpr absl::string_view kRunId = "%E4Y%m%d-%H%M%E6S";

// A run's ID is the instant at which it was made.
std::string RightId(absl::string_view id, const RightInstant& right) {
  absl::Time instant;
  std::string error;
  if (!absl::ParseTime(kRunId, id, absl::UTCTimeZone(), &instant, &error)) {
    return std::string(id);
  }
  return absl::FormatTime(kRunId, right(instant), absl::UTCTimeZone());
}

// Puts right every instant in a message.
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

// One record becomes another.
void Replace(const store::Record& was, std::string key, std::string value,
             std::vector<store::Record>* records) {
  if (key == was.key && value == was.value) return;
  if (key != was.key) records->push_back({was.kind, was.key, std::nullopt});
  records->push_back({was.kind, std::move(key), std::move(value)});
}

absl::Status RightRun(const store::Record& was, const RightInstant& right,
                      std::vector<store::Record>* records) {
  v1::Run run;
  if (!run.ParseFromString(*was.value)) {
    return absl::DataLossError(
        absl::StrCat("the ledger's record ", was.key,
                     " cannot be read; restore the store from a backup"));
  }
  run.set_name(RightRunName(run.name(), right));
  RightTimestamps(right, &run);
  const absl::string_view id = absl::StripPrefix(was.key, kRuns);
  std::string key = absl::StrCat(kRuns, RightId(id, right));
  // Written anew only if something is wrong with it.
  v1::Run before;
  before.ParseFromString(*was.value);
  const bool is_right =
      key == was.key && before.SerializeAsString() == run.SerializeAsString();
  Replace(was, std::move(key), is_right ? *was.value : run.SerializeAsString(),
          records);
  return absl::OkStatus();
}

}  // namespace

std::string RightRunName(const std::string& name, const RightInstant& right) {
  const absl::StatusOr<RunName> parts = ParseRunName(name);
  if (!parts.ok()) return name;
  return absl::StrCat("pipelines/", parts->job, "/runs/",
                      RightId(parts->id, right));
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
                   reader.ScanRecords(store::RecordKind::kRuns, ""));
  for (const auto& [key, value] : runs) {
    const store::Record was = {store::RecordKind::kRuns, key, value};
    if (absl::StartsWith(key, kRuns)) {
      RETURN_IF_ERROR(RightRun(was, right, &records));
    } else if (absl::StartsWith(key, kOfJobs) ||
               absl::StartsWith(key, kActive)) {
      const size_t id = key.rfind('/') + 1;
      Replace(was,
              absl::StrCat(key.substr(0, id), RightId(key.substr(id), right)),
              value, &records);
    }
  }
  return records;
}

}  // namespace headway::schedule
