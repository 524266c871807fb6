// Ctrl-C, for a command that has something to say about it.
//
//   Interrupt interrupt;  // before there are other threads
//   ...
//   interrupt.SetAction([&] { call.TryCancel(); });
//
// SIGINT does not end the process while one exists; threads that were there
// before it may still have it end. One at a time; otherwise thread-safe.
#ifndef HEADWAY_TOOLS_HEADWAY_BASE_INTERRUPT_H_
#define HEADWAY_TOOLS_HEADWAY_BASE_INTERRUPT_H_

#include <signal.h>

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace headway::cli {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();

  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // Whether there was one.
  bool was_called() const;
  // Called on another thread when there is one, and at once if there was. Once
  // it is set anew, which may be to nothing, the one before is not called.
  void SetAction(std::function<void()> action);

 private:
  void Wait();

  sigset_t signals_;
  sigset_t before_;
  mutable absl::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool called_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<void()> action_ ABSL_GUARDED_BY(mutex_);
  // After what it uses.
  std::thread thread_;
};

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_BASE_INTERRUPT_H_
