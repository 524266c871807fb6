#include "daemon/service/pipeline/service.h"

#include "daemon/service/pipeline/handlers.h"

namespace headway::service {

Methods PipelineMethods() {
  Methods methods("PipelineService");
  methods.Unary("ListPipelines", ListPipelines);
  methods.Unary("GetPipeline", GetPipeline);
  methods.Unary("RunPipeline", RunPipeline, {.kind = CallKind::kWrite});
  methods.Unary("GetRun", GetRun);
  methods.Unary("ListRuns", ListRuns);
  methods.Unary("CancelRun", CancelRun, {.kind = CallKind::kWrite});
  methods.Unary("PausePipeline", PausePipeline, {.kind = CallKind::kWrite});
  methods.Unary("ResumePipeline", ResumePipeline, {.kind = CallKind::kWrite});
  methods.Stream("WatchRun", WatchRun);
  return methods;
}

}  // namespace headway::service
