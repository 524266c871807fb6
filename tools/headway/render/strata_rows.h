// How strata of a track record or of a backtest are shown.
#ifndef HEADWAY_TOOLS_HEADWAY_RENDER_STRATA_ROWS_H_
#define HEADWAY_TOOLS_HEADWAY_RENDER_STRATA_ROWS_H_

#include <string>

#include "google/protobuf/repeated_ptr_field.h"
#include "headway/v1/forecast.pb.h"
#include "tools/headway/render/table.h"

namespace headway::cli {

// A row for each stratum: method, steps, kind of actuals, scores, the share
// within each interval and its band, and the histogram of the probability
// integral transform as a line of blocks. `unit` is that of the errors; empty
// where the series have none in common, and then only scaled errors are shown.
Table StrataTable(
    const google::protobuf::RepeatedPtrField<v1::TrackStratum>& strata,
    const std::string& unit);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_RENDER_STRATA_ROWS_H_
