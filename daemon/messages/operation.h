// What the messages of operations say. Pure functions.
#ifndef HEADWAY_DAEMON_MESSAGES_OPERATION_H_
#define HEADWAY_DAEMON_MESSAGES_OPERATION_H_

#include <string>

#include "headway/v1/operation.pb.h"

namespace headway::messages {

// Whether the operation succeeded, failed or was cancelled.
bool HasEnded(const v1::Operation& operation);

// The kind and the state for people: "create backup", "queued".
std::string FormatOperationKind(v1::Operation::Kind kind);
std::string FormatOperationState(v1::Operation::State state);

}  // namespace headway::messages

#endif  // HEADWAY_DAEMON_MESSAGES_OPERATION_H_
