// What a fuzz target demands of what it decodes.
#ifndef HEADWAY_TESTS_FUZZ_REQUIRE_H_
#define HEADWAY_TESTS_FUZZ_REQUIRE_H_

#include <cstdlib>

namespace headway {

// Ends the program when the condition does not hold, in every kind of build:
// libFuzzer then keeps the input.
inline void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace headway

#endif  // HEADWAY_TESTS_FUZZ_REQUIRE_H_
