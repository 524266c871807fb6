// Sources that an operator switched on or off, whatever their files say. Kept
// in the store, so that files stay untouched and restarts change nothing. Pure
// functions; thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_SWITCHES_SWITCHES_H_
#define HEADWAY_DAEMON_PIPELINE_SWITCHES_SWITCHES_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

// By source, whether it was switched on. Sources that are no longer defined may
// be among them.
absl::StatusOr<std::map<std::string, bool>> ReadSwitches(
    const store::Reader& reader);

// Keeps that a source is on or off; nullopt: it is as its file says.
store::Record SwitchRecord(absl::string_view source,
                           std::optional<bool> enabled);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_SWITCHES_SWITCHES_H_
