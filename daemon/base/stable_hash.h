// A hash that is the same on every machine and after every restart, for what is
// kept in the store or must not change: FNV-1a of 64 bits. Whoever chooses the
// input can make hashes collide. Value type.
//
//   StableHash().Add(name).Add(time).value()
#ifndef HEADWAY_DAEMON_BASE_STABLE_HASH_H_
#define HEADWAY_DAEMON_BASE_STABLE_HASH_H_

#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"

namespace headway {

class StableHash {
 public:
  // With the length, so that ("ab", "c") and ("a", "bc") differ.
  StableHash& Add(absl::string_view text) {
    Add(static_cast<uint64_t>(text.size()));
    for (unsigned char c : text) AddByte(c);
    return *this;
  }
  StableHash& Add(uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) {
      AddByte(static_cast<unsigned char>(number >> shift));
    }
    return *this;
  }
  // By its bits: 0.0 and -0.0 differ.
  StableHash& Add(double number) {
    uint64_t bits;
    std::memcpy(&bits, &number, sizeof(bits));
    return Add(bits);
  }

  uint64_t value() const { return value_; }

 private:
  void AddByte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3; }

  uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_STABLE_HASH_H_
