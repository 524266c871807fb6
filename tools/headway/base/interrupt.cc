#include "tools/headway/base/interrupt.h"

#include <pthread.h>

#include <utility>

namespace headway::cli {

Interrupt::Interrupt() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  // Threads begin with the mask of the one that makes them.
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::thread([this] { Wait(); });
}

Interrupt::~Interrupt() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  pthread_kill(thread_.native_handle(), SIGINT);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interrupt::was_called() const {
  absl::MutexLock lock(&mutex_);
  return called_;
}

void Interrupt::SetAction(std::function<void()> action) {
  absl::MutexLock lock(&mutex_);
  action_ = std::move(action);
  if (called_ && action_) action_();
}

void Interrupt::Wait() {
  while (true) {
    int signal = 0;
    sigwait(&signals_, &signal);
    absl::MutexLock lock(&mutex_);
    if (ending_) return;
    called_ = true;
    if (action_) action_();
  }
}

}  // namespace headway::cli
