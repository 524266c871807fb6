// How operations are shown. Pure functions.
#ifndef HEADWAY_TOOLS_HEADWAY_RENDER_OPERATION_ROWS_H_
#define HEADWAY_TOOLS_HEADWAY_RENDER_OPERATION_ROWS_H_

#include <string>

#include "google/protobuf/repeated_ptr_field.h"
#include "headway/v1/operation.pb.h"
#include "tools/headway/render/table.h"

namespace headway::cli {

Table OperationTable(
    const google::protobuf::RepeatedPtrField<v1::Operation>& operations);

// How far an operation is: "operations/17  replay source census  running
// ██████▌    65 %  3 documents".
std::string OperationLine(const v1::Operation& operation);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_RENDER_OPERATION_ROWS_H_
