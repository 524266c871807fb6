// What AdminService answers, as tables. Pure functions.
#ifndef HEADWAY_TOOLS_HEADWAY_RENDER_STORE_ROWS_H_
#define HEADWAY_TOOLS_HEADWAY_RENDER_STORE_ROWS_H_

#include <string>

#include "google/protobuf/repeated_ptr_field.h"
#include "headway/v1/admin.pb.h"
#include "tools/headway/render/table.h"

namespace headway::cli {

// "512 B", "1.2 MiB".
std::string FormatBytes(int64_t bytes);

// A row for each figure; with `families` also for each family of keys, as
// "family.vintages.bytes".
Table StatsTable(const v1::StoreStats& stats, bool families);
// A row for each family.
Table FamilyTable(const v1::StoreStats& stats);
Table ProblemTable(
    const google::protobuf::RepeatedPtrField<v1::StoreProblem>& problems);
Table BackupTable(
    const google::protobuf::RepeatedPtrField<v1::Backup>& backups);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_RENDER_STORE_ROWS_H_
