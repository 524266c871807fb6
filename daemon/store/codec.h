// Columns of periods and values as bytes, and the bytes they are made of.
//
//   varint   = base 128, low groups first, at most 10 bytes
//   zigzag   = varint of a signed number, 0 -1 1 -2 ... as 0 1 2 3 ...
//   text     = varint length, bytes
//   ordinals = varint n [ zigzag first [ varint (least gap - 1), byte width,
//              (n - 1) x width bits: gap - least gap ] ]
//   values   = [ byte mode << 6 | width, ... ]    nothing if n is 0
//     raw      n x 8 bytes, IEEE 754, little end first
//     plain    byte exponent, zigzag least, n x width bits: number - least
//     delta    byte exponent, zigzag first, zigzag least delta,
//              (n - 1) x width bits: delta - least delta
//
// Periods without gaps cost no bits. Values are held as whole numbers of
// 10^-exponent wherever that gives back every bit (Afroozeh, Kuffo, Boncz:
// "ALP: Adaptive Lossless floating-Point Compression", SIGMOD 2023, is the
// thought; dividing by an exact power of ten instead of multiplying by an
// inexact one makes every decimal text of up to 15 digits exact), else raw.
//
// Decoders take any bytes: they check each length against what is left before
// they use it, and refuse columns of more than kMaxColumn. Pure functions.
#ifndef HEADWAY_DAEMON_STORE_CODEC_H_
#define HEADWAY_DAEMON_STORE_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace headway::store {

// More than the days from 1600 to 2400, the widest span a series can have.
inline constexpr size_t kMaxColumn = size_t{1} << 19;

void AppendVarint(uint64_t value, std::string* out);
void AppendZigzag(int64_t value, std::string* out);
void AppendText(absl::string_view text, std::string* out);
void AppendFixed32(uint32_t value, std::string* out);

// Reads from the front of a text. After the first malformed piece ok() is
// false and everything read is 0 or empty.
class ByteReader {
 public:
  explicit ByteReader(absl::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  // Whether all was read, and well.
  bool AtEnd() const { return ok_ && rest_.empty(); }
  absl::string_view rest() const { return rest_; }

  uint8_t ReadByte();
  uint64_t ReadVarint();
  int64_t ReadZigzag();
  absl::string_view ReadText();
  absl::string_view ReadBytes(size_t size);
  uint32_t ReadFixed32();
  void Fail();

 private:
  absl::string_view rest_;
  bool ok_ = true;
};

// Reading appends to `out`, so that many columns can go into one. When the
// bytes are malformed the reader is no longer ok and `out` is as it was.

// `ordinals` rise strictly.
void AppendOrdinals(absl::Span<const int32_t> ordinals, std::string* out);
void ReadOrdinals(ByteReader* reader, std::vector<int32_t>* out);

// `values` are finite. The number of values is not part of the bytes.
void AppendValues(absl::Span<const double> values, std::string* out);
void ReadValues(size_t count, ByteReader* reader, std::vector<double>* out);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_CODEC_H_
