#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "daemon/store/format/bit_packing.h"
#include "daemon/store/format/codec.h"
#include "daemon/store/format/value_block.h"

namespace headway::store {
namespace {

// What a decoder lets pass of frames: their sums, at most 2^61, then still
// leave finite values.
constexpr int64_t kMaxLeast = int64_t{1} << 53;
constexpr int kMaxFrameWidth = 54;

// From packed numbers to values. Unsigned, so that hostile bytes wrap around
// instead of overflowing.
struct Frame {
  // The bits of kRounder and: the least number, or, of steps, the last number.
  uint64_t number = 0;
  bool steps = false;
  // 0 if there are none.
  uint64_t least_step = 0;
  // By which a number is divided, or else multiplied.
  bool divide = true;
  double power = 1;
};

// Two at a time, as every x86-64 can.
using NumberPair [[gnu::vector_size(16)]] = uint64_t;
using ValuePair [[gnu::vector_size(16)]] = double;

// One pass from packed bits to values: a division takes longer than all the
// rest, which the processor does meanwhile.
template <int width>
void DecodeGroups(const char* bytes, size_t groups, Frame* frame, double* out) {
  const Frame f = *frame;
  uint64_t number = f.number;
  NumberPair steps[kGroup / 2];
  for (size_t i = 0; i < kGroup / 2; ++i) {
    steps[i] = NumberPair{2 * i + 1, 2 * i + 2} * f.least_step;
  }
  for (; groups > 0; --groups, bytes += width, out += kGroup) {
    uint64_t numbers[kGroup];
    UnpackGroup<width>(bytes, numbers);
    const uint64_t origin = number;
    if (f.steps) {
#pragma GCC unroll 8
      for (size_t i = 1; i < kGroup; ++i) numbers[i] += numbers[i - 1];
      number += numbers[kGroup - 1] + kGroup * f.least_step;
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < kGroup / 2; ++i) {
      const NumberPair pair =
          NumberPair{numbers[2 * i], numbers[2 * i + 1]} + steps[i] + origin;
      const ValuePair whole = std::bit_cast<ValuePair>(pair) - kRounder;
      const ValuePair values = f.divide ? whole / f.power : whole * f.power;
      std::memcpy(out + 2 * i, &values, sizeof(values));
    }
  }
  frame->number = number;
}

using Decoder = void (*)(const char*, size_t, Frame*, double*);

template <int... widths>
constexpr std::array<Decoder, sizeof...(widths)> MakeDecoders(
    std::integer_sequence<int, widths...>) {
  return {DecodeGroups<widths>...};
}

constexpr auto kDecoders =
    MakeDecoders(std::make_integer_sequence<int, kMaxFrameWidth + 1>());

double ToValue(const Frame& frame) {
  const double whole = FromBits(frame.number) - kRounder;
  return frame.divide ? whole / frame.power : whole * frame.power;
}

// Writes `count` values, at most kMaxBlock.
void ReadFrame(size_t count, ByteReader* reader, Frame* frame, double* out) {
  if (count < 2) {
    // The least number, or step, is all there is.
    frame->number += frame->least_step;
    if (count == 1) *out = ToValue(*frame);
    return;
  }
  const int width = reader->ReadByte();
  if (width > kMaxFrameWidth) reader->Fail();
  const char* readable_end = reader->remaining().end();
  absl::string_view bytes = reader->ReadBytes(PackedBytes(count, width));
  if (!reader->ok()) return;
  const PackedBlock packed(bytes, readable_end, count, width);
  const Decoder decode = kDecoders[static_cast<size_t>(width)];
  const size_t groups = count / kGroup;
  if (groups > 0) decode(packed.data(), groups, frame, out);
  const size_t done = groups * kGroup;
  if (done == count) return;
  double group[kGroup];
  decode(packed.data() + groups * static_cast<size_t>(width), 1, frame, group);
  std::copy_n(group, count - done, out + done);
}

bool AllFinite(const double* values, size_t count) {
  // An infinity less itself, and a NaN, is a NaN; all else is 0.
  uint64_t bits = 0;
  for (size_t i = 0; i < count; ++i) bits |= Bits(values[i] - values[i]);
  return bits == 0;
}

void ReadBits(size_t count, ByteReader* reader, double* out) {
  const uint64_t low = reader->ReadFixed32();
  const uint64_t least = low | uint64_t{reader->ReadFixed32()} << 32;
  const int width = count > 1 ? reader->ReadByte() : 0;
  if (!IsWidth(width)) reader->Fail();
  const char* readable_end = reader->remaining().end();
  absl::string_view bytes = reader->ReadBytes(PackedBytes(count, width));
  if (!reader->ok()) return;
  const PackedBlock packed(bytes, readable_end, count, width);
  uint64_t offsets[kMaxPacked];
  UnpackGroups(packed.data(), (count + kGroup - 1) / kGroup, width, offsets);
  for (size_t i = 0; i < count; ++i) out[i] = FromBits(least + offsets[i]);
  if (!AllFinite(out, count)) reader->Fail();
}

void ReadPatches(size_t count, ByteReader* reader, double* out) {
  size_t place = 0;
  for (uint64_t left = reader->ReadVarint(); left > 0 && reader->ok(); --left) {
    place += reader->ReadByte();
    const uint64_t off = static_cast<uint64_t>(reader->ReadZigzag());
    if (place >= count) reader->Fail();
    if (reader->ok()) out[place] = FromBits(Bits(out[place]) + off);
  }
  if (reader->ok() && !AllFinite(out, count)) reader->Fail();
}

uint64_t ReadNumber(ByteReader* reader) {
  const int64_t number = reader->ReadZigzag();
  if (number > kMaxLeast || number < -kMaxLeast) reader->Fail();
  return static_cast<uint64_t>(number);
}

void ReadBlock(size_t count, ByteReader* reader, double* out) {
  const uint8_t head = reader->ReadByte();
  const int scale = head & 0x3F;
  const int form = head >> 6;
  if (scale == kBitsScale && form == 0) return ReadBits(count, reader, out);
  if (scale > kMaxScale) return reader->Fail();
  Frame frame;
  frame.divide = scale > kUnitScale;
  frame.power = kPowersOfTen[std::abs(scale - kUnitScale)];
  frame.number = Bits(kRounder) + ReadNumber(reader);
  frame.steps = form & kDeltaForm;
  if (frame.steps) {
    frame.least_step = ReadNumber(reader);
    out[0] = ToValue(frame);
    ReadFrame(count - 1, reader, &frame, out + 1);
  } else {
    ReadFrame(count, reader, &frame, out);
  }
  if (form & kPatchedForm) ReadPatches(count, reader, out);
}

}  // namespace

void ReadValues(size_t count, ByteReader* reader, std::vector<double>* out) {
  if (count > kMaxColumn) reader->Fail();
  if (!reader->ok()) return;
  const size_t start = out->size();
  out->resize(start + count);
  double* next = out->data() + start;
  for (size_t left = count, size; left > 0 && reader->ok(); left -= size) {
    size = BlockSize(left);
    ReadBlock(size, reader, next);
    next += size;
  }
  if (!reader->ok()) out->resize(start);
}

}  // namespace headway::store
