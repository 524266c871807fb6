#include "tools/bench/soak/vitals.h"

#include <utility>

#include "tools/bench/measure.h"

namespace headway::bench {

Vitals::Vitals(pid_t process)
    : process_(process), thread_([this] { Loop(); }) {}

Vitals::~Vitals() {
  stop_.Raise();
  thread_.join();
}

void Vitals::Loop() {
  do {
    absl::MutexLock lock(&mutex_);
    samples_.memory_mb.push_back(MemoryMb(process_));
    samples_.threads.push_back(static_cast<double>(ThreadCount(process_)));
    samples_.descriptors.push_back(
        static_cast<double>(DescriptorCount(process_)));
  } while (!stop_.WaitFor(absl::Seconds(1)));
}

Vitals::Samples Vitals::Take() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(samples_, {});
}

}  // namespace headway::bench
