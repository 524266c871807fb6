// Panels that tests of synthetic controls share.
#ifndef HEADWAY_TESTS_EVIDENCE_SYNTHETIC_PANELS_H_
#define HEADWAY_TESTS_EVIDENCE_SYNTHETIC_PANELS_H_

#include <cstdint>
#include <vector>

#include "daemon/evidence/synthetic/control.h"

namespace headway::evidence {

// Units of random walks with two common factors, in 20 periods of which 14 come
// before the treatment. Unit 0 is 0.6 of unit 1 and 0.4 of unit 2 with some
// noise, and has `effect` more after.
ControlData MadePanel(int units, double effect, uint64_t seed);

// 1 to count.
std::vector<int> DonorsTo(int count);

}  // namespace headway::evidence

#endif  // HEADWAY_TESTS_EVIDENCE_SYNTHETIC_PANELS_H_
