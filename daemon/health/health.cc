#include "daemon/health/health.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::health {
namespace {

constexpr absl::Duration kLongestLook = absl::Seconds(30);

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

v1::HealthProblem SlowLook(const absl::Status& status) {
  v1::HealthProblem problem;
  problem.set_kind("slow_look");
  problem.set_message(
      absl::StrCat(status.message(),
                   "; what is said of the indicators was found before, if "
                   "anything was"));
  problem.set_remedy("simplify the expression of the one that takes so long");
  return problem;
}

}  // namespace

absl::StatusOr<v1::Health> Health::Look(const CheckAlive& check_alive) {
  Publish();
  ASSIGN_OR_RETURN(Problems found,
                   FindProblemsOfIndicators(subjects_, *clock_, check_alive));
  {
    absl::MutexLock lock(&mutex_);
    indicators_ = std::move(found);
    given_up_.clear();
  }
  return Publish();
}

v1::Health Health::Publish() {
  absl::MutexLock publishing(&publish_mutex_);
  Problems problems = FindProblems(subjects_, *clock_);
  std::shared_ptr<const v1::Health> found;
  {
    absl::MutexLock lock(&mutex_);
    for (const Problems* more : {&given_up_, &indicators_}) {
      problems.insert(problems.end(), more->begin(), more->end());
    }
    found = std::make_shared<v1::Health>(ToHealth(std::move(problems)));
    last_ = found;
  }
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
  absl::MutexLock lock(&publish_mutex_);
  listener_ = std::move(listener);
}

absl::Status Health::LookInTime() {
  const absl::Duration start = clock_->Elapsed();
  return Look([&] {
           if (clock_->Elapsed() - start > kLongestLook) {
             return absl::DeadlineExceededError(
                 absl::StrCat("the indicators take more than ",
                              absl::FormatDuration(kLongestLook)));
           }
           absl::MutexLock lock(&mutex_);
           return stopping_ ? absl::CancelledError("the daemon is stopping")
                            : absl::OkStatus();
         })
      .status();
}

void Health::Loop(absl::Duration period) {
  while (true) {
    const absl::Status status = LookInTime();
    if (absl::IsDeadlineExceeded(status)) {
      {
        absl::MutexLock lock(&mutex_);
        given_up_ = {SlowLook(status)};
      }
      Publish();
    }
    absl::MutexLock lock(&mutex_);
    if (clock_->AwaitUntil(mutex_, absl::Condition(&stopping_),
                           clock_->Now() + period)) {
      return;
    }
  }
}

}  // namespace headway::health
