// What the messages of runs say. Pure functions.
#ifndef HEADWAY_DAEMON_MESSAGES_RUN_H_
#define HEADWAY_DAEMON_MESSAGES_RUN_H_

#include <string>

#include "headway/v1/pipeline.pb.h"

namespace headway::messages {

// Whether the run succeeded, failed or was cancelled.
bool HasEnded(const v1::Run& run);
// Whether the step succeeded, failed or was skipped.
bool HasEnded(const v1::RunStep& step);

// The state for people: "queued", "succeeded".
std::string FormatRunState(v1::Run::State state);

}  // namespace headway::messages

#endif  // HEADWAY_DAEMON_MESSAGES_RUN_H_
