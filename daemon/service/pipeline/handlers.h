// PipelineService but for its watch (pipeline/run_watch.h).
//
// Handlers as calls/methods.h describes them; proto/headway/v1/pipeline.proto
// says what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_PIPELINE_HANDLERS_H_
#define HEADWAY_DAEMON_SERVICE_PIPELINE_HANDLERS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::service {

absl::StatusOr<v1::ListPipelinesResponse> ListPipelines(
    const Parts& parts, const Call& call,
    const v1::ListPipelinesRequest& request);
absl::StatusOr<v1::Pipeline> GetPipeline(const Parts& parts, const Call& call,
                                         const v1::GetPipelineRequest& request);
absl::StatusOr<v1::Run> RunPipeline(const Parts& parts, const Call& call,
                                    const v1::RunPipelineRequest& request);
absl::StatusOr<v1::Run> GetRun(const Parts& parts, const Call& call,
                               const v1::GetRunRequest& request);
absl::StatusOr<v1::ListRunsResponse> ListRuns(
    const Parts& parts, const Call& call, const v1::ListRunsRequest& request);
absl::StatusOr<v1::Run> CancelRun(const Parts& parts, const Call& call,
                                  const v1::CancelRunRequest& request);
absl::StatusOr<v1::Pipeline> PausePipeline(
    const Parts& parts, const Call& call,
    const v1::PausePipelineRequest& request);
absl::StatusOr<v1::Pipeline> ResumePipeline(
    const Parts& parts, const Call& call,
    const v1::ResumePipelineRequest& request);

// The run that a request's field names. NOT_FOUND if there is none.
absl::StatusOr<v1::Run> FindRun(const Parts& parts, absl::string_view field,
                                absl::string_view name);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_PIPELINE_HANDLERS_H_
