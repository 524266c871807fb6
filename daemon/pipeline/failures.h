// What failed in the runs of a pipeline and has not succeeded since, and when
// each source was pulled last with success. Kept in the store, written in the
// commit that ends the step. Pure functions over a store::Reader; thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_FAILURES_H_
#define HEADWAY_DAEMON_PIPELINE_FAILURES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/store/store.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::pipeline {

// Of one pipeline, or of all if `pipeline` is empty; by kind and subject, those
// of subjects that are no longer defined too.
absl::StatusOr<std::vector<v1::StepFailure>> ListFailures(
    const store::Reader& reader, absl::string_view pipeline);

// Adds to `batch` what the end of a step changes: FAILED notes it, SUCCEEDED
// forgets it, and notes when a source was pulled.
absl::Status NoteEnd(const store::Reader& reader, absl::string_view pipeline,
                     absl::string_view run, const v1::RunStep& step,
                     store::Batch& batch);
// Adds to `batch` that nothing is wrong with a step that had nothing to do.
absl::Status NoteNothingToDo(const store::Reader& reader,
                             absl::string_view pipeline,
                             const v1::RunStep& step, store::Batch& batch);

// Absent if no pull of the source ever succeeded.
absl::StatusOr<std::optional<absl::Time>> LastPullOf(
    const store::Reader& reader, absl::string_view source);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_FAILURES_H_
