// Kernels for test_cuda_watch.py, in pairs: one with a mistake that the watch must tell, and its twin without, of which
// it must say nothing. Each function that Python calls launches the kernel, `wrong` or right, and returns the error.

#include <cuda_runtime.h>

#include <string>

namespace {

constexpr unsigned kSize = 64;
std::string words;

const char* Outcome() {
  const cudaError_t code = cudaGetLastError();
  words = code == cudaSuccess ? "" : cudaGetErrorString(code);
  return words.c_str();
}

/// An array of the device, of 0, 1, 2 ... or of what was there.
struct Array {
  explicit Array(unsigned size, bool filled = true) {
    cudaMalloc(&device, size * sizeof(float));
    for (unsigned i = 0; filled && i < size; ++i) {
      const float value = static_cast<float>(i);
      cudaMemcpy(device + i, &value, sizeof(float), cudaMemcpyHostToDevice);
    }
  }
  ~Array() { cudaFree(device); }
  float* device = nullptr;
};

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default"))) const char*

// ---- the ten of docs/cuda.md ----

__global__ void SumKernel(const float* in, float* out, unsigned tiles, bool wrong) {
  __shared__ float tile[kSize];
  float sum = 0;
  for (unsigned i = 0; i < tiles; ++i) {
    tile[threadIdx.x] = in[i * kSize + threadIdx.x];
    __syncthreads();
    sum += tile[kSize - 1 - threadIdx.x];
    if (!wrong) {
      __syncthreads();
    }
  }
  out[threadIdx.x] = sum;
}

EXPORTED missing_barrier_in_a_loop(bool wrong) {
  Array in(2 * kSize), out(kSize, false);
  SumKernel<<<1, kSize>>>(in.device, out.device, 2, wrong);
  return Outcome();
}

__global__ void GuardKernel(float* out, unsigned size, bool wrong) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (wrong ? i <= size : i < size) {
    out[i] = 1;
  }
}

EXPORTED guard_off_by_one(bool wrong) {
  Array out(100, false);
  GuardKernel<<<2, kSize>>>(out.device, 100, wrong);
  return Outcome();
}

__global__ void WindowKernel(const float* in, float* out, bool wrong) {
  __shared__ float window[kSize + 1];
  window[threadIdx.x] = in[threadIdx.x];
  if (threadIdx.x == 0) {
    window[kSize] = in[kSize];
  }
  __syncthreads();
  out[threadIdx.x] = window[threadIdx.x] + window[threadIdx.x + (wrong ? 2 : 1)];
}

EXPORTED beyond_shared_memory(bool wrong) {
  Array in(kSize + 1), out(kSize, false);
  WindowKernel<<<1, kSize>>>(in.device, out.device, wrong);
  return Outcome();
}

__global__ void DivergentKernel(float* out, bool wrong) {
  if (!wrong || threadIdx.x < 32) {
    __syncthreads();
  }
  out[threadIdx.x] = 1;
}

EXPORTED barrier_in_a_branch(bool wrong) {
  Array out(kSize, false);
  DivergentKernel<<<1, kSize>>>(out.device, wrong);
  return Outcome();
}

__global__ void MaximumKernel(const float* in, float* out, bool wrong) {
  __shared__ float most[2 * kSize];
  most[threadIdx.x] = in[threadIdx.x];
  if (!wrong) {
    most[kSize + threadIdx.x] = 0;
  }
  __syncthreads();
  out[threadIdx.x] = max(most[threadIdx.x], most[kSize + threadIdx.x]);
}

EXPORTED shared_memory_nobody_wrote(bool wrong) {
  Array in(kSize), out(kSize, false);
  MaximumKernel<<<1, kSize>>>(in.device, out.device, wrong);
  return Outcome();
}

__global__ void ScaleKernel(const float* in, float* out) { out[threadIdx.x] = 2 * in[threadIdx.x]; }

EXPORTED array_nobody_wrote(bool wrong) {
  Array in(kSize, !wrong), out(kSize, false);
  ScaleKernel<<<1, kSize>>>(in.device, out.device);
  return Outcome();
}

EXPORTED host_pointer(bool wrong) {
  float host[kSize] = {};
  Array in(kSize), out(kSize, false);
  ScaleKernel<<<1, kSize>>>(wrong ? host : in.device, out.device);
  return Outcome();
}

EXPORTED freed_array(bool wrong) {
  Array in(kSize), out(kSize, false);
  float* other = nullptr;
  cudaMalloc(&other, kSize * sizeof(float));
  cudaFree(other);
  ScaleKernel<<<1, kSize>>>(in.device, wrong ? other : out.device);
  return Outcome();
}

EXPORTED too_many_threads(bool wrong) {
  Array in(1056), out(1056, false);
  ScaleKernel<<<1, wrong ? dim3(33, 32) : dim3(kSize)>>>(in.device, out.device);
  return Outcome();
}

template <unsigned SIZE>
__global__ void LargeKernel(float* out) {
  __shared__ float large[SIZE];
  large[threadIdx.x] = 1;
  out[threadIdx.x] = large[threadIdx.x];
}

EXPORTED too_much_shared_memory(bool wrong) {
  Array out(kSize, false);
  if (wrong) {
    LargeKernel<128 * 128><<<1, kSize>>>(out.device);
  } else {
    LargeKernel<64 * 64><<<1, kSize>>>(out.device);
  }
  return Outcome();
}

__global__ void HalvingKernel(float* out, int size, bool wrong) {
  for (int i = size; wrong ? i >= 0 : i > 0; i /= 2) {
    out[i] = 1;
  }
}

EXPORTED endless_loop(bool wrong) {
  Array out(kSize, false);
  HalvingKernel<<<1, 1>>>(out.device, 32, wrong);
  return Outcome();
}

__global__ void CountKernel(const float* in, float* count, bool wrong) {
  if (in[blockIdx.x * blockDim.x + threadIdx.x] > 3) {
    if (wrong) {
      count[0] += 1;
    } else {
      atomicAdd(count, 1);
    }
  }
}

EXPORTED missing_atomic(bool wrong) {
  Array in(kSize), count(1);
  CountKernel<<<2, kSize / 2>>>(in.device, count.device, wrong);
  return Outcome();
}

__global__ void TotalKernel(const float* in, float* total, bool wrong) {
  if (threadIdx.x == 0) {
    const float sum = in[blockIdx.x];
    if (wrong) {
      total[0] += sum;
    } else {
      atomicAdd(total, sum);
    }
  }
}

EXPORTED race_between_blocks(bool wrong) {
  Array in(4), total(1);
  TotalKernel<<<4, kSize>>>(in.device, total.device, wrong);
  return Outcome();
}

__global__ void VectorKernel(const float* in, float* out, bool wrong) {
  const float4 four = *reinterpret_cast<const float4*>(in + 4 * threadIdx.x + wrong);
  out[threadIdx.x] = four.x + four.y + four.z + four.w;
}

EXPORTED misaligned_vector(bool wrong) {
  Array in(kSize), out(kSize, false);
  VectorKernel<<<1, kSize / 4 - 1>>>(in.device, out.device, wrong);
  return Outcome();
}

// ---- more of the same kinds ----

__global__ void InitialiseKernel(int* out, bool wrong) {
  __shared__ int count;
  if (threadIdx.x == 0) {
    count = 0;
  }
  if (!wrong) {
    __syncthreads();
  }
  atomicAdd(&count, 1);
  __syncthreads();
  if (threadIdx.x == 0) {
    out[0] = count;
  }
}

EXPORTED barrier_after_initialisation(bool wrong) {
  Array out(1, false);
  InitialiseKernel<<<1, kSize>>>(reinterpret_cast<int*>(out.device), wrong);
  return Outcome();
}

__global__ void WarpKernel(float* out, bool wrong) {
  __shared__ volatile float sums[32];
  sums[threadIdx.x] = 1;
  for (unsigned half = 16; half > 0; half /= 2) {
    if (!wrong) {
      __syncwarp();
    }
    const float other = threadIdx.x < half ? sums[threadIdx.x + half] : 0;
    if (!wrong) {
      __syncwarp();
    }
    sums[threadIdx.x] += other;
  }
  out[threadIdx.x] = sums[threadIdx.x];
}

EXPORTED warp_without_syncwarp(bool wrong) {
  Array out(32, false);
  WarpKernel<<<1, 32>>>(out.device, wrong);
  return Outcome();
}

__global__ void BytesKernel(const unsigned char* in, unsigned char* out, bool wrong) {
  __shared__ unsigned char bytes[kSize];
  bytes[threadIdx.x] = in[threadIdx.x];
  if (!wrong) {
    __syncthreads();
  }
  out[threadIdx.x] = bytes[threadIdx.x ^ 1];
}

EXPORTED bytes(bool wrong) {
  Array in(kSize / 4), out(kSize / 4, false);
  BytesKernel<<<1, kSize>>>(reinterpret_cast<unsigned char*>(in.device), reinterpret_cast<unsigned char*>(out.device),
                            wrong);
  return Outcome();
}

__global__ void DynamicKernel(float* out, bool wrong) {
  extern __shared__ float rows[][8];
  rows[threadIdx.x][0] = 1;
  __syncthreads();
  out[threadIdx.x] = rows[threadIdx.x + wrong][0];
}

EXPORTED beyond_dynamic_memory(bool wrong) {
  Array out(8, false);
  DynamicKernel<<<1, 8, 8 * 8 * sizeof(float)>>>(out.device, wrong);
  return Outcome();
}

__global__ void ReachKernel(const float* in, float* out, int distance) { out[0] = in[distance]; }

EXPORTED before_the_beginning(bool wrong) {
  Array in(kSize), out(kSize, false);
  ReachKernel<<<1, 1>>>(in.device, out.device, wrong ? -3 : 3);
  return Outcome();
}

EXPORTED far_away(bool wrong) {
  Array in(kSize), out(kSize, false);
  ReachKernel<<<1, 1>>>(in.device, out.device, wrong ? 1 << 30 : 3);
  return Outcome();
}

struct Pointers {
  const float* in;
  float* out;
};

__global__ void FollowKernel(Pointers pointers) { pointers.out[threadIdx.x] = pointers.in[threadIdx.x]; }

EXPORTED null_pointer(bool wrong) {
  Array in(kSize), out(kSize, false);
  FollowKernel<<<1, kSize>>>(Pointers{wrong ? nullptr : in.device, out.device});
  return Outcome();
}

EXPORTED host_pointer_in_a_structure(bool wrong) {
  static float* host = new float[kSize]();
  Array in(kSize), out(kSize, false);
  FollowKernel<<<1, kSize>>>(Pointers{wrong ? host : in.device, out.device});
  return Outcome();
}

__global__ void SpinKernel(float* out, unsigned steps, bool wrong) {
  volatile unsigned number = 1;  // the thread's own, which nobody watches
  while (wrong || number < steps) {
    number = number * 3 + 1;
  }
  out[0] = static_cast<float>(number);
}

EXPORTED endless_computation(bool wrong) {
  Array out(1, false);
  SpinKernel<<<1, 1>>>(out.device, 1000, wrong);
  return Outcome();
}

__global__ void BarrierLoopKernel(float* out, bool wrong) {
  unsigned rounds = 0;
  do {
    __syncthreads();
    out[threadIdx.x] = static_cast<float>(++rounds);
  } while (wrong || rounds < 10);
}

EXPORTED endless_barriers(bool wrong) {
  Array out(32, false);
  BarrierLoopKernel<<<1, 32>>>(out.device, wrong);
  return Outcome();
}

// ---- clean kernels, of everything that there is ----

__global__ void ReductionKernel(const float4* in, float* out, unsigned* finished, float* total) {
  __shared__ float sums[32];
  __shared__ bool last;
  const float4 four = __ldg(in + blockIdx.x * blockDim.x + threadIdx.x);
  float sum = four.x + four.y + four.z + four.w;
  for (int distance = 16; distance > 0; distance /= 2) {
    sum += __shfl_down_sync(0xffffffffu, sum, distance);
  }
  if (threadIdx.x % 32 == 0) {
    sums[threadIdx.x / 32] = sum;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    for (unsigned warp = 1; warp < blockDim.x / 32; ++warp) {
      sum += sums[warp];
    }
    out[blockIdx.x] = sum;
    __threadfence();
    last = atomicAdd(finished, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {  // the last block adds what the others have published
    volatile const float* published = out;
    *total = 0;
    for (unsigned block = 0; block < gridDim.x; ++block) {
      *total += published[block];
    }
  }
}

EXPORTED sum_of_all(float* data, unsigned blocks, unsigned threads, float* total) {
  const unsigned size = blocks * threads * 4;
  Array in(size, false), out(blocks, false), finished(1, false), sum(1, false);
  cudaMemcpy(in.device, data, size * sizeof(float), cudaMemcpyHostToDevice);
  cudaMemset(finished.device, 0, sizeof(float));
  ReductionKernel<<<blocks, threads>>>(reinterpret_cast<float4*>(in.device), out.device,
                                       reinterpret_cast<unsigned*>(finished.device), sum.device);
  cudaMemcpy(total, sum.device, sizeof(float), cudaMemcpyDeviceToHost);
  return Outcome();
}

// Copies of many bytes are loads and stores, also where compilers leave them to the C library.
__global__ void CopyKernel(const float* in, float* out, unsigned size, unsigned place) {
  __shared__ float kept[2 * kSize];
  if (threadIdx.x == 0) {
    memset(kept, 0, sizeof(kept));
    memcpy(kept, in, size * sizeof(float));
    memmove(kept + 1, kept, size * sizeof(float));
  }
  __syncthreads();
  if (threadIdx.x == 1) {
    memcpy(out + place, kept, (size + 2) * sizeof(float));
    memcpy(out, kept, 0);
  }
}

/// Mistake 1: writes beyond an array. 2: reads what nobody has written. 3: reads beyond an array.
EXPORTED copies(unsigned mistake) {
  constexpr unsigned kCopied = 20;
  float *in = nullptr, *out = nullptr;
  cudaMalloc(&in, kCopied * sizeof(float));
  cudaMalloc(&out, (kCopied + 2) * sizeof(float));
  if (mistake != 2) {
    cudaMemset(in, 0, kCopied * sizeof(float));
  }
  CopyKernel<<<1, kSize>>>(in, out, mistake == 3 ? kCopied + 1 : kCopied, mistake == 1 ? 1 : 0);
  if (mistake == 0) {
    CopyKernel<<<1, kSize>>>(out, in, kCopied - 2, 0);  // what is copied has been written
  }
  cudaFree(in);
  cudaFree(out);
  return Outcome();
}

struct Padded {
  char letter;
  double number;
  int count;
};

__global__ void PaddedKernel(const Padded* in, Padded* out, unsigned size) {
  __shared__ Padded kept[kSize];
  const unsigned i = threadIdx.x;
  if (i < size) {
    kept[i].letter = in[i].letter;
    kept[i].number = in[i].number;
    kept[i].count = in[i].count;
  }
  __syncthreads();
  if (i < size) {
    out[i] = kept[size - 1 - i];
  }
}

EXPORTED padded(unsigned size) {
  Padded *in = nullptr, *out = nullptr, *copied = nullptr;
  cudaMalloc(&in, size * sizeof(Padded));
  cudaMalloc(&out, size * sizeof(Padded));
  cudaMalloc(&copied, size * sizeof(Padded));
  cudaMemset(in, 0, size * sizeof(Padded));
  PaddedKernel<<<1, kSize>>>(in, out, size);
  cudaMemcpy(copied, out, size * sizeof(Padded), cudaMemcpyDeviceToDevice);
  PaddedKernel<<<1, kSize>>>(copied, out, size);
  cudaFree(in);
  cudaFree(out);
  cudaFree(copied);
  return Outcome();
}

// ---- any pattern of accesses and barriers ----

// Of each thread and step: what it does (0 nothing, 1 reads, 2 writes, 3 adds atomically, 4 waits for the block, 5
// waits for the lanes in `argument`), and to which cell.
struct Step {
  int what;
  unsigned argument;
};

__global__ void PatternKernel(const Step* steps, unsigned count, int* memory, int* out, bool shared) {
  __shared__ int cells[4];
  int sum = 0;
  if (threadIdx.x == 0) {
    for (int& cell : cells) {
      cell = 0;
    }
  }
  __syncthreads();
  int* const place = shared ? cells : memory;
  const unsigned thread = blockIdx.x * blockDim.x + threadIdx.x;
  for (unsigned i = 0; i < count; ++i) {
    const Step step = steps[thread * count + i];
    switch (step.what) {
      case 1:
        sum += place[step.argument];
        break;
      case 2:
        place[step.argument] = sum;
        break;
      case 3:
        atomicAdd(place + step.argument, 1);
        break;
      case 4:
        __syncthreads();
        break;
      case 5:
        __syncwarp(step.argument);
        break;
    }
  }
  out[thread] = sum;
}

EXPORTED pattern(const Step* steps, unsigned count, unsigned blocks, unsigned threads, bool shared) {
  Step* device = nullptr;
  int *memory = nullptr, *out = nullptr;
  const size_t bytes = size_t{blocks} * threads * count * sizeof(Step);
  cudaMalloc(&device, bytes);
  cudaMalloc(&memory, 4 * sizeof(int));
  cudaMalloc(&out, blocks * threads * sizeof(int));
  cudaMemcpy(device, steps, bytes, cudaMemcpyHostToDevice);
  cudaMemset(memory, 0, 4 * sizeof(int));
  PatternKernel<<<blocks, threads>>>(device, count, memory, out, shared);
  cudaFree(device);
  cudaFree(memory);
  cudaFree(out);
  return Outcome();
}
