#include "daemon/pipeline/failures.h"

#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/timestamp.h"

namespace headway::pipeline {
namespace {

using store::RecordKind;

std::string FailurePrefix(absl::string_view pipeline) {
  if (pipeline.empty()) return "failure/";
  return absl::StrCat("failure/", pipeline, "/");
}
std::string FailureKey(absl::string_view pipeline, const v1::RunStep& step) {
  return absl::StrCat(FailurePrefix(pipeline), step.kind(), "/",
                      step.subject());
}
std::string PulledKey(absl::string_view source) {
  return absl::StrCat("source/", source, "/pulled");
}

}  // namespace

absl::StatusOr<std::vector<v1::StepFailure>> ListFailures(
    const store::Reader& reader, absl::string_view pipeline) {
  ASSIGN_OR_RETURN(auto records, reader.ScanRecords(RecordKind::kState,
                                                    FailurePrefix(pipeline)));
  std::vector<v1::StepFailure> failures;
  for (const auto& [key, bytes] : records) {
    if (!failures.emplace_back().ParseFromString(bytes)) {
      return absl::DataLossError(
          absl::StrCat("the record ", key,
                       " cannot be read; restore the store from a backup"));
    }
  }
  return failures;
}

absl::Status NoteEnd(const store::Reader& reader, absl::string_view pipeline,
                     absl::string_view run, const v1::RunStep& step,
                     store::Batch& batch) {
  if (step.state() == v1::RunStep::SUCCEEDED) {
    if (step.kind() == v1::RunStep::PULL) {
      const absl::Time ended = messages::FromTimestamp(step.end_time());
      batch.records.push_back({RecordKind::kState, PulledKey(step.subject()),
                               absl::StrCat(absl::ToUnixMicros(ended))});
    }
    return NoteNothingToDo(reader, pipeline, step, batch);
  }
  if (step.state() != v1::RunStep::FAILED) return absl::OkStatus();
  v1::StepFailure failure;
  const std::string key = FailureKey(pipeline, step);
  ASSIGN_OR_RETURN(const std::optional<std::string> known,
                   reader.FindRecord(RecordKind::kState, key));
  // One that cannot be read begins anew.
  if (!known.has_value() || !failure.ParseFromString(*known)) failure.Clear();
  failure.set_kind(step.kind());
  failure.set_subject(step.subject());
  if (!failure.has_since()) *failure.mutable_since() = step.end_time();
  *failure.mutable_last() = step.end_time();
  failure.set_run(std::string(run));
  failure.set_error(step.error());
  batch.records.push_back(
      {RecordKind::kState, key, failure.SerializeAsString()});
  return absl::OkStatus();
}

absl::Status NoteNothingToDo(const store::Reader& reader,
                             absl::string_view pipeline,
                             const v1::RunStep& step, store::Batch& batch) {
  std::string key = FailureKey(pipeline, step);
  ASSIGN_OR_RETURN(const std::optional<std::string> known,
                   reader.FindRecord(RecordKind::kState, key));
  if (!known.has_value()) return absl::OkStatus();
  batch.records.push_back({RecordKind::kState, std::move(key), std::nullopt});
  return absl::OkStatus();
}

absl::StatusOr<std::optional<absl::Time>> LastPullOf(
    const store::Reader& reader, absl::string_view source) {
  ASSIGN_OR_RETURN(const std::optional<std::string> text,
                   reader.FindRecord(RecordKind::kState, PulledKey(source)));
  int64_t micros = 0;
  if (!text.has_value() || !absl::SimpleAtoi(*text, &micros)) {
    return std::nullopt;
  }
  return absl::FromUnixMicros(micros);
}

}  // namespace headway::pipeline
