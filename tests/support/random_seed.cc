#include "tests/support/random_seed.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "absl/strings/numbers.h"

namespace headway {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* given = std::getenv(name);
  uint64_t number = otherwise;
  if (given != nullptr && !absl::SimpleAtoi(given, &number)) {
    ADD_FAILURE() << name << "=" << given << " is no number";
  }
  return number;
}

uint64_t TestSeed() {
  const uint64_t seed =
      FromEnvironment("HEADWAY_TEST_SEED", std::random_device()());
  std::cout << "HEADWAY_TEST_SEED=" << seed << "\n";
  return seed;
}

}  // namespace headway
