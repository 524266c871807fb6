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

bool IsFatal(const std::vector<v1::HealthProblem>& problems) {
  return std::any_of(
      problems.begin(), problems.end(),
      [](const v1::HealthProblem& problem) { return problem.fatal(); });
}

v1::HealthProblem SlowLook(const absl::Status& status) {
  v1::HealthProblem problem;
  problem.set_kind("slow_look");
  problem.set_message(
      absl::StrCat(status.message(),
                   "; what is said of runs, sources and indicators is "
                   "what was found before"));
  problem.set_remedy(
      "see which indicator takes so long: headway read INDICATOR");
  return problem;
}

}  // namespace

absl::StatusOr<v1::Health> Health::Look(const CheckAlive& check_alive) {
  const Problems process = FindProblemsOfProcess(subjects_);
  if (IsFatal(process)) Publish(process, last_of_work());
  ASSIGN_OR_RETURN(const Problems work,
                   FindProblemsOfWork(subjects_, *clock_, check_alive));
  {
    absl::MutexLock lock(&mutex_);
    work_ = work;
  }
  return Publish(process, work);
}

v1::Health Health::Publish(Problems process, const Problems& work) {
  process.insert(process.end(), work.begin(), work.end());
  auto found = std::make_shared<v1::Health>(ToHealth(std::move(process)));
  {
    absl::MutexLock lock(&mutex_);
    last_ = found;
  }
  absl::MutexLock lock(&listener_mutex_);
  if (listener_) listener_(*found);
  return *found;
}

Health::Problems Health::last_of_work() const {
  absl::MutexLock lock(&mutex_);
  return work_;
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

absl::Status Health::LookInTime() {
  const absl::Duration start = clock_->Elapsed();
  return Look([&] {
           if (clock_->Elapsed() - start > kLongestLook) {
             return absl::DeadlineExceededError(
                 absl::StrCat("a look at the daemon's work took more than ",
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
      Problems process = FindProblemsOfProcess(subjects_);
      process.push_back(SlowLook(status));
      Publish(std::move(process), last_of_work());
    }
    absl::MutexLock lock(&mutex_);
    if (clock_->AwaitUntil(mutex_, absl::Condition(&stopping_),
                           clock_->Now() + period)) {
      return;
    }
  }
}

}  // namespace headway::health
