// Whole numbers, each in as many bits as the largest of them needs, one behind
// the other, low bits first; the last byte is filled up with 0.
//
// A width is 64 bits, or 0 to 57: as many as a load of 8 bytes holds wherever
// in a byte a number starts. Pure functions.
#ifndef HEADWAY_DAEMON_STORE_FORMAT_BIT_PACKING_H_
#define HEADWAY_DAEMON_STORE_FORMAT_BIT_PACKING_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"

namespace headway::store {

inline constexpr int kMaxPackedWidth = 57;
// Eight numbers of any width start and end at a whole byte.
inline constexpr size_t kGroup = 8;
// The most that are read in one go; whole groups.
inline constexpr size_t kMaxPacked = 80;
// What reading a group may read beyond it.
inline constexpr size_t kPackedSlack = 8;

// The least width that holds every number up to `largest`.
int WidthOf(uint64_t largest);

bool IsWidth(int width);

// What `count` numbers take; at most 2^32 of them.
inline size_t PackedBytes(size_t count, int width) {
  return (count * static_cast<size_t>(width) + 7) / 8;
}

// `numbers` are less than 2^width.
void AppendPacked(const uint64_t* numbers, size_t count, int width,
                  std::string* out);

// Unpacks a group; reads up to kPackedSlack bytes beyond it. With the width
// known to the compiler every offset, shift and mask is a constant.
template <int width>
inline void UnpackGroup(const char* bytes, uint64_t* out) {
  constexpr uint64_t mask =
      width == 64 ? ~uint64_t{0} : (uint64_t{1} << (width % 64)) - 1;
#pragma GCC unroll 8
  for (size_t i = 0; i < kGroup; ++i) {
    uint64_t word;
    std::memcpy(&word, bytes + i * width / 8, sizeof(word));
    out[i] = (word >> (i * width % 8)) & mask;
  }
}

// Packed numbers, at most kMaxPacked, that can be unpacked by whole groups.
class PackedBlock {
 public:
  // `bytes` are PackedBytes(count, width) and stay. Nothing at `readable_end`,
  // which is not before their end, or beyond is read.
  PackedBlock(absl::string_view bytes, const char* readable_end, size_t count,
              int width);

  PackedBlock(const PackedBlock&) = delete;
  PackedBlock& operator=(const PackedBlock&) = delete;

  const char* data() const { return data_; }

 private:
  const char* data_;
  // A copy, where a group would be read beyond the end.
  char padded_[kMaxPacked * sizeof(uint64_t) + kPackedSlack];
};

// Writes whole groups.
void UnpackGroups(const char* bytes, size_t groups, int width, uint64_t* out);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_FORMAT_BIT_PACKING_H_
