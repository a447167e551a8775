// Memory traffic of kernels, counted while somebody asks for it. What the numbers mean is told in
// `backend_ndarray/cuda_traffic.py`, which shows them; how they are found, in `traffic.h`.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Every number that is counted. Of each kind of access: instructions of single threads, their bytes, requests of
/// warps; in global memory, the sectors that the requests touch, and those that would hold their bytes side by side; in
/// shared memory, the turns that a request takes beyond those that any needs.
#define CUDA_EMULATION_COUNTS(COUNT) \
  COUNT(threads)                     \
  COUNT(global_loads)                \
  COUNT(global_load_bytes)           \
  COUNT(global_load_requests)        \
  COUNT(global_load_sectors)         \
  COUNT(global_load_sectors_ideal)   \
  COUNT(global_stores)               \
  COUNT(global_store_bytes)          \
  COUNT(global_store_requests)       \
  COUNT(global_store_sectors)        \
  COUNT(global_store_sectors_ideal)  \
  COUNT(global_atomics)              \
  COUNT(shared_loads)                \
  COUNT(shared_load_bytes)           \
  COUNT(shared_load_requests)        \
  COUNT(shared_load_bank_conflicts)  \
  COUNT(shared_stores)               \
  COUNT(shared_store_bytes)          \
  COUNT(shared_store_requests)       \
  COUNT(shared_store_bank_conflicts) \
  COUNT(shared_atomics)

namespace cuda_emulation {

struct Traffic {
#define CUDA_EMULATION_COUNT(name) std::uint64_t name = 0;
  CUDA_EMULATION_COUNTS(CUDA_EMULATION_COUNT)
#undef CUDA_EMULATION_COUNT

  Traffic& operator+=(const Traffic& other) {
#define CUDA_EMULATION_COUNT(name) name += other.name;
    CUDA_EMULATION_COUNTS(CUDA_EMULATION_COUNT)
#undef CUDA_EMULATION_COUNT
    return *this;
  }
};

/// A launch that has ended, and its traffic. The kernel as its launch names it: "Kernel<4>".
struct CountedLaunch {
  std::string kernel;
  Traffic traffic;
};

/// Why nothing can be counted in this build; empty if it can.
std::string why_not_counted();

/// Counts every launch from now on. Returns the number of this count, of which there may be several at once.
int begin_counting();

/// What a count has got so far, launch by launch in the order of their ends. Without those that failed.
std::vector<CountedLaunch> counted(int number);

/// Forgets a count.
void end_counting(int number);

}  // namespace cuda_emulation
