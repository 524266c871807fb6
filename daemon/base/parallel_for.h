// A loop whose iterations several threads share.
//
// ParallelFor calls work(i) for each i below `count`, on the calling thread and
// on up to `threads` - 1 threads of `pool`, and returns when all calls have
// returned. A thread that is free takes the next i. The calling thread works
// too, so the loop ends even if the pool never gets to it. It may therefore be
// called on a thread of the same pool, and while holding locks for which work
// in the pool waits. `pool` may be null if `threads` is 1.
#ifndef HEADWAY_DAEMON_BASE_PARALLEL_FOR_H_
#define HEADWAY_DAEMON_BASE_PARALLEL_FOR_H_

#include <cstddef>

#include "absl/functional/function_ref.h"
#include "daemon/base/thread_pool.h"

namespace headway {

void ParallelFor(ThreadPool* pool, int threads, size_t count,
                 absl::FunctionRef<void(size_t)> work);

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_PARALLEL_FOR_H_
