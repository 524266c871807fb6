// Work on many things by several threads.
//
// Calls work(i) for each i below `count`, on the calling thread and on up to
// `threads` - 1 threads of `pool`, and returns when all calls have. Each i is
// claimed by whoever comes next, the calling thread among them, so it ends even
// if the pool never comes to it: it may be called on a thread of that very
// pool, and with locks held that work in the pool waits for. `pool` may be null
// if `threads` is 1.
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
