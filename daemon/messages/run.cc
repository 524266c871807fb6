#include "daemon/messages/run.h"

#include "absl/strings/ascii.h"

namespace headway::messages {

bool HasEnded(const v1::Run& run) {
  return run.state() == v1::Run::SUCCEEDED || run.state() == v1::Run::FAILED ||
         run.state() == v1::Run::CANCELLED;
}

bool HasEnded(const v1::RunStep& step) {
  return step.state() == v1::RunStep::SUCCEEDED ||
         step.state() == v1::RunStep::FAILED ||
         step.state() == v1::RunStep::SKIPPED;
}

std::string FormatRunState(v1::Run::State state) {
  return absl::AsciiStrToLower(v1::Run::State_Name(state));
}

}  // namespace headway::messages
