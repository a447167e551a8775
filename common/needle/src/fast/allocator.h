// Memory for arrays, kept for the next array of the same size.
//
// The system hands out fresh pages one fault at a time, and clears each: an addition into fresh memory spends more time
// there than on the sum. Training asks for the same sizes at every step, so what one step frees the next one takes.

#pragma once

#include <cstddef>

namespace needle::fast {

/// Addresses are multiples of this many bytes.
constexpr size_t kAlignment = 256;

/// Memory for `bytes` bytes, not cleared. Throws std::bad_alloc when the system has none, even after the cache was
/// given back. Safe to call from several threads, as are all functions here.
void* allocate(size_t bytes);

/// Takes back what allocate(bytes) gave, with the same number.
void release(void* memory, size_t bytes) noexcept;

struct MemoryStatistics {
  size_t live_bytes;    // in use now
  size_t peak_bytes;    // the most that was in use at a time, since the last reset_peak
  size_t cached_bytes;  // kept for later
  size_t limit_bytes;   // the most that is kept
  size_t allocations;   // calls of allocate so far
  size_t reused;        // those that took kept memory
};

MemoryStatistics memory_statistics();
void reset_peak();

/// Gives all kept memory back to the system.
void empty_cache();

/// Keeps at most `bytes` from now on; what has been kept longest goes first. 0 keeps nothing.
void set_cache_limit(size_t bytes);

}  // namespace needle::fast
