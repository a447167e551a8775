// The threads that kernels share their work out to.
//
// A small pool of our own: on a busy machine a loop of OpenMP waits for every member of its team, also for one that the
// system has not let run at all, which costs a time slice of some milliseconds for a kernel of microseconds. Here the
// caller works itself and waits only for pieces that a thread has begun. And a forked child gets a pool of its own.

#pragma once

#include <stddef.h>

namespace needle::fast {

/// The threads that a kernel may use, the calling one included: OMP_NUM_THREADS where that is set (so that one variable
/// counts for NumPy, PyTorch and needle), else the processors that this process may run on, or what set_threads said.
int threads();

/// Throws std::invalid_argument if count < 1.
void set_threads(int count);

/// Calls piece(context, index) for every index below `count`, on at most `team` threads, and returns when all are done.
/// Pieces are taken in order of index as threads get free. While another caller has the pool, all run on this thread.
/// Pieces must not throw.
void run_pieces(size_t count, int team, void (*piece)(const void* context, size_t index), const void* context);

}  // namespace needle::fast
