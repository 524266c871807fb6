#include "tools/bench/rpc/runs.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/base/status_macros.h"
#include "grpcpp/client_context.h"
#include "headway/v1/pipeline.grpc.pb.h"
#include "tools/bench/rpc/caller.h"

namespace headway::bench {
namespace {

constexpr absl::Duration kCallPatience = absl::Seconds(10);

}  // namespace

absl::StatusOr<std::string> StartPipeline(const std::string& address,
                                          const std::string& name) {
  const auto stub = v1::PipelineService::NewStub(Connect(address, 1)[0]);
  v1::RunPipelineRequest request;
  request.set_name(absl::StrCat("pipelines/", name));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kCallPatience));
  v1::Run run;
  RETURN_IF_ERROR(
      ToStatus(stub->RunPipeline(&context, request, &run), "RunPipeline"));
  return run.name();
}

absl::Status RunPipeline(const std::string& address, const std::string& name,
                         absl::Duration patience) {
  v1::WatchRunRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), StartPipeline(address, name));
  const auto stub = v1::PipelineService::NewStub(Connect(address, 1)[0]);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + patience));
  v1::Run run;
  const auto reader = stub->WatchRun(&context, request);
  while (reader->Read(&run)) {
  }
  RETURN_IF_ERROR(ToStatus(reader->Finish(), "WatchRun"));
  if (run.state() == v1::Run::SUCCEEDED) return absl::OkStatus();
  std::string why = run.error();
  for (const v1::RunStep& step : run.steps()) {
    if (!step.error().empty()) absl::StrAppend(&why, " ", step.error());
  }
  return absl::InternalError(absl::StrCat("a run of ", name, " ended as ",
                                          v1::Run::State_Name(run.state()),
                                          ": ", why));
}

}  // namespace headway::bench
