// Where the tests that draw at random get their seed from.
#ifndef HEADWAY_TESTS_STORE_RANDOM_SEED_H_
#define HEADWAY_TESTS_STORE_RANDOM_SEED_H_

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>

namespace headway::store {

// A number given in the environment, or `otherwise`.
inline uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* given = std::getenv(name);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

// HEADWAY_TEST_SEED, or a new one. It is printed, so that a failure can be
// had again.
inline uint64_t TestSeed() {
  const uint64_t seed =
      FromEnvironment("HEADWAY_TEST_SEED", std::random_device()());
  std::cout << "HEADWAY_TEST_SEED=" << seed << "\n";
  return seed;
}

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_RANDOM_SEED_H_
