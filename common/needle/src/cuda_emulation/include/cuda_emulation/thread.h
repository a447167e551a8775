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
extern __thread const Thread* now __attribute__((tls_model("initial-exec"), visibility("hidden")));
#else
extern __thread const Thread* now;
#endif

}  // namespace cuda_emulation

#define threadIdx (::cuda_emulation::now->index)
#define blockIdx (::cuda_emulation::now->block->index)
#define blockDim (::cuda_emulation::now->block->block_dim)
#define gridDim (::cuda_emulation::now->block->grid_dim)

constexpr int warpSize = 32;
