// The changes that an update makes to the state of a series. A pure function.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_DIFFERENCES_H_
#define HEADWAY_DAEMON_STORE_HISTORY_DIFFERENCES_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "daemon/store/format/cells.h"
#include "daemon/store/types.h"

namespace headway::store {

// Returns the values and withdrawals of `update` that differ from `state`,
// compared bit for bit. It also returns equal ones that `update` lists as
// restated, unless `is_said(ordinal)` tells that the vintage already makes a
// statement about that period.
Cells Differences(const VintageUpdate& update, const Columns& state,
                  absl::FunctionRef<bool(int32_t)> is_said);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_DIFFERENCES_H_
