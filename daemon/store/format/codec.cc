#include "daemon/store/format/codec.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "daemon/store/format/bit_packing.h"

namespace headway::store {
namespace {

// How AppendOrdinals put them; the grammar in codec.h says what follows.
constexpr uint64_t kNoOrdinals = 0;
constexpr uint64_t kRun = 5;
constexpr uint64_t kRuns = 6;
constexpr uint64_t kGaps = 7;
// Keeps sums of gaps far from overflow: 2^19 of 2^34.
constexpr uint64_t kMaxGap = uint64_t{1} << 32;
constexpr int kMaxGapWidth = 33;

// Whether each ordinal is the one before plus 1.
bool IsRun(absl::Span<const int32_t> ordinals) {
  return int64_t{ordinals.back()} - ordinals[0] ==
         static_cast<int64_t>(ordinals.size()) - 1;
}

uint64_t GapBetween(int32_t from, int32_t to) {
  return static_cast<uint64_t>(int64_t{to} - from);
}

// What follows the head of kRuns.
std::string EncodedRuns(absl::Span<const int32_t> ordinals) {
  std::string lengths;
  uint64_t runs = 1;
  size_t start = 0;
  for (size_t i = 1; i < ordinals.size(); ++i) {
    const uint64_t gap = GapBetween(ordinals[i - 1], ordinals[i]);
    if (gap == 1) continue;
    AppendVarint(i - start - 1, &lengths);
    AppendVarint(gap - 2, &lengths);
    start = i;
    ++runs;
  }
  AppendVarint(ordinals.size() - start - 1, &lengths);
  std::string bytes;
  AppendVarint(runs - 2, &bytes);
  return bytes + lengths;
}

// What follows the head of kGaps.
std::string EncodedGaps(absl::Span<const int32_t> ordinals) {
  std::vector<uint64_t> gaps(ordinals.size() - 1);
  for (size_t i = 0; i < gaps.size(); ++i) {
    gaps[i] = GapBetween(ordinals[i], ordinals[i + 1]);
  }
  const uint64_t least = *std::min_element(gaps.begin(), gaps.end());
  const uint64_t most = *std::max_element(gaps.begin(), gaps.end());
  for (uint64_t& gap : gaps) gap -= least;
  std::string bytes;
  AppendVarint(gaps.size() - 1, &bytes);
  AppendVarint(least - 1, &bytes);
  if (gaps.size() > 1) {
    const int width = WidthOf(most - least);
    bytes.push_back(static_cast<char>(width));
    AppendPacked(gaps.data(), gaps.size(), width, &bytes);
  }
  return bytes;
}

bool IsOrdinal(int64_t number) {
  return number >= std::numeric_limits<int32_t>::min() &&
         number <= std::numeric_limits<int32_t>::max();
}

// Appends `count` ordinals from `first` on, of a column that starts at `start`.
void ReadRun(int64_t first, uint64_t count, size_t start, ByteReader* reader,
             std::vector<int32_t>* out) {
  const size_t size = out->size();
  if (!reader->ok() || count == 0 || count > kMaxColumn - (size - start) ||
      !IsOrdinal(first) ||
      !IsOrdinal(first + static_cast<int64_t>(count) - 1)) {
    return reader->Fail();
  }
  out->resize(size + count);
  int32_t* run = out->data() + size;
  for (uint32_t i = 0; i < count; ++i) {
    run[i] = static_cast<int32_t>(static_cast<uint32_t>(first) + i);
  }
}

void ReadRuns(int64_t first, ByteReader* reader, std::vector<int32_t>* out) {
  const size_t start = out->size();
  uint64_t gaps_left = reader->ReadVarint();
  if (gaps_left > kMaxColumn) reader->Fail();
  ++gaps_left;
  ReadRun(first, reader->ReadVarint() + 1, start, reader, out);
  for (; gaps_left > 0 && reader->ok(); --gaps_left) {
    const uint64_t gap = reader->ReadVarint();
    if (gap > kMaxGap) return reader->Fail();
    first = int64_t{out->back()} + 2 + static_cast<int64_t>(gap);
    ReadRun(first, reader->ReadVarint() + 1, start, reader, out);
  }
}

void ReadGaps(int64_t first, ByteReader* reader, std::vector<int32_t>* out) {
  const uint64_t gaps = reader->ReadVarint() + 1;
  const uint64_t least = reader->ReadVarint();
  if (gaps == 0 || gaps >= kMaxColumn || least > kMaxGap) reader->Fail();
  const int width = reader->ok() && gaps > 1 ? reader->ReadByte() : 0;
  if (width > kMaxGapWidth) reader->Fail();
  if (!reader->ok()) return;
  const char* readable_end = reader->remaining().end();
  absl::string_view packed = reader->ReadBytes(PackedBytes(gaps, width));
  if (!reader->ok()) return;

  const size_t start = out->size();
  out->resize(start + gaps + 1);
  int32_t* next = out->data() + start;
  int64_t ordinal = first;
  *next++ = static_cast<int32_t>(ordinal);
  uint64_t offsets[kMaxPacked];
  for (size_t i = 0; i < gaps; i += kMaxPacked) {
    const size_t count = std::min<size_t>(kMaxPacked, gaps - i);
    const PackedBlock block(packed.substr(0, PackedBytes(count, width)),
                            readable_end, count, width);
    packed.remove_prefix(PackedBytes(count, width));
    UnpackGroups(block.data(), (count + kGroup - 1) / kGroup, width, offsets);
    for (size_t j = 0; j < count; ++j) {
      ordinal += static_cast<int64_t>(least + 1 + offsets[j]);
      *next++ = static_cast<int32_t>(ordinal);
    }
  }
  // They rise, so that the first and the last tell.
  if (!IsOrdinal(first) || !IsOrdinal(ordinal)) reader->Fail();
}

}  // namespace

void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) {
    out->push_back(static_cast<char>(value | 0x80));
  }
  out->push_back(static_cast<char>(value));
}

void AppendZigzag(int64_t value, std::string* out) {
  AppendVarint(Zigzag(value), out);
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
  remaining_ = absl::string_view();
}

absl::string_view ByteReader::ReadText() {
  const uint64_t size = ReadVarint();
  if (size > remaining_.size()) Fail();
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
  if (ordinals.empty()) return AppendVarint(kNoOrdinals, out);
  const uint64_t first = Zigzag(ordinals[0]) << 3;
  const uint64_t count = ordinals.size();
  if (IsRun(ordinals)) {
    AppendVarint(first | std::min(count, kRun), out);
    if (count >= kRun) AppendVarint(count - kRun, out);
    return;
  }
  const std::string runs = EncodedRuns(ordinals);
  const std::string gaps = EncodedGaps(ordinals);
  const bool as_runs = runs.size() < gaps.size();
  AppendVarint(first | (as_runs ? kRuns : kGaps), out);
  out->append(as_runs ? runs : gaps);
}

void ReadOrdinals(ByteReader* reader, std::vector<int32_t>* out) {
  const size_t start = out->size();
  const uint64_t head = reader->ReadVarint();
  const int64_t first = FromZigzag(head >> 3);
  const uint64_t kind = head & 7;
  if (kind == kNoOrdinals) {
    if (first != 0) reader->Fail();
  } else if (kind == kRuns) {
    ReadRuns(first, reader, out);
  } else if (kind == kGaps) {
    ReadGaps(first, reader, out);
  } else {
    const uint64_t more = kind == kRun ? reader->ReadVarint() : 0;
    if (more > kMaxColumn) reader->Fail();
    ReadRun(first, kind + more, start, reader, out);
  }
  if (!reader->ok()) out->resize(start);
}

}  // namespace headway::store
