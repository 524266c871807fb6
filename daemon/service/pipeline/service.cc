#include "daemon/service/pipeline/service.h"

#include "daemon/service/pipeline/handlers.h"
#include "daemon/service/pipeline/run_watch.h"

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
  methods.Stream("WatchRun", RunWatch::Create);
  return methods;
}

}  // namespace headway::service
