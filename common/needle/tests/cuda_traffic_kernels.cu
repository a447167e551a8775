// Kernels for test_cuda_traffic.py, whose memory traffic follows a formula. A function that Python calls launches one
// on copies of its arrays, and returns the error's words, "" if there is none.

#include <cuda_runtime.h>

#include <string>
#include <vector>

#include "cuda_emulation/counting.h"

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

std::string words;

const char* Outcome() {
  const cudaError_t code = cudaGetLastError();
  words = code == cudaSuccess ? "" : std::string(cudaGetErrorName(code)) + ": " + cudaGetErrorString(code);
  return words.c_str();
}

/// Host memory as a kernel sees it: copied to the device, and back when this object ends.
template <typename T>
class Copied {
 public:
  Copied(T* host, size_t size) : host_(host), bytes_(size * sizeof(T)) {
    cudaMalloc(&device, bytes_);
    cudaMemcpy(device, host, bytes_, cudaMemcpyHostToDevice);
  }
  ~Copied() {
    cudaMemcpy(host_, device, bytes_, cudaMemcpyDeviceToHost);
    cudaFree(device);
  }
  T* device = nullptr;

 private:
  T* host_;
  size_t bytes_;
};

}  // namespace

// ---- matrix products of n x n ----

__global__ void NaiveMatmulKernel(const float* a, const float* b, float* out, int n) {
  const int i = blockIdx.y * blockDim.y + threadIdx.y, j = blockIdx.x * blockDim.x + threadIdx.x;
  float sum = 0;
  for (int k = 0; k < n; ++k) sum += a[i * n + k] * b[k * n + j];
  out[i * n + j] = sum;
}

EXPORTED const char* naive_matmul(float* a, float* b, float* out, int n) {
  Copied<float> x(a, n * n), y(b, n * n), z(out, n * n);
  NaiveMatmulKernel<<<dim3(n / 32, n / 8), dim3(32, 8)>>>(x.device, y.device, z.device, n);
  return Outcome();
}

template <int S>
__global__ void SharedMatmulKernel(const float* a, const float* b, float* out, int n) {
  __shared__ float a_tile[S][S], b_tile[S][S];
  const int y = threadIdx.y, x = threadIdx.x, i = blockIdx.y * S + y, j = blockIdx.x * S + x;
  float sum = 0;
  for (int first = 0; first < n; first += S) {
    a_tile[y][x] = a[i * n + first + x];
    b_tile[y][x] = b[(first + y) * n + j];
    __syncthreads();
    for (int k = 0; k < S; ++k) sum += a_tile[y][k] * b_tile[k][x];
    __syncthreads();
  }
  out[i * n + j] = sum;
}

EXPORTED const char* shared_matmul(float* a, float* b, float* out, int n, int side) {
  Copied<float> x(a, n * n), y(b, n * n), z(out, n * n);
  const dim3 grid(n / side, n / side), block(side, side);
  if (side == 8) SharedMatmulKernel<8><<<grid, block>>>(x.device, y.device, z.device, n);
  if (side == 16) SharedMatmulKernel<16><<<grid, block>>>(x.device, y.device, z.device, n);
  if (side == 32) SharedMatmulKernel<32><<<grid, block>>>(x.device, y.device, z.device, n);
  return Outcome();
}

template <int V>
__global__ void RegisterMatmulKernel(const float* a, const float* b, float* out, int n) {
  const int i = (blockIdx.y * blockDim.y + threadIdx.y) * V, j = (blockIdx.x * blockDim.x + threadIdx.x) * V;
  float sums[V][V] = {}, column[V], row[V];
  for (int k = 0; k < n; ++k) {
    for (int u = 0; u < V; ++u) column[u] = a[(i + u) * n + k];
    for (int v = 0; v < V; ++v) row[v] = b[k * n + j + v];
    for (int u = 0; u < V; ++u) {
      for (int v = 0; v < V; ++v) sums[u][v] += column[u] * row[v];
    }
  }
  for (int u = 0; u < V; ++u) {
    for (int v = 0; v < V; ++v) out[(i + u) * n + j + v] = sums[u][v];
  }
}

EXPORTED const char* register_matmul(float* a, float* b, float* out, int n, int side) {
  Copied<float> x(a, n * n), y(b, n * n), z(out, n * n);
  const dim3 block(8, 4), grid(n / (side * 8), n / (side * 4));
  if (side == 2) RegisterMatmulKernel<2><<<grid, block>>>(x.device, y.device, z.device, n);
  if (side == 4) RegisterMatmulKernel<4><<<grid, block>>>(x.device, y.device, z.device, n);
  return Outcome();
}

/// Tiles of L x L in shared memory, of V x V in registers.
template <int L, int V>
__global__ void TiledMatmulKernel(const float* a, const float* b, float* out, int n) {
  constexpr int kThreads = (L / V) * (L / V);
  __shared__ float a_tile[L][L], b_tile[L][L];
  const int thread = threadIdx.y * (L / V) + threadIdx.x;
  const int i = threadIdx.y * V, j = threadIdx.x * V, top = blockIdx.y * L, left = blockIdx.x * L;
  float sums[V][V] = {}, column[V], row[V];
  for (int first = 0; first < n; first += L) {
    for (int place = thread; place < L * L; place += kThreads) {
      a_tile[place / L][place % L] = a[(top + place / L) * n + first + place % L];
      b_tile[place / L][place % L] = b[(first + place / L) * n + left + place % L];
    }
    __syncthreads();
    for (int k = 0; k < L; ++k) {
      for (int u = 0; u < V; ++u) column[u] = a_tile[i + u][k];
      for (int v = 0; v < V; ++v) row[v] = b_tile[k][j + v];
      for (int u = 0; u < V; ++u) {
        for (int v = 0; v < V; ++v) sums[u][v] += column[u] * row[v];
      }
    }
    __syncthreads();
  }
  for (int u = 0; u < V; ++u) {
    for (int v = 0; v < V; ++v) out[(top + i + u) * n + left + j + v] = sums[u][v];
  }
}

EXPORTED const char* tiled_matmul(float* a, float* b, float* out, int n) {
  Copied<float> x(a, n * n), y(b, n * n), z(out, n * n);
  TiledMatmulKernel<32, 4><<<dim3(n / 32, n / 32), dim3(8, 8)>>>(x.device, y.device, z.device, n);
  return Outcome();
}

// ---- window sums: out[i] = in[i] + ... + in[i + 4] ----

__global__ void NaiveWindowKernel(const float* in, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    float sum = 0;
    for (int k = 0; k < 5; ++k) sum += in[i + k];
    out[i] = sum;
  }
}

__global__ void SharedWindowKernel(const float* in, float* out, int n) {
  __shared__ float part[128 + 4];
  const int first = blockIdx.x * 128, i = threadIdx.x;
  for (int k = i; k < 128 + 4 && first + k < n + 4; k += 128) part[k] = in[first + k];
  __syncthreads();
  if (first + i < n) {
    float sum = 0;
    for (int k = 0; k < 5; ++k) sum += part[i + k];
    out[first + i] = sum;
  }
}

EXPORTED const char* window(float* in, float* out, int n, int shared) {
  Copied<float> x(in, n + 4), y(out, n);
  const int blocks = (n + 127) / 128;
  if (shared != 0) {
    SharedWindowKernel<<<blocks, 128>>>(x.device, y.device, n);
  } else {
    NaiveWindowKernel<<<blocks, 128>>>(x.device, y.device, n);
  }
  return Outcome();
}

// ---- transposes of n x n, in tiles of 32 x 32 ----

__global__ void NaiveTransposeKernel(const float* in, float* out, int n) {
  const int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
  out[x * n + y] = in[y * n + x];
}

template <int kWidth>
__global__ void SharedTransposeKernel(const float* in, float* out, int n) {
  __shared__ float tile[32][kWidth];
  const int top = blockIdx.y * 32, left = blockIdx.x * 32;
  tile[threadIdx.y][threadIdx.x] = in[(top + threadIdx.y) * n + left + threadIdx.x];
  __syncthreads();
  out[(left + threadIdx.y) * n + top + threadIdx.x] = tile[threadIdx.x][threadIdx.y];
}

EXPORTED const char* transpose(float* in, float* out, int n, int width) {
  Copied<float> x(in, n * n), y(out, n * n);
  const dim3 grid(n / 32, n / 32), block(32, 32);
  if (width == 0) NaiveTransposeKernel<<<grid, block>>>(x.device, y.device, n);
  if (width == 32) SharedTransposeKernel<32><<<grid, block>>>(x.device, y.device, n);
  if (width == 33) SharedTransposeKernel<33><<<grid, block>>>(x.device, y.device, n);
  return Outcome();
}

// ---- who takes what ----

template <typename T>
__global__ void StridedCopyKernel(const T* in, T* out, int n, int stride, int offset) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i * stride + offset] = in[i * stride + offset];
}

EXPORTED const char* strided_copy(float* in, float* out, int size, int n, int stride, int offset) {
  Copied<float> x(in, size), y(out, size);
  StridedCopyKernel<float><<<(n + 127) / 128, 128>>>(x.device, y.device, n, stride, offset);
  return Outcome();
}

EXPORTED const char* strided_copy_bytes(unsigned char* in, unsigned char* out, int size, int n, int stride,
                                        int offset) {
  Copied<unsigned char> x(in, size), y(out, size);
  StridedCopyKernel<unsigned char><<<(n + 127) / 128, 128>>>(x.device, y.device, n, stride, offset);
  return Outcome();
}

/// Each thread takes what its index says, through global memory and then through shared memory.
template <typename T>
__global__ void GatherKernel(const T* in, const int* index, T* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[index[i]];
}

template <typename T>
__global__ void SharedGatherKernel(const T* in, const int* index, T* out, int n) {
  extern __shared__ float4 memory[];
  T* values = reinterpret_cast<T*>(memory);
  for (int i = threadIdx.x; i < n; i += blockDim.x) values[i] = in[i];
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += blockDim.x) out[i] = values[index[i]];
}

template <typename T>
const char* Gather(float* in, int* index, float* out, int n, int shared) {
  constexpr int kFloats = sizeof(T) / sizeof(float);
  Copied<float> x(in, n * kFloats), z(out, n * kFloats);
  Copied<int> y(index, n);
  const T* from = reinterpret_cast<const T*>(x.device);
  T* to = reinterpret_cast<T*>(z.device);
  if (shared != 0) {
    SharedGatherKernel<T><<<1, 128, n * sizeof(T)>>>(from, y.device, to, n);
  } else {
    GatherKernel<T><<<(n + 127) / 128, 128>>>(from, y.device, to, n);
  }
  return Outcome();
}

EXPORTED const char* gather(float* in, int* index, float* out, int n, int floats, int shared) {
  return floats == 1   ? Gather<float>(in, index, out, n, shared)
         : floats == 2 ? Gather<float2>(in, index, out, n, shared)
                       : Gather<float4>(in, index, out, n, shared);
}

/// By fours, with something done to them in between.
__global__ void ScaleByFoursKernel(const float* in, float* out, int fours) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < fours) {
    float4 four = reinterpret_cast<const float4*>(in)[i];
    four.x *= 2;
    four.w += four.y;
    reinterpret_cast<float4*>(out)[i] = four;
  }
}

EXPORTED const char* scale_by_fours(float* in, float* out, int fours) {
  Copied<float> x(in, fours * 4), y(out, fours * 4);
  ScaleByFoursKernel<<<(fours + 63) / 64, 64>>>(x.device, y.device, fours);
  return Outcome();
}

/// Lanes that go different ways make requests of their own, each in its way.
__global__ void BranchesKernel(const float* in, float* out) {
  const int i = threadIdx.x;
  if (i % 2 == 0) {
    out[i] = in[i] + 1;
  } else {
    out[i] = in[i] * in[i + 1];
  }
}

EXPORTED const char* branches(float* in, float* out, int n) {
  Copied<float> x(in, n + 1), y(out, n);
  BranchesKernel<<<1, n>>>(x.device, y.device);
  return Outcome();
}

/// Lane i goes i % 32 + 1 times round its loop.
__global__ void LoopsKernel(const float* in, float* out, int n) {
  float sum = 0;
  for (int k = 0; k <= threadIdx.x % 32; ++k) sum += in[k * n + threadIdx.x];
  out[threadIdx.x] = sum;
}

EXPORTED const char* loops(float* in, float* out, int n) {
  Copied<float> x(in, n * 32), y(out, n);
  LoopsKernel<<<1, n>>>(x.device, y.device, n);
  return Outcome();
}

__device__ __attribute__((noinline)) float At(const float* in, int i) { return in[i]; }

/// Half of the lanes load before a barrier, half behind it, in the same place of the code.
__global__ void TurnsKernel(const float* in, float* out, int of_warp) {
  const bool early = threadIdx.x % 32 < 16;
  float value = 0;
  if (early) value = At(in, threadIdx.x);
  if (of_warp != 0) {
    __syncwarp();
  } else {
    __syncthreads();
  }
  if (!early) value = At(in, threadIdx.x);
  out[threadIdx.x] = value;
}

EXPORTED const char* turns(float* in, float* out, int n, int of_warp) {
  Copied<float> x(in, n), y(out, n);
  TurnsKernel<<<1, n>>>(x.device, y.device, of_warp);
  return Outcome();
}

__global__ void HistogramKernel(const int* values, int* counts, int n) {
  __shared__ int of_block[16];
  if (threadIdx.x < 16) of_block[threadIdx.x] = 0;
  __syncthreads();
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) atomicAdd(&of_block[values[i]], 1);
  __syncthreads();
  if (threadIdx.x < 16) atomicAdd(&counts[threadIdx.x], of_block[threadIdx.x]);
}

EXPORTED const char* histogram(int* values, int* counts, int n) {
  Copied<int> x(values, n), y(counts, 16);
  HistogramKernel<<<(n + 127) / 128, 128>>>(x.device, y.device, n);
  return Outcome();
}

/// Arrays of its own, and a structure as argument, are no traffic.
struct Sizes {
  int of[8];
};

__global__ void LocalKernel(float* out, Sizes sizes, int n) {
  float own[32];
  for (int k = 0; k < 32; ++k) own[k] = k * sizes.of[k % 8];
  for (int k = 0; k < n; ++k) own[(k * 7 + threadIdx.x) % 32] += own[k % 32];
  out[threadIdx.x] = own[(n + threadIdx.x) % 32];
}

EXPORTED const char* local(float* out, int n) {
  Copied<float> x(out, n);
  LocalKernel<<<1, n>>>(x.device, Sizes{{1, 2, 3, 4, 5, 6, 7, 8}}, n);
  return Outcome();
}

/// Addresses without any order, `times` a thread and without a barrier: more than can be kept, if they are many.
__global__ void ScatteredKernel(const float* in, float* out, unsigned n, int times) {
  unsigned state = threadIdx.x * 2654435761u + 1;
  float sum = 0;
  for (int k = 0; k < times; ++k) {
    state = state * 1664525u + 1013904223u;
    sum += in[(state >> 8) % n];
  }
  out[threadIdx.x] = sum;
}

EXPORTED const char* scattered(float* in, float* out, unsigned n, int threads, int times) {
  Copied<float> x(in, n), y(out, threads);
  ScatteredKernel<<<1, threads>>>(x.device, y.device, n, times);
  return Outcome();
}

__global__ void FailingKernel(const float* in, float* out) {
  out[threadIdx.x] = in[threadIdx.x];
  if (threadIdx.x == 3) __trap();
}

EXPORTED const char* failing(float* in, float* out, int n) {
  Copied<float> x(in, n), y(out, n);
  FailingKernel<<<1, n>>>(x.device, y.device);
  return Outcome();
}

// ---- what a Python module of kernels offers, for functions without one ----

EXPORTED int traffic_begin() { return cuda_emulation::begin_counting(); }

EXPORTED void traffic_end(int number) { cuda_emulation::end_counting(number); }

/// A line for each launch: the kernel, and each count with its name.
EXPORTED const char* traffic_counted(int number) {
  words.clear();
  for (const cuda_emulation::CountedLaunch& launch : cuda_emulation::counted(number)) {
    words += launch.kernel;
#define CUDA_EMULATION_COUNT(name) words += "\t" #name " " + std::to_string(launch.traffic.name);
    CUDA_EMULATION_COUNTS(CUDA_EMULATION_COUNT)
#undef CUDA_EMULATION_COUNT
    words += "\n";
  }
  return words.c_str();
}
