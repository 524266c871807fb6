#include "daemon/store/upkeep/compact.h"

#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/maintenance.h"

namespace headway::store {

absl::Status CompactStore(const Store& store,
                          absl::FunctionRef<absl::Status()> check_alive) {
  return store.engine().maintenance().Compact(check_alive);
}

}  // namespace headway::store
