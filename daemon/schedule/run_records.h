// The ledger's records: their keys and bytes. All are of RecordKind::kRuns.
//
//   run/ID            a run without its steps
//   step/ID/NNNN      its steps, in order
//   job/JOB/ID        the runs of a job; the state is exact once it has ended
//   active/ID         those that have not ended
//   request/JOB/REQ   the run that a call with that request id made
//
// A run's record begins with its state and trigger, and a job's record is these
// alone, so that filters need not parse messages. Ledgers of before had the
// whole message in run/ID and nothing in job/JOB/ID; both are still read.
//
// Pure functions.
#ifndef HEADWAY_DAEMON_SCHEDULE_RUN_RECORDS_H_
#define HEADWAY_DAEMON_SCHEDULE_RUN_RECORDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/store/store.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::schedule {

inline constexpr absl::string_view kRunPrefix = "run/";
inline constexpr absl::string_view kActivePrefix = "active/";
inline constexpr absl::string_view kRequestPrefix = "request/";

std::string RunKey(absl::string_view id);
std::string StepPrefix(absl::string_view id);
std::string StepKey(absl::string_view id, size_t position);
std::string JobKeyPrefix(absl::string_view job);
std::string ActiveKey(absl::string_view id);
std::string RequestKey(absl::string_view job, absl::string_view request_id);

// Without a value: deletes the record.
store::Record RunRecord(std::string key, std::optional<std::string> value);

// 20260305-063000.123456: sorts by time.
std::string FormatRunId(absl::Time time);
std::optional<absl::Time> ParseRunId(absl::string_view id);
// Whether it looks like one; not every such text is an instant.
bool IsRunId(absl::string_view text);

// What the first bytes of a record say.
struct Brief {
  v1::Run::State state;
  v1::Run::Trigger trigger;
};
std::string EncodeBrief(const v1::Run& run);
// Absent in records of before.
std::optional<Brief> DecodeBrief(absl::string_view bytes);

// A run as the bytes of its records.
struct RunBytes {
  std::string header;
  std::vector<std::string> steps;
};
RunBytes EncodeRun(const v1::Run& run);

// NOT_FOUND if there is no such run; DATA_LOSS if a record cannot be read.
absl::StatusOr<v1::Run> ReadRun(const store::Reader& reader,
                                absl::string_view id);
// The bytes as they are stored; empty for a run that is not.
absl::StatusOr<RunBytes> ReadRunBytes(const store::Reader& reader,
                                      absl::string_view id);

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_RUN_RECORDS_H_
