// How observations are shown.
#ifndef HEADWAY_TOOLS_HEADWAY_RENDER_OBSERVATION_ROWS_H_
#define HEADWAY_TOOLS_HEADWAY_RENDER_OBSERVATION_ROWS_H_

#include <string>

#include "google/protobuf/repeated_ptr_field.h"
#include "headway/v1/common.pb.h"
#include "tools/headway/render/table.h"

namespace headway::cli {

// A row for each observation of each series, in their order.
Table ObservationTable(
    const google::protobuf::RepeatedPtrField<v1::LabelledSeries>& series,
    const std::string& unit);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_RENDER_OBSERVATION_ROWS_H_
