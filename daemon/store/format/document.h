// The keys and values of the raw documents, byte for byte.
//
//   family     key                              value
//   pulls      pull                             checksum, pull entry
//   documents  pull number                      checksum, document entry
//   holders    hash pull number                 varint stored size of the body
//   bodies     hash                             varint size, zstd frame
//
//   pull           = text source, ~start_time: the newest of a source first
//   number         = of the document in its pull from 0, 4 bytes, big end first
//   hash           = SHA-256 of the body, 32 bytes
//   pull entry     = zigzag end_time, byte ended, 4 x text (run, plugin,
//                    version, hash), varint n, n x (text stream, text state),
//                    varint n, n x (text stream, zigzag known_at),
//                    varint observations, text error, varint documents
//   document entry = zigzag fetched_at, text file, text address, varint status,
//                    varint n, n x (text name, text value), text hash,
//                    varint size, varint stored size, text not kept
//
// ~start_time is as in format.h; other times are microseconds since 1970;
// varint, zigzag and text are those of codec.h. Decoders take any bytes
// and fail with DATA_LOSS. Pure functions.
#ifndef HEADWAY_DAEMON_STORE_FORMAT_DOCUMENT_H_
#define HEADWAY_DAEMON_STORE_FORMAT_DOCUMENT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/store/types.h"

namespace headway::store {

// What the keys of all pulls of a source start with.
std::string PullPrefix(absl::string_view source);
std::string EncodePullKey(absl::string_view source, absl::Time start_time);
std::string EncodeDocumentKey(absl::string_view pull_key, int64_t number);

std::string EncodePull(const Pull& pull);
// `key` and `value` of the family `pulls`.
absl::StatusOr<Pull> DecodePull(absl::string_view source, absl::string_view key,
                                absl::string_view value);

std::string EncodeDocument(const Document& document);
absl::StatusOr<Document> DecodeDocument(absl::string_view value);

// SHA-256, 32 bytes.
std::string HashOf(absl::string_view body);

std::string CompressBody(absl::string_view body);
absl::StatusOr<std::string> DecompressBody(absl::string_view value);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_FORMAT_DOCUMENT_H_
