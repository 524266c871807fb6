#include "daemon/store/format/document.h"

#include <openssl/sha.h>
#include <zstd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/format/codec.h"
#include "daemon/store/format/format.h"

namespace headway::store {
namespace {

// Written once, kept for a year, seldom read.
constexpr int kCompressionLevel = 9;
// What a damaged size cannot make us allocate.
constexpr uint64_t kMaxBody = uint64_t{1} << 30;

absl::Status MalformedEntry() {
  return absl::DataLossError("it is malformed though its checksum holds");
}

void AppendInstant(absl::Time time, std::string* out) {
  AppendZigzag(absl::ToUnixMicros(time), out);
}

absl::Time ReadInstant(ByteReader* reader) {
  return absl::FromUnixMicros(reader->ReadZigzag());
}

std::string ReadString(ByteReader* reader) {
  return std::string(reader->ReadText());
}

int64_t ReadCount(ByteReader* reader) {
  return static_cast<int64_t>(reader->ReadVarint());
}

}  // namespace

std::string PullPrefix(absl::string_view source) {
  std::string prefix;
  AppendText(source, &prefix);
  return prefix;
}

std::string EncodePullKey(absl::string_view source, absl::Time start_time) {
  // As in format.h: sign bit flipped, all bits inverted.
  const auto micros = static_cast<uint64_t>(absl::ToUnixMicros(start_time));
  return absl::StrCat(PullPrefix(source),
                      EncodeId(~(micros ^ (uint64_t{1} << 63))));
}

std::string EncodeDocumentKey(absl::string_view pull_key, int64_t number) {
  return absl::StrCat(pull_key,
                      EncodeId(static_cast<uint64_t>(number)).substr(4));
}

std::string EncodePull(const Pull& pull) {
  std::string body;
  AppendInstant(pull.end_time, &body);
  body.push_back(pull.ended ? 1 : 0);
  for (const std::string* text :
       {&pull.run, &pull.plugin, &pull.plugin_version, &pull.plugin_hash}) {
    AppendText(*text, &body);
  }
  AppendVarint(pull.checkpoints.size(), &body);
  for (const auto& [stream, state] : pull.checkpoints) {
    AppendText(stream, &body);
    AppendText(state, &body);
  }
  AppendVarint(pull.commits.size(), &body);
  for (const auto& [stream, known_at] : pull.commits) {
    AppendText(stream, &body);
    AppendInstant(known_at, &body);
  }
  AppendVarint(static_cast<uint64_t>(pull.observations), &body);
  AppendText(pull.error, &body);
  AppendVarint(static_cast<uint64_t>(pull.documents), &body);
  return WithChecksum(body);
}

absl::StatusOr<Pull> DecodePull(absl::string_view source, absl::string_view key,
                                absl::string_view value) {
  ASSIGN_OR_RETURN(absl::string_view body, CheckedBody(value));
  const size_t prefix_size = PullPrefix(source).size();
  if (key.size() != prefix_size + 8) return MalformedEntry();
  ASSIGN_OR_RETURN(uint64_t start, DecodeId(key.substr(prefix_size)));
  Pull pull;
  pull.source = std::string(source);
  pull.start_time =
      absl::FromUnixMicros(static_cast<int64_t>(~start ^ (uint64_t{1} << 63)));
  ByteReader reader(body);
  pull.end_time = ReadInstant(&reader);
  pull.ended = reader.ReadByte() != 0;
  for (std::string* text :
       {&pull.run, &pull.plugin, &pull.plugin_version, &pull.plugin_hash}) {
    *text = ReadString(&reader);
  }
  for (uint64_t n = reader.ReadVarint(); n > 0 && reader.ok(); --n) {
    std::string stream = ReadString(&reader);
    pull.checkpoints.emplace_back(std::move(stream), ReadString(&reader));
  }
  for (uint64_t n = reader.ReadVarint(); n > 0 && reader.ok(); --n) {
    std::string stream = ReadString(&reader);
    pull.commits.emplace_back(std::move(stream), ReadInstant(&reader));
  }
  pull.observations = ReadCount(&reader);
  pull.error = ReadString(&reader);
  pull.documents = ReadCount(&reader);
  if (!reader.AtEnd()) return MalformedEntry();
  return pull;
}

std::string EncodeDocument(const Document& document) {
  std::string body;
  AppendInstant(document.fetched_at, &body);
  AppendText(document.file, &body);
  AppendText(document.address, &body);
  AppendVarint(static_cast<uint64_t>(document.status), &body);
  AppendVarint(document.headers.size(), &body);
  for (const auto& [name, value] : document.headers) {
    AppendText(name, &body);
    AppendText(value, &body);
  }
  AppendText(document.hash, &body);
  AppendVarint(static_cast<uint64_t>(document.size), &body);
  AppendVarint(static_cast<uint64_t>(document.stored_size), &body);
  AppendText(document.not_kept, &body);
  return WithChecksum(body);
}

absl::StatusOr<Document> DecodeDocument(absl::string_view value) {
  ASSIGN_OR_RETURN(absl::string_view body, CheckedBody(value));
  ByteReader reader(body);
  Document document;
  document.fetched_at = ReadInstant(&reader);
  document.file = ReadString(&reader);
  document.address = ReadString(&reader);
  document.status = static_cast<int>(reader.ReadVarint());
  for (uint64_t n = reader.ReadVarint(); n > 0 && reader.ok(); --n) {
    std::string name = ReadString(&reader);
    document.headers[std::move(name)] = ReadString(&reader);
  }
  document.hash = ReadString(&reader);
  document.size = ReadCount(&reader);
  document.stored_size = ReadCount(&reader);
  document.not_kept = ReadString(&reader);
  if (!reader.AtEnd()) return MalformedEntry();
  return document;
}

std::string HashOf(absl::string_view body) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(body.data()), body.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

std::string CompressBody(absl::string_view body) {
  std::string value;
  AppendVarint(body.size(), &value);
  const size_t start = value.size();
  value.resize(start + ZSTD_compressBound(body.size()));
  // Fails only where the room does not suffice, and that is its bound.
  const size_t size =
      ZSTD_compress(value.data() + start, value.size() - start, body.data(),
                    body.size(), kCompressionLevel);
  value.resize(start + size);
  return value;
}

absl::StatusOr<std::string> DecompressBody(absl::string_view value) {
  ByteReader reader(value);
  const uint64_t size = reader.ReadVarint();
  if (!reader.ok() || size > kMaxBody) {
    return absl::DataLossError("its size is damaged");
  }
  std::string body(size, '\0');
  const size_t got =
      ZSTD_decompress(body.data(), body.size(), reader.remaining().data(),
                      reader.remaining().size());
  if (ZSTD_isError(got) != 0) {
    return absl::DataLossError(absl::StrCat("it cannot be decompressed (",
                                            ZSTD_getErrorName(got), ")"));
  }
  if (got != size) return absl::DataLossError("it is cut short");
  return body;
}

}  // namespace headway::store
