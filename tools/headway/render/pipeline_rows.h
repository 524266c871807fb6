// How pipelines and runs are shown.
#ifndef HEADWAY_TOOLS_HEADWAY_RENDER_PIPELINE_ROWS_H_
#define HEADWAY_TOOLS_HEADWAY_RENDER_PIPELINE_ROWS_H_

#include <string>

#include "google/protobuf/repeated_ptr_field.h"
#include "headway/v1/pipeline.pb.h"
#include "tools/headway/render/table.h"

namespace headway::cli {

Table PipelineTable(
    const google::protobuf::RepeatedPtrField<v1::Pipeline>& pipelines);
// "! NAME: error", a line for each definition that is at fault.
std::string PipelineErrors(
    const google::protobuf::RepeatedPtrField<v1::Pipeline>& pipelines);

// The run's own error, or that of its first step that failed or waits; "" if
// nothing is wrong.
std::string WhatIsWrong(const v1::Run& run);

Table RunTable(const google::protobuf::RepeatedPtrField<v1::Run>& runs);

// "succeeded", in its colour.
Cell RunStateCell(const v1::Run& run);

// "0.4 s" between two instants; "" unless both are set.
std::string Elapsed(const google::protobuf::Timestamp& start,
                    const google::protobuf::Timestamp& end);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_RENDER_PIPELINE_ROWS_H_
