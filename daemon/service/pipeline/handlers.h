// PipelineService.
//
// Handlers as calls/methods.h describes them; proto/headway/v1/pipeline.proto
// says what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_PIPELINE_HANDLERS_H_
#define HEADWAY_DAEMON_SERVICE_PIPELINE_HANDLERS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "daemon/service/calls/stream_source.h"
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

absl::StatusOr<std::unique_ptr<StreamSource<v1::Run>>> WatchRun(
    const Parts& parts, const Caller&, const v1::WatchRunRequest& request);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_PIPELINE_HANDLERS_H_
