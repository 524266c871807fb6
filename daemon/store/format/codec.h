// Columns of periods and values as bytes, and the bytes they are made of.
//
//   varint   = base 128, low groups first, at most 10 bytes
//   zigzag   = varint of a signed number, 0 -1 1 -2 ... as 0 1 2 3 ...
//   text     = varint length, bytes
//   packed m = byte width, m x width bits, low bits first, the last byte filled
//              up with 0; width is 0 to 57, or 64
//
//   ordinals = varint (zigzag first << 3 | kind), then by kind
//     0        nothing; first is 0 and there are no ordinals
//     1 to 4   nothing; so many ordinals, each the one before plus 1
//     5        varint (n - 5); n ordinals, each the one before plus 1
//     6        runs of such ordinals: varint (runs - 2), varint (length - 1),
//              (runs - 1) x (varint (gap - 2), varint (length - 1))
//     7        varint (n - 2), varint (least gap - 1),
//              [ packed n - 1: gap - least gap ] if n > 2
//
//   values   = blocks of 64 values; the last one holds what is left, if that
//              is fewer than 80
//   block    = byte form << 6 | scale, frame
//   scale    0 to 44: a value is a number / 10^(scale - 22), rounded once
//            63: a number is the 64 bits of a value; form is 0
//   form     0        frame m
//            1        zigzag first number, frame m - 1 of the steps
//            2, 3     as 0, 1, then patches
//   frame m  = zigzag least [ packed m: number - least ] if m > 1
//              nothing if m is 0; least is 8 bytes, little end first, if scale
//              is 63
//   patches  = varint n, n x (byte places after the one before, zigzag what to
//              add to the bits of the value)
//
// Periods without gaps cost 2 to 4 bytes, however many there are. Values are
// held as whole multiples of a power of ten wherever that takes less than their
// bits; the few that are none are patched. The method is that of Afroozeh,
// Kuffo, Boncz: "ALP: Adaptive Lossless floating-Point Compression", SIGMOD
// 2023, but divides by an exact power of ten instead of multiplying by an
// inexact one, which makes every decimal text of up to 15 digits exact.
// docs/store.md has what else was measured, and on what data.
//
// Decoders take any bytes: they check each length against what is left before
// they use it, and refuse columns of more than kMaxColumn. Pure functions.
#ifndef HEADWAY_DAEMON_STORE_FORMAT_CODEC_H_
#define HEADWAY_DAEMON_STORE_FORMAT_CODEC_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace headway::store {

// More than the days from 1600 to 2400, the widest span a series can have.
inline constexpr size_t kMaxColumn = size_t{1} << 19;

// 0 -1 1 -2 ... as 0 1 2 3 ...
inline uint64_t Zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^
         static_cast<uint64_t>(value >> 63);
}
inline int64_t FromZigzag(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

void AppendVarint(uint64_t value, std::string* out);
void AppendZigzag(int64_t value, std::string* out);
void AppendText(absl::string_view text, std::string* out);
void AppendFixed32(uint32_t value, std::string* out);

// Reads from the front of a text. After the first malformed piece ok() is
// false, and whatever is read is 0 or empty. Belongs to one thread.
class ByteReader {
 public:
  explicit ByteReader(absl::string_view bytes) : remaining_(bytes) {}

  bool ok() const { return ok_; }
  // Whether all was read, and well.
  bool AtEnd() const { return ok_ && remaining_.empty(); }
  absl::string_view remaining() const { return remaining_; }

  uint8_t ReadByte();
  uint64_t ReadVarint();
  int64_t ReadZigzag();
  absl::string_view ReadText();
  absl::string_view ReadBytes(size_t size);
  uint32_t ReadFixed32();
  void Fail();

 private:
  absl::string_view remaining_;
  bool ok_ = true;
};

// Inline: most columns have few values, and then these calls are the cost.
inline absl::string_view ByteReader::ReadBytes(size_t size) {
  if (size > remaining_.size()) {
    Fail();
    return absl::string_view();
  }
  absl::string_view bytes = remaining_.substr(0, size);
  remaining_.remove_prefix(size);
  return bytes;
}

inline uint8_t ByteReader::ReadByte() {
  absl::string_view byte = ReadBytes(1);
  return byte.empty() ? 0 : static_cast<uint8_t>(byte[0]);
}

inline uint64_t ByteReader::ReadVarint() {
  uint64_t value = 0;
  const size_t most = std::min<size_t>(remaining_.size(), 10);
  for (size_t i = 0; i < most; ++i) {
    const uint64_t byte = static_cast<unsigned char>(remaining_[i]);
    value |= (byte & 0x7F) << (7 * i);
    if (byte < 0x80) {
      remaining_.remove_prefix(i + 1);
      return value;
    }
  }
  Fail();
  return 0;
}

inline int64_t ByteReader::ReadZigzag() { return FromZigzag(ReadVarint()); }

// Reading appends to `out`, so that many columns can go into one. When the
// bytes are malformed the reader is no longer ok and `out` is as it was.

// `ordinals` rise strictly.
void AppendOrdinals(absl::Span<const int32_t> ordinals, std::string* out);
void ReadOrdinals(ByteReader* reader, std::vector<int32_t>* out);

// `values` are finite. The number of values is not part of the bytes.
void AppendValues(absl::Span<const double> values, std::string* out);
void ReadValues(size_t count, ByteReader* reader, std::vector<double>* out);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_FORMAT_CODEC_H_
