// What the encoder and the decoder of values have in common: the sizes of
// blocks, and the constants of their grammar, which codec.h has. For
// encode_values.cc and decode_values.cc alone. Pure functions.
#ifndef HEADWAY_DAEMON_STORE_FORMAT_VALUE_BLOCK_H_
#define HEADWAY_DAEMON_STORE_FORMAT_VALUE_BLOCK_H_

#include <bit>
#include <cstddef>
#include <cstdint>

#include "daemon/store/format/bit_packing.h"

namespace headway::store {

// A remainder of fewer values than this is not worth a block of its own: it
// joins the block before it.
inline constexpr size_t kLeastRemainder = 16;
inline constexpr size_t kBlock = 64;
inline constexpr size_t kMaxBlock = kBlock + kLeastRemainder;
static_assert(kMaxBlock <= kMaxPacked);

// The size of the next block when `left` values are left.
inline size_t BlockSize(size_t left) {
  return left < kMaxBlock ? left : kBlock;
}

// 10^0 to 10^22 are exact doubles: a product or a quotient of one of them and a
// whole number of at most 2^53 is rounded once.
inline constexpr double kPowersOfTen[] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
inline constexpr int kMaxPower = 22;

// A value is its number divided by 10^(scale - kUnitScale).
inline constexpr int kUnitScale = kMaxPower;
inline constexpr int kMaxScale = 2 * kMaxPower;
// A number is the bits of a value.
inline constexpr int kBitsScale = 63;

inline constexpr int kDeltaForm = 1;
inline constexpr int kPatchedForm = 2;

// Adding it to a double of at most kMaxNumber leaves that double, rounded to a
// whole number, in the low bits of the sum: a conversion that every x86-64 can
// do two at a time.
inline constexpr double kRounder = 0x1.8p52;
inline constexpr double kMaxNumber = 0x1p51 - 1;

inline uint64_t Bits(double value) { return std::bit_cast<uint64_t>(value); }
inline double FromBits(uint64_t bits) { return std::bit_cast<double>(bits); }

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_FORMAT_VALUE_BLOCK_H_
