#include "daemon/service/pipeline/service.h"

#include "daemon/service/pipeline/handlers.h"
#include "daemon/service/pipeline/run_watch.h"

namespace headway::service {

Methods PipelineMethods() {
  Methods methods("PipelineService");
  methods.Unary("ListPipelines", ListPipelines);
  methods.Unary("GetPipeline", GetPipeline);
  methods.Unary("RunPipeline", RunPipeline);
  methods.Unary("GetRun", GetRun);
  methods.Unary("ListRuns", ListRuns);
  methods.Unary("CancelRun", CancelRun);
  methods.Unary("PausePipeline", PausePipeline);
  methods.Unary("ResumePipeline", ResumePipeline);
  methods.Stream("WatchRun", RunWatch::Create);
  return methods;
}

}  // namespace headway::service
