// Whatever a plugin writes, and however it is cut, ends in messages or in an
// INTERNAL error, and the cut makes no difference.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "daemon/ingest/protocol/framing.h"

namespace {

struct Outcome {
  absl::Status status;
  int64_t messages = 0;
};

Outcome Decode(absl::string_view output, size_t chunk) {
  const auto sink = [](const headway::plugin::v1::PluginMessage& message) {
    if (message.message_case() ==
        headway::plugin::v1::PluginMessage::MESSAGE_NOT_SET) {
      std::abort();
    }
    return absl::OkStatus();
  };
  headway::ingest::MessageDecoder decoder(4096);
  Outcome outcome;
  for (size_t i = 0; i < output.size() && outcome.status.ok(); i += chunk) {
    outcome.status = decoder.Feed(output.substr(i, chunk), sink);
  }
  if (outcome.status.ok()) outcome.status = decoder.Finish(sink);
  outcome.messages = decoder.message_count();
  if (!outcome.status.ok() &&
      outcome.status.code() != absl::StatusCode::kInternal) {
    std::abort();
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view output(reinterpret_cast<const char*>(data), size);
  const Outcome whole = Decode(output, std::max<size_t>(size, 1));
  const Outcome pieces = Decode(output, 1 + size % 7);
  if (whole.messages != pieces.messages ||
      whole.status.ok() != pieces.status.ok()) {
    std::abort();
  }
  return 0;
}
