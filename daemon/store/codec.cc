#include "daemon/store/codec.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "absl/numeric/bits.h"

namespace headway::store {
namespace {

// Whole numbers up to here, and their quotients by the powers below, are exact
// or correctly rounded doubles.
constexpr int64_t kMaxExact = int64_t{1} << 53;
constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3, 1e4,  1e5,
                                   1e6,  1e7,  1e8,  1e9, 1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15};
constexpr int kMaxExponent = 15;
constexpr int kMaxWidth = 56;

enum class Mode : uint8_t { kRaw = 0, kPlain = 1, kDelta = 2 };

uint64_t Bits(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

double FromBits(uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

void AppendFixed64(uint64_t value, std::string* out) {
  for (int i = 0; i < 8; ++i) {
    out->push_back(static_cast<char>(value >> (8 * i)));
  }
}

uint64_t LoadFixed64(const char* bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) {
    value |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

int WidthOf(uint64_t largest) { return 64 - absl::countl_zero(largest); }

size_t PackedBytes(size_t count, int width) { return (count * width + 7) / 8; }

void AppendPacked(const std::vector<uint64_t>& numbers, int width,
                  std::string* out) {
  uint64_t pending = 0;
  int bits = 0;
  for (uint64_t number : numbers) {
    pending |= number << bits;
    bits += width;
    for (; bits >= 8; bits -= 8) {
      out->push_back(static_cast<char>(pending));
      pending >>= 8;
    }
  }
  if (bits > 0) out->push_back(static_cast<char>(pending));
}

// Calls sink(i, number) for each of `count` numbers.
template <typename Sink>
void ReadPacked(size_t count, int width, ByteReader* reader, Sink sink) {
  if (width > kMaxWidth) return reader->Fail();
  absl::string_view bytes = reader->ReadBytes(PackedBytes(count, width));
  if (!reader->ok()) return;
  const uint64_t mask = (uint64_t{1} << width) - 1;
  size_t i = 0;
  // Whole words while they last: a number starts within the first 8 bits of
  // one and has at most 56.
  for (; i < count && i * width / 8 + 8 <= bytes.size(); ++i) {
    const size_t bit = i * width;
    sink(i, (LoadFixed64(bytes.data() + bit / 8) >> (bit % 8)) & mask);
  }
  char tail[16] = {};
  const size_t tail_start = std::min(i * width / 8, bytes.size());
  std::memcpy(tail, bytes.data() + tail_start,
              std::min<size_t>(8, bytes.size() - tail_start));
  for (; i < count; ++i) {
    const size_t bit = i * width - tail_start * 8;
    sink(i, (LoadFixed64(tail + bit / 8) >> (bit % 8)) & mask);
  }
}

// The whole number n with value == n / 10^exponent, bit for bit.
std::optional<int64_t> ToWhole(double value, int exponent) {
  const double scaled = std::nearbyint(value * kPowersOfTen[exponent]);
  if (!(std::abs(scaled) <= kMaxExact)) return std::nullopt;
  const int64_t whole = static_cast<int64_t>(scaled);
  // By way of the whole number, which has no -0.
  if (Bits(static_cast<double>(whole) / kPowersOfTen[exponent]) !=
      Bits(value)) {
    return std::nullopt;
  }
  return whole;
}

struct Decimals {
  // values[i] == numbers[i] / 10^exponent; exponent may be negative.
  int exponent = 0;
  std::vector<int64_t> numbers;
};

// Divides by the powers of ten that all numbers have in common.
void StripCommonZeros(Decimals* decimals) {
  auto divides = [&](int64_t power) {
    return std::all_of(decimals->numbers.begin(), decimals->numbers.end(),
                       [power](int64_t n) { return n % power == 0; });
  };
  int64_t power = 1;
  while (-decimals->exponent < kMaxExponent && divides(power * 10)) {
    power *= 10;
    --decimals->exponent;
  }
  for (int64_t& number : decimals->numbers) number /= power;
}

std::optional<Decimals> ToDecimals(absl::Span<const double> values) {
  Decimals decimals;
  int& exponent = decimals.exponent;
  for (double value : values) {
    while (!ToWhole(value, exponent)) {
      if (++exponent > kMaxExponent) return std::nullopt;
    }
  }
  decimals.numbers.reserve(values.size());
  for (double value : values) {
    std::optional<int64_t> number = ToWhole(value, exponent);
    if (!number) return std::nullopt;
    decimals.numbers.push_back(*number);
  }
  if (exponent == 0) StripCommonZeros(&decimals);
  return decimals;
}

// numbers[i] - least, and the bits that the largest of these needs.
struct Frame {
  int64_t least = 0;
  int width = 0;
  std::vector<uint64_t> offsets;
};

Frame MakeFrame(const std::vector<int64_t>& numbers) {
  Frame frame;
  if (numbers.empty()) return frame;
  frame.least = *std::min_element(numbers.begin(), numbers.end());
  frame.offsets.reserve(numbers.size());
  uint64_t all = 0;
  for (int64_t number : numbers) {
    frame.offsets.push_back(static_cast<uint64_t>(number) -
                            static_cast<uint64_t>(frame.least));
    all |= frame.offsets.back();
  }
  frame.width = WidthOf(all);
  return frame;
}

std::vector<int64_t> DeltasOf(const std::vector<int64_t>& numbers) {
  std::vector<int64_t> deltas;
  deltas.reserve(numbers.size());
  for (size_t i = 1; i < numbers.size(); ++i) {
    deltas.push_back(numbers[i] - numbers[i - 1]);
  }
  return deltas;
}

void AppendMode(Mode mode, int width, std::string* out) {
  out->push_back(static_cast<char>(static_cast<int>(mode) << 6 | width));
}

}  // namespace

void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) {
    out->push_back(static_cast<char>(value | 0x80));
  }
  out->push_back(static_cast<char>(value));
}

void AppendZigzag(int64_t value, std::string* out) {
  AppendVarint(
      (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63),
      out);
}

void AppendText(absl::string_view text, std::string* out) {
  AppendVarint(text.size(), out);
  out->append(text.data(), text.size());
}

void AppendFixed32(uint32_t value, std::string* out) {
  for (int i = 0; i < 4; ++i) {
    out->push_back(static_cast<char>(value >> (8 * i)));
  }
}

void ByteReader::Fail() {
  ok_ = false;
  rest_ = absl::string_view();
}

absl::string_view ByteReader::ReadBytes(size_t size) {
  if (size > rest_.size()) {
    Fail();
    return absl::string_view();
  }
  absl::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

uint8_t ByteReader::ReadByte() {
  absl::string_view byte = ReadBytes(1);
  return byte.empty() ? 0 : static_cast<uint8_t>(byte[0]);
}

uint64_t ByteReader::ReadVarint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const uint64_t byte = ReadByte();
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) return ok_ ? value : 0;
  }
  Fail();
  return 0;
}

int64_t ByteReader::ReadZigzag() {
  const uint64_t value = ReadVarint();
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

absl::string_view ByteReader::ReadText() {
  const uint64_t size = ReadVarint();
  if (size > rest_.size()) Fail();
  return ok_ ? ReadBytes(size) : absl::string_view();
}

uint32_t ByteReader::ReadFixed32() {
  absl::string_view bytes = ReadBytes(4);
  uint32_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    value |= uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

void AppendOrdinals(absl::Span<const int32_t> ordinals, std::string* out) {
  AppendVarint(ordinals.size(), out);
  if (ordinals.empty()) return;
  AppendZigzag(ordinals[0], out);
  if (ordinals.size() == 1) return;
  const Frame gaps = MakeFrame(DeltasOf({ordinals.begin(), ordinals.end()}));
  AppendVarint(gaps.least - 1, out);
  out->push_back(static_cast<char>(gaps.width));
  AppendPacked(gaps.offsets, gaps.width, out);
}

void ReadOrdinals(ByteReader* reader, std::vector<int32_t>* out) {
  const uint64_t count = reader->ReadVarint();
  if (count > kMaxColumn) reader->Fail();
  if (!reader->ok() || count == 0) return;
  int64_t ordinal = reader->ReadZigzag();
  uint64_t least = 0;
  int width = 0;
  if (count > 1) {
    least = reader->ReadVarint();
    width = reader->ReadByte();
  }
  // Keeps the sums below far from overflow: 2^19 gaps of 2^34.
  if (least > uint64_t{1} << 32 || width > 33) reader->Fail();
  if (!reader->ok()) return;
  bool in_range = true;
  const size_t start = out->size();
  out->resize(start + count);
  int32_t* ordinals = out->data() + start;
  auto put = [&](size_t i) {
    in_range &= ordinal >= std::numeric_limits<int32_t>::min() &&
                ordinal <= std::numeric_limits<int32_t>::max();
    ordinals[i] = static_cast<int32_t>(ordinal);
  };
  put(0);
  ReadPacked(count - 1, width, reader, [&](size_t i, uint64_t offset) {
    ordinal += static_cast<int64_t>(least + 1 + offset);
    put(i + 1);
  });
  if (!in_range) reader->Fail();
  if (!reader->ok()) out->resize(start);
}

void AppendValues(absl::Span<const double> values, std::string* out) {
  if (values.empty()) return;
  const std::optional<Decimals> decimals = ToDecimals(values);
  if (!decimals) {
    AppendMode(Mode::kRaw, 0, out);
    for (double value : values) AppendFixed64(Bits(value), out);
    return;
  }
  const Frame plain = MakeFrame(decimals->numbers);
  const Frame delta = MakeFrame(DeltasOf(decimals->numbers));
  // A delta frame has one number more at its head.
  const size_t head = 8;
  const bool use_delta = PackedBytes(values.size() - 1, delta.width) + head <
                         PackedBytes(values.size(), plain.width);
  const Frame& frame = use_delta ? delta : plain;
  AppendMode(use_delta ? Mode::kDelta : Mode::kPlain, frame.width, out);
  out->push_back(static_cast<char>(decimals->exponent));
  if (use_delta) AppendZigzag(decimals->numbers[0], out);
  AppendZigzag(frame.least, out);
  AppendPacked(frame.offsets, frame.width, out);
}

void ReadValues(size_t count, ByteReader* reader, std::vector<double>* out) {
  if (count > kMaxColumn) reader->Fail();
  if (count == 0 || !reader->ok()) return;
  const uint8_t head = reader->ReadByte();
  const Mode mode = static_cast<Mode>(head >> 6);
  const int width = head & 0x3F;
  const size_t start = out->size();
  if (mode == Mode::kRaw) {
    absl::string_view bytes = reader->ReadBytes(count * 8);
    if (width != 0) reader->Fail();
    if (!reader->ok()) return;
    out->resize(start + count);
    bool finite = true;
    for (size_t i = 0; i < count; ++i) {
      const double value = FromBits(LoadFixed64(bytes.data() + i * 8));
      finite &= std::isfinite(value);
      (*out)[start + i] = value;
    }
    if (!finite) reader->Fail();
    if (!reader->ok()) out->resize(start);
    return;
  }
  if (mode != Mode::kPlain && mode != Mode::kDelta) reader->Fail();
  const int exponent = static_cast<int8_t>(reader->ReadByte());
  if (std::abs(exponent) > kMaxExponent) reader->Fail();
  if (!reader->ok()) return;
  const double power = kPowersOfTen[std::abs(exponent)];
  // Unsigned, so that hostile bytes wrap around instead of overflowing.
  auto value_of = [&](uint64_t number) {
    const double whole = static_cast<double>(static_cast<int64_t>(number));
    return exponent >= 0 ? whole / power : whole * power;
  };
  out->resize(start + count);
  double* values = out->data() + start;
  uint64_t number = static_cast<uint64_t>(reader->ReadZigzag());
  if (mode == Mode::kPlain) {
    ReadPacked(count, width, reader, [&](size_t i, uint64_t offset) {
      values[i] = value_of(number + offset);
    });
  } else {
    const uint64_t least = static_cast<uint64_t>(reader->ReadZigzag());
    values[0] = value_of(number);
    ReadPacked(count - 1, width, reader, [&](size_t i, uint64_t offset) {
      number += least + offset;
      values[i + 1] = value_of(number);
    });
  }
  if (!reader->ok()) out->resize(start);
}

}  // namespace headway::store
