// A table read whole and delivered as series.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_DELIVERY_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_DELIVERY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sources/tables/mapping/input.h"

namespace headway::mapping {

// Writes the series of the table and `checkpoint`, which is complete with the
// option snapshot, and says in the log what was passed over. What is wrong with
// the table is a ConfigError: the operator chose it.
absl::Status DeliverTable(const sdk::Request& request, const Input& input,
                          sdk::Writer& out, sdk::Checkpoint checkpoint);

// Reads the table's header: whether it is there and has the columns that the
// options name. Says what it found.
absl::StatusOr<std::string> CheckHeader(const sdk::Request& request,
                                        const Input& input);

}  // namespace headway::mapping

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_DELIVERY_H_
