#include "daemon/messages/operation.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"

namespace headway::messages {

bool HasEnded(const v1::Operation& operation) {
  return operation.state() == v1::Operation::SUCCEEDED ||
         operation.state() == v1::Operation::FAILED ||
         operation.state() == v1::Operation::CANCELLED;
}

std::string FormatOperationKind(v1::Operation::Kind kind) {
  return absl::StrReplaceAll(
      absl::AsciiStrToLower(v1::Operation::Kind_Name(kind)), {{"_", " "}});
}

std::string FormatOperationState(v1::Operation::State state) {
  return absl::AsciiStrToLower(v1::Operation::State_Name(state));
}

}  // namespace headway::messages
