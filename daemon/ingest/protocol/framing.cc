#include "daemon/ingest/protocol/framing.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/protocol/plain_observations.h"
#include "daemon/ingest/protocol/redaction.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "google/protobuf/util/json_util.h"

namespace headway::ingest {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using plugin::v1::PluginMessage;

constexpr size_t kMaxVarintBytes = 10;

// The path of the first field in `message` or below that the protocol does not
// know, such as "observations.17".
std::optional<std::string> FindUnknownField(const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const auto& unknown = reflection.GetUnknownFields(message);
  if (!unknown.empty()) return absl::StrCat(unknown.field(0).number());
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    // Entries of a map keep no unknown fields once parsed.
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
        field->is_map()) {
      continue;
    }
    const int count =
        field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const Message& child =
          field->is_repeated()
              ? reflection.GetRepeatedMessage(message, field, i)
              : reflection.GetMessage(message, field);
      if (std::optional<std::string> path = FindUnknownField(child)) {
        return absl::StrCat(field->name(), ".", *path);
      }
    }
  }
  return std::nullopt;
}

// Whether an array in the JSON text has the element null, which the parser
// drops without a word.
bool HasNullElement(absl::string_view json) {
  constexpr absl::string_view kNull = "null";
  // The last character outside of strings that is no space.
  char before = '\0';
  for (size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '"') {
      for (++i; i < json.size() && json[i] != '"'; ++i) {
        if (json[i] == '\\') ++i;
      }
      before = '"';
    } else if (!absl::ascii_isspace(static_cast<unsigned char>(json[i]))) {
      const bool begins_element = before == '[' || before == ',';
      if (begins_element && json.substr(i, kNull.size()) == kNull) return true;
      before = json[i];
    }
  }
  return false;
}

absl::string_view FirstLine(absl::string_view text) {
  return text.substr(0, text.find('\n'));
}

// A varint at the front of `bytes`: its value and size; size 0 if more bytes
// are needed.
struct Varint {
  uint64_t value = 0;
  size_t size = 0;
};

std::optional<Varint> ParseVarint(absl::string_view bytes) {
  Varint varint;
  for (size_t i = 0; i < std::min(bytes.size(), kMaxVarintBytes); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    // The tenth byte holds the last of 64 bits.
    if (i == kMaxVarintBytes - 1 && byte > 1) return std::nullopt;
    varint.value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      varint.size = i + 1;
      return varint;
    }
  }
  return varint;
}

// Whether a message begins with the field `observations`, and so is nothing
// without it.
bool IsOfObservations(absl::string_view bytes) {
  constexpr char kTag = PluginMessage::kObservationsFieldNumber << 3 | 2;
  return !bytes.empty() && bytes.front() == kTag;
}

// What the message held is dropped, and its memory used again.
bool ParseBinary(absl::string_view bytes, PluginMessage* message) {
  if (message->has_observations()) message->mutable_observations()->Clear();
  google::protobuf::io::CodedInputStream input(
      reinterpret_cast<const uint8_t*>(bytes.data()),
      static_cast<int>(bytes.size()));
  return message->MergeFromCodedStream(&input) && input.ConsumedEntireMessage();
}

}  // namespace

std::string MessageDecoder::Place() const {
  return absl::StrCat(framing_ == Framing::kBinary ? "message " : "line ",
                      number_);
}

absl::Status MessageDecoder::TooLong() const {
  return absl::InternalError(
      absl::StrCat(Place(), " is longer than ", max_message_bytes_,
                   " bytes; send the observations in several smaller batches"));
}

absl::Status MessageDecoder::Feed(absl::string_view bytes, Sink sink) {
  absl::StrAppend(&buffer_, bytes);
  if (framing_ == Framing::kUnknown) DetectFraming();
  switch (framing_) {
    case Framing::kUnknown:
      return absl::OkStatus();
    case Framing::kJsonLines:
      return DecodeLines(sink);
    case Framing::kBinary:
      return DecodeBinary(sink);
  }
  return absl::OkStatus();
}

absl::Status MessageDecoder::Finish(Sink sink) {
  // Output shorter than the magic is JSON lines, or not binary to the end.
  if (framing_ == Framing::kUnknown) framing_ = Framing::kJsonLines;
  if (framing_ == Framing::kJsonLines) {
    ++number_;
    return DecodeLine(buffer_, sink);
  }
  if (buffer_.empty()) return absl::OkStatus();
  ++number_;
  return absl::InternalError(absl::StrCat(Place(),
                                          " is cut short: the output ended ",
                                          buffer_.size(), " bytes into it"));
}

void MessageDecoder::DetectFraming() {
  const size_t size = std::min(buffer_.size(), kBinaryMagic.size());
  if (buffer_.compare(0, size, kBinaryMagic.data(), size) != 0) {
    framing_ = Framing::kJsonLines;
  } else if (size == kBinaryMagic.size()) {
    framing_ = Framing::kBinary;
    buffer_.erase(0, size);
  }
}

absl::Status MessageDecoder::DecodeLines(Sink sink) {
  size_t start = 0;
  while (true) {
    const size_t newline = buffer_.find('\n', start + searched_);
    const size_t end = std::min(newline, buffer_.size());
    if (end - start > max_message_bytes_) {
      ++number_;
      return TooLong();
    }
    if (newline == std::string::npos) break;
    ++number_;
    RETURN_IF_ERROR(DecodeLine(
        absl::string_view(buffer_).substr(start, newline - start), sink));
    start = newline + 1;
    searched_ = 0;
  }
  buffer_.erase(0, start);
  searched_ = buffer_.size();
  return absl::OkStatus();
}

absl::Status MessageDecoder::DecodeLine(absl::string_view line, Sink sink) {
  if (absl::StripAsciiWhitespace(line).empty()) return absl::OkStatus();
  if (ParsePlainLine(line)) return Deliver(observations_, sink);
  PluginMessage message;
  RETURN_IF_ERROR(ParseLine(line, &message));
  const bool may_have_null =
      message.has_observations() && absl::StrContains(line, "null");
  if (may_have_null && HasNullElement(line)) {
    return absl::InternalError(absl::StrCat(
        Place(), " has null among its periods or values: ", Quote(line),
        "; leave out a period that has no value, or list it in "
        "withdrawn"));
  }
  return Deliver(message, sink);
}

absl::Status MessageDecoder::ParseLine(absl::string_view line,
                                       PluginMessage* message) const {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(line.data(), line.size()), message,
      options);
  if (status.ok()) return absl::OkStatus();
  // The first line of the reason; the others draw an arrow to the column.
  const auto why = status.message();
  return absl::InternalError(absl::StrCat(
      Place(), " is not a message of the plugin protocol (",
      FirstLine(absl::string_view(why.data(), why.size())), "): ", Quote(line),
      "; write one message in JSON a line, and everything else "
      "to standard error"));
}

// Into observations_; false if only ParseLine can say what the line means.
bool MessageDecoder::ParsePlainLine(absl::string_view line) {
  plugin::v1::ObservationBatch& batch = *observations_.mutable_observations();
  if (!ReadPlainObservations(line, &batch, &others_)) return false;
  if (others_.empty()) return true;
  PluginMessage rest;
  const std::string text = absl::StrCat(R"({"observations":{)", others_, "}}");
  if (!ParseLine(text, &rest).ok()) return false;
  batch.MergeFrom(rest.observations());
  return true;
}

absl::Status MessageDecoder::DecodeBinary(Sink sink) {
  absl::string_view rest = buffer_;
  while (!rest.empty()) {
    const std::optional<Varint> length = ParseVarint(rest);
    if (!length.has_value() || length->value > max_message_bytes_) {
      ++number_;
      return TooLong();
    }
    if (length->size == 0 || rest.size() - length->size < length->value) break;
    ++number_;
    rest.remove_prefix(length->size);
    const absl::string_view bytes = rest.substr(0, length->value);
    PluginMessage other;
    PluginMessage& message = IsOfObservations(bytes) ? observations_ : other;
    if (!ParseBinary(bytes, &message)) {
      return absl::InternalError(
          absl::StrCat(Place(), " is not a message of the plugin protocol"));
    }
    rest.remove_prefix(length->value);
    if (std::optional<std::string> field = FindUnknownField(message)) {
      return absl::InternalError(absl::StrCat(
          Place(),
          " has a field that protocol version 1 does not know: ", *field));
    }
    RETURN_IF_ERROR(Deliver(message, sink));
  }
  buffer_.erase(0, buffer_.size() - rest.size());
  return absl::OkStatus();
}

absl::Status MessageDecoder::Deliver(const PluginMessage& message, Sink sink) {
  if (message.message_case() == PluginMessage::MESSAGE_NOT_SET) {
    return absl::InternalError(
        absl::StrCat(Place(),
                     " says nothing; set one of description, check, series, "
                     "observations, checkpoint, progress, log and error"));
  }
  ++message_count_;
  return Annotate(sink(message), Place());
}

}  // namespace headway::ingest
