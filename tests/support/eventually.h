#ifndef HEADWAY_TESTS_SUPPORT_EVENTUALLY_H_
#define HEADWAY_TESTS_SUPPORT_EVENTUALLY_H_

#include <functional>

namespace headway {

// Waits for a condition that another thread brings about; false after a minute.
bool Eventually(const std::function<bool()>& condition);

}  // namespace headway

#endif  // HEADWAY_TESTS_SUPPORT_EVENTUALLY_H_
