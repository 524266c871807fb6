#include "daemon/health/health.h"

#include <algorithm>
#include <utility>

namespace headway::health {
namespace {

v1::Health ToHealth(std::vector<v1::HealthProblem> problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const v1::HealthProblem& a, const v1::HealthProblem& b) {
                     return a.fatal() > b.fatal();
                   });
  v1::Health health;
  health.set_state(v1::Health::HEALTHY);
  for (v1::HealthProblem& problem : problems) {
    const auto state =
        problem.fatal() ? v1::Health::FAILING : v1::Health::DEGRADED;
    health.set_state(std::max(health.state(), state));
    *health.add_problems() = std::move(problem);
  }
  return health;
}

}  // namespace

v1::Health Health::Look() {
  auto found =
      std::make_shared<v1::Health>(ToHealth(FindProblems(subjects_, *clock_)));
  {
    absl::MutexLock lock(&mutex_);
    last_ = found;
  }
  absl::MutexLock lock(&listener_mutex_);
  if (listener_) listener_(*found);
  return *found;
}

std::shared_ptr<const v1::Health> Health::last() const {
  absl::MutexLock lock(&mutex_);
  if (last_ != nullptr) return last_;
  return std::make_shared<v1::Health>(ToHealth({}));
}

void Health::Start(absl::Duration period) {
  thread_ = std::thread([this, period] { Loop(period); });
}

void Health::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Health::SetListener(std::function<void(const v1::Health&)> listener) {
  absl::MutexLock lock(&listener_mutex_);
  listener_ = std::move(listener);
}

void Health::Loop(absl::Duration period) {
  while (true) {
    Look();
    absl::MutexLock lock(&mutex_);
    if (clock_->AwaitUntil(mutex_, absl::Condition(&stopping_),
                           clock_->Now() + period)) {
      return;
    }
  }
}

}  // namespace headway::health
