// Tells the thread sanitizer about Abseil's mutexes. Debian's Abseil is built
// without it, so it sees neither their atomics nor what they order. Linked
// into every program of a thread sanitizer build, where the linker puts each
// function below in the place of the one it is named after (--wrap, see
// HeadwayToolchain.cmake).
//
// A condition is evaluated by whichever thread unlocks; it holds the mutex
// then, but says so to nobody: those reads are ignored.
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

extern "C" {

void __tsan_acquire(void* address);
void __tsan_release(void* address);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);

// Calls the real function between `before` and `after`.
#define WRAP(name, parameters, arguments, before, after) \
  void __real_##name parameters;                         \
  void __wrap_##name parameters {                        \
    before;                                              \
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);        \
    __real_##name arguments;                             \
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);          \
    after;                                               \
  }
#define ACQUIRE(name) \
  WRAP(name, (void* mutex), (mutex), , __tsan_acquire(mutex))
#define RELEASE(name) \
  WRAP(name, (void* mutex), (mutex), __tsan_release(mutex), )

// A wait lets go of the mutex and takes it again, in time or not.
#define WAIT(name, parameters, arguments)                  \
  WRAP(name, parameters, arguments, __tsan_release(mutex), \
       __tsan_acquire(mutex))
#define TIMED_WAIT(name, parameters, arguments)   \
  bool __real_##name parameters;                  \
  bool __wrap_##name parameters {                 \
    __tsan_release(mutex);                        \
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__); \
    const bool in_time = __real_##name arguments; \
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);   \
    __tsan_acquire(mutex);                        \
    return in_time;                               \
  }

ACQUIRE(_ZN4absl7debian35Mutex4LockEv)
ACQUIRE(_ZN4absl7debian35Mutex10ReaderLockEv)
RELEASE(_ZN4absl7debian35Mutex6UnlockEv)
RELEASE(_ZN4absl7debian35Mutex12ReaderUnlockEv)
RELEASE(_ZN4absl7debian312Notification6NotifyEv)
ACQUIRE(_ZNK4absl7debian312Notification19WaitForNotificationEv)

WAIT(_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE,
     (void* mutex, const absl::Condition* condition), (mutex, condition))
TIMED_WAIT(
    _ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE,
    (void* mutex, const absl::Condition* condition, absl::Duration timeout),
    (mutex, condition, timeout))
TIMED_WAIT(
    _ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE,
    (void* mutex, const absl::Condition* condition, absl::Time deadline),
    (mutex, condition, deadline))
WAIT(_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE, (void* variable, void* mutex),
     (variable, mutex))
TIMED_WAIT(_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE,
           (void* variable, void* mutex, absl::Duration timeout),
           (variable, mutex, timeout))
TIMED_WAIT(_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE,
           (void* variable, void* mutex, absl::Time deadline),
           (variable, mutex, deadline))

}  // extern "C"
