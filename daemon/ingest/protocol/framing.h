// Takes a plugin's standard output apart into messages.
//
// The first eight bytes tell the framing. If they are "HEADWAY1", it is binary,
// and each message is preceded by its length as a varint. Otherwise it is JSON
// lines: the proto3 JSON mapping, blank lines skipped, the last newline
// optional.
//
// Unknown fields, empty messages and truncated messages are errors that name
// the line or message, counted from 1. After an error the decoder must not be
// used any more.
//
// Not thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_PROTOCOL_FRAMING_H_
#define HEADWAY_DAEMON_INGEST_PROTOCOL_FRAMING_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

inline constexpr absl::string_view kBinaryMagic = "HEADWAY1";

class MessageDecoder {
 public:
  // Called with each message, in order. An error ends the decoding; the place
  // of the message is put before it.
  using Sink =
      absl::FunctionRef<absl::Status(const plugin::v1::PluginMessage&)>;

  // No message may be longer than `max_message_bytes`. No more than that, the
  // bytes of one call, and a message or two is held in memory.
  explicit MessageDecoder(size_t max_message_bytes = size_t{64} << 20)
      : max_message_bytes_(max_message_bytes) {}

  // Takes the next bytes, however they are cut.
  absl::Status Feed(absl::string_view bytes, Sink sink);
  // The output is over: decodes a last line without newline.
  absl::Status Finish(Sink sink);

  // Messages decoded so far.
  int64_t message_count() const { return message_count_; }

 private:
  enum class Framing { kUnknown, kJsonLines, kBinary };

  void DetectFraming();
  absl::Status DecodeLines(Sink sink);
  absl::Status DecodeBinary(Sink sink);
  absl::Status DecodeLine(absl::string_view line, Sink sink);
  // Takes any line; DecodeLine passes by it where that is safe.
  absl::Status ParseLine(absl::string_view line,
                         plugin::v1::PluginMessage* message) const;
  bool ParsePlainLine(absl::string_view line);
  absl::Status Deliver(const plugin::v1::PluginMessage& message, Sink sink);
  // "line 3" or "message 3".
  std::string Place() const;
  absl::Status TooLong() const;

  const size_t max_message_bytes_;
  Framing framing_ = Framing::kUnknown;
  std::string buffer_;
  // Bytes at the front of buffer_ that hold no newline.
  size_t searched_ = 0;
  // Kept from one to the next, for the sake of its memory: most of what a
  // plugin says is observations, and a period is a text.
  plugin::v1::PluginMessage observations_;
  std::string others_;
  // The line or message under way.
  int64_t number_ = 0;
  int64_t message_count_ = 0;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PROTOCOL_FRAMING_H_
