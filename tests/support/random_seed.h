// The seeds of tests that draw at random.
#ifndef HEADWAY_TESTS_SUPPORT_RANDOM_SEED_H_
#define HEADWAY_TESTS_SUPPORT_RANDOM_SEED_H_

#include <cstdint>

namespace headway {

// The number that the environment gives for `name`, or `otherwise`; the test
// fails when what it gives is no number.
uint64_t FromEnvironment(const char* name, uint64_t otherwise);

// HEADWAY_TEST_SEED, or a new one. It is printed, so that a failure can be
// repeated.
uint64_t TestSeed();

}  // namespace headway

#endif  // HEADWAY_TESTS_SUPPORT_RANDOM_SEED_H_
