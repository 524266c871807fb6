// Which store this is, and in which of its histories.
//
// An identity is drawn when a store is first opened and stays for good; an
// epoch goes with it, and is drawn anew whenever a backup is restored: commits
// of one number then mean different things before and after. Text that stands
// for both is kept with the store, so that a token which a client keeps names
// the history it was given of. Copying a directory by hand makes two stores of
// one identity; nothing can tell.
//
// Functions over an engine, one at a time. Errors are those of the engine.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_IDENTITY_H_
#define HEADWAY_DAEMON_STORE_HISTORY_IDENTITY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/engine/engine.h"

namespace headway::store {

// Draws one if the store has none: it is new, or of a time before identities.
absl::StatusOr<std::string> GetOrMakeIdentity(Engine* engine);

// Keeps the identity, if there is one, and draws another epoch.
absl::Status BeginEpoch(Engine* engine);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_IDENTITY_H_
