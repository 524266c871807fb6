#include "daemon/schedule/run_records.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"

namespace headway::schedule {
namespace {

constexpr absl::string_view kIdFormat = "%E4Y%m%d-%H%M%E6S";
// A message of v1 begins with the tag of its first field, which is not this.
constexpr char kVersion = 1;
constexpr size_t kBriefSize = 3;

absl::Status Unreadable(absl::string_view id) {
  return absl::DataLossError(
      absl::StrCat("the ledger's record of run ", id,
                   " cannot be read; restore the store from a backup"));
}

}  // namespace

std::string RunKey(absl::string_view id) {
  return absl::StrCat(kRunPrefix, id);
}
std::string StepPrefix(absl::string_view id) {
  return absl::StrCat("step/", id, "/");
}
std::string StepKey(absl::string_view id, size_t position) {
  return absl::StrCat(StepPrefix(id), absl::StrFormat("%06d", position));
}
std::string JobKeyPrefix(absl::string_view job) {
  return absl::StrCat("job/", job, "/");
}
std::string ActiveKey(absl::string_view id) {
  return absl::StrCat(kActivePrefix, id);
}
std::string RequestKey(absl::string_view job, absl::string_view request_id) {
  return absl::StrCat(kRequestPrefix, job, "/", request_id);
}

store::Record RunRecord(std::string key, std::optional<std::string> value) {
  return {store::RecordKind::kRuns, std::move(key), std::move(value)};
}

std::string FormatRunId(absl::Time time) {
  return absl::FormatTime(kIdFormat, time, absl::UTCTimeZone());
}

std::optional<absl::Time> ParseRunId(absl::string_view id) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(kIdFormat, id, absl::UTCTimeZone(), &time, &error)) {
    return std::nullopt;
  }
  return time;
}

bool IsRunId(absl::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(c) || c == '-' || c == '.';
         });
}

std::string EncodeBrief(const v1::Run& run) {
  return {kVersion, static_cast<char>(run.state()),
          static_cast<char>(run.trigger())};
}

std::optional<Brief> DecodeBrief(absl::string_view bytes) {
  if (bytes.size() < kBriefSize || bytes[0] != kVersion ||
      !v1::Run::State_IsValid(bytes[1]) ||
      !v1::Run::Trigger_IsValid(bytes[2])) {
    return std::nullopt;
  }
  return Brief{static_cast<v1::Run::State>(bytes[1]),
               static_cast<v1::Run::Trigger>(bytes[2])};
}

RunBytes EncodeRun(const v1::Run& run) {
  RunBytes bytes;
  v1::Run header = run;
  header.clear_steps();
  bytes.header = EncodeBrief(run) + header.SerializeAsString();
  for (const v1::RunStep& step : run.steps()) {
    bytes.steps.push_back(step.SerializeAsString());
  }
  return bytes;
}

absl::StatusOr<RunBytes> ReadRunBytes(const store::Reader& reader,
                                      absl::string_view id) {
  RunBytes bytes;
  ASSIGN_OR_RETURN(std::optional<std::string> header,
                   reader.FindRecord(store::RecordKind::kRuns, RunKey(id)));
  if (!header.has_value()) return bytes;
  bytes.header = *std::move(header);
  ASSIGN_OR_RETURN(
      auto steps, reader.ScanRecords(store::RecordKind::kRuns, StepPrefix(id)));
  for (auto& [key, value] : steps) bytes.steps.push_back(std::move(value));
  return bytes;
}

absl::StatusOr<v1::Run> ReadRun(const store::Reader& reader,
                                absl::string_view id) {
  ASSIGN_OR_RETURN(const RunBytes bytes, ReadRunBytes(reader, id));
  if (bytes.header.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no run ", id));
  }
  v1::Run run;
  absl::string_view message = bytes.header;
  if (DecodeBrief(message).has_value()) message.remove_prefix(kBriefSize);
  // An empty text is a message too, but no run.
  if (!run.ParseFromArray(message.data(), static_cast<int>(message.size())) ||
      run.name().empty()) {
    return Unreadable(id);
  }
  for (const std::string& step : bytes.steps) {
    if (!run.add_steps()->ParseFromString(step)) return Unreadable(id);
  }
  return run;
}

}  // namespace headway::schedule
