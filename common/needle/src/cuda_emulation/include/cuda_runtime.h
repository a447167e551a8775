// CUDA without a GPU: what a .cu file finds when it is compiled for the CPU. cmake/translate_cuda.py has rewritten its
// launches and its `__shared__` variables before; everything else is C++ already, once the names of CUDA are known.
//
// The parts: which thread runs (thread.h), vectors such as float4 (vector_types.h), shared memory (shared.h), barriers
// and warps (barriers.h), atomic operations (atomics.h), functions of numbers (device_math.h), copies of many bytes
// (copies.h), launches (launch.h), and the calls of the host such as cudaMalloc (host_api.h).

#pragma once

#define __CUDA_EMULATION__ 1

// All code is code of the CPU, so where it may run needs no telling.
#define __global__
#define __device__
#define __host__
#define __constant__
#define __managed__
#define __grid_constant__
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))

#include "cuda_emulation/atomics.h"
#include "cuda_emulation/barriers.h"
#include "cuda_emulation/copies.h"
#include "cuda_emulation/device_math.h"
#include "cuda_emulation/host_api.h"
#include "cuda_emulation/launch.h"
#include "cuda_emulation/shared.h"
#include "cuda_emulation/thread.h"
#include "cuda_emulation/vector_types.h"
