// Whatever a plugin writes, and however it is cut, ends in messages or in an
// INTERNAL error, and the cut makes no difference. A line of JSON means what it
// means to the parser of Protocol Buffers.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "daemon/ingest/protocol/framing.h"
#include "daemon/ingest/protocol/plain_observations.h"
#include "google/protobuf/util/json_util.h"

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

// A line that is read without the general parser is read as by it.
void CompareWithGeneralParser(absl::string_view line) {
  headway::plugin::v1::PluginMessage plain;
  std::string others;
  const bool is_plain = headway::ingest::ReadPlainObservations(
      line, plain.mutable_observations(), &others);
  if (!is_plain || !others.empty()) return;
  headway::plugin::v1::PluginMessage general;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(line.data(), line.size()), &general);
  if (!status.ok() ||
      plain.SerializeAsString() != general.SerializeAsString()) {
    std::abort();
  }
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
  CompareWithGeneralParser(output.substr(0, output.find('\n')));
  return 0;
}
