// How a read on trial is shown.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_TRIAL_OUTPUT_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_TRIAL_OUTPUT_H_

#include <string>

#include "daemon/ingest/trial/trial_read.h"
#include "google/protobuf/struct.pb.h"
#include "tools/headway/render/table.h"

namespace headway::cli {

// A row for each series: how many periods, the first, the last, the newest
// value.
Table TrialSeriesTable(const ingest::TrialResult& result);
// A row for each observation of each vintage.
Table TrialRowsTable(const ingest::TrialResult& result);
// A line on what there is in all and where the next read goes on.
std::string TrialSummary(const ingest::TrialResult& result);
// All of it, for programs.
google::protobuf::Struct TrialDocument(const ingest::TrialResult& result);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_TRIAL_OUTPUT_H_
