// Loops over threads, for work that is worth waking them.

#pragma once

#include <stddef.h>

#include "threads.h"
#include "vec.h"

namespace needle::fast::NEEDLE_ISA {

/// The threads for `work` pieces of which one thread should do at least `least`.
inline int threads_for(size_t work, size_t least) {
  const size_t worth = work / least;
  if (worth < 2) {
    return 1;
  }
  const int count = threads();
  return worth < static_cast<size_t>(count) ? static_cast<int>(worth) : count;
}

/// body(begin, end) over [0, count) in chunks of `chunk`, which the threads take as they get free: a thread that the
/// system holds up delays one chunk. One thread takes everything in one call.
template <typename Body>
inline void parallel_chunks(size_t count, size_t chunk, int team, const Body& body) {
  if (team <= 1 || count <= chunk) {
    if (count > 0) {
      body(size_t{0}, count);
    }
    return;
  }
  struct Context {
    const Body* body;
    size_t count, chunk;
  };
  const Context context = {&body, count, chunk};
  run_pieces(
      ceil_div(count, chunk), team,
      [](const void* given, size_t index) {
        const auto* loop = static_cast<const Context*>(given);
        (*loop->body)(index * loop->chunk, smaller(loop->count, (index + 1) * loop->chunk));
      },
      &context);
}

}  // namespace needle::fast::NEEDLE_ISA
