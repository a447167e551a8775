// Which thread of which block a kernel's code runs as: threadIdx, blockIdx, blockDim, gridDim.

#pragma once

#include "vector_types.h"

namespace cuda_emulation {

/// What all threads of a block have in common.
struct Block {
  dim3 grid_dim;
  dim3 block_dim;
  uint3 index;
};

/// A thread of a block. The runtime's own threads (block.h) have more to them.
struct Thread {
  uint3 index;
  const Block* block;
};

// The thread whose code runs now; of no block outside of kernels. Set at every switch from one thread to another.
#if defined(__linux__)
extern __thread const Thread* now __attribute__((visibility("hidden")));
#else
extern __thread const Thread* now;
#endif

// Loads that nobody watches, unlike all others in kernels: what they load is the runtime's. Compilers take what they
// need of them only, and keep it as they would a load.
template <typename T>
inline __attribute__((always_inline)) T loaded(const T& from) {
#if defined(__x86_64__)
  T value;
  __asm__("mov %1, %0" : "=r"(value) : "m"(from));
  return value;
#elif defined(__aarch64__)
  T value;
  if constexpr (sizeof(T) == 8) {
    __asm__("ldr %0, %1" : "=r"(value) : "m"(from));
  } else {
    __asm__("ldr %w0, %1" : "=r"(value) : "m"(from));
  }
  return value;
#else
  return from;
#endif
}

inline __attribute__((always_inline)) uint3 loaded_index(const uint3& from) {
  return {loaded(from.x), loaded(from.y), loaded(from.z)};
}

inline __attribute__((always_inline)) dim3 loaded_dim(const dim3& from) {
  return dim3(loaded(from.x), loaded(from.y), loaded(from.z));
}

inline __attribute__((always_inline)) const Block& loaded_block() { return *loaded(loaded(now)->block); }

}  // namespace cuda_emulation

#define threadIdx (::cuda_emulation::loaded_index(::cuda_emulation::loaded(::cuda_emulation::now)->index))
#define blockIdx (::cuda_emulation::loaded_index(::cuda_emulation::loaded_block().index))
#define blockDim (::cuda_emulation::loaded_dim(::cuda_emulation::loaded_block().block_dim))
#define gridDim (::cuda_emulation::loaded_dim(::cuda_emulation::loaded_block().grid_dim))

constexpr int warpSize = 32;
