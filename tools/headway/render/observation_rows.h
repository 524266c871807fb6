// How observations are shown.
#ifndef HEADWAY_TOOLS_HEADWAY_RENDER_OBSERVATION_ROWS_H_
#define HEADWAY_TOOLS_HEADWAY_RENDER_OBSERVATION_ROWS_H_

#include <string>

#include "absl/time/time.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "headway/v1/common.pb.h"
#include "tools/headway/render/table.h"

namespace headway::cli {

// A row for each observation of each series, in their order.
Table ObservationTable(
    const google::protobuf::RepeatedPtrField<v1::LabelledSeries>& series,
    const std::string& unit);

// When the newest vintage was known, and its age at `instant`, to be appended:
// ", known 2026-03-05 06:30 UTC (12 days old)"; "" if nothing is known.
std::string DescribeVintage(const v1::LabelledSeries& series,
                            absl::Time instant);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_RENDER_OBSERVATION_ROWS_H_
