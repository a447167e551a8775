// Kernels for test_cuda_emulation.py: each shows one thing that the emulation must do, or a mistake that it must tell
// of. A function that Python calls launches one, and returns the error's words, "" if there is none.

#include <cuda_runtime.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

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

#define EXPORTED extern "C" __attribute__((visibility("default")))
#define LAUNCH(kernel, grid, block, ...) kernel<<<grid, block>>>(__VA_ARGS__)

// ---- which thread ----

__global__ void NumberKernel(int* out) {
  const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  out[block * (blockDim.x * blockDim.y * blockDim.z) + thread] += block * 10000 + thread;
}

EXPORTED const char* number(int* out, int size, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                            unsigned bz) {
  Copied<int> result(out, size);
  LAUNCH(NumberKernel, dim3(gx, gy, gz), dim3(bx, by, bz), result.device);
  return Outcome();
}

// ---- shared memory and barriers ----

template <int kSize>
__global__ void ReverseKernel(float* data) {
  __shared__ float values[kSize];
  values[threadIdx.x] = data[blockIdx.x * kSize + threadIdx.x];
  __syncthreads();
  data[blockIdx.x * kSize + threadIdx.x] = values[kSize - 1 - threadIdx.x];
}

EXPORTED const char* reverse(float* data, int blocks, int size) {
  Copied<float> copy(data, blocks * size);
  if (size == 64)
    ReverseKernel<64><<<blocks, 64>>>(copy.device);
  else
    ReverseKernel<(300 > 64 ? 300 : 64)><<<blocks, 300>>>(copy.device);
  return Outcome();
}

__global__ void RunningSumKernel(float* data, int size) {
  extern __shared__ float sums[];
  const int i = threadIdx.x;
  float *from = sums, *to = sums + size;
  from[i] = data[i];
  __syncthreads();
  for (int distance = 1; distance < size; distance *= 2) {
    to[i] = i >= distance ? from[i] + from[i - distance] : from[i];
    __syncthreads();
    float* other = from;
    from = to;
    to = other;
  }
  data[i] = from[i];
}

EXPORTED const char* running_sum(float* data, int size) {
  Copied<float> copy(data, size);
  RunningSumKernel<<<1, size, 2 * size * sizeof(float)>>>(copy.device, size);
  return Outcome();
}

__global__ void TransposeKernel(const float* in, float* out, int rows, int columns) {
  __shared__ __align__(16) float tile[8][8 + 1], unused[2];
  const int x = blockIdx.x * 8 + threadIdx.x, y = blockIdx.y * 8 + threadIdx.y;
  if (x < columns && y < rows) tile[threadIdx.y][threadIdx.x] = in[y * columns + x];
  unused[0] = 0;
  __syncthreads();
  const int to_x = blockIdx.y * 8 + threadIdx.x, to_y = blockIdx.x * 8 + threadIdx.y;
  if (to_x < rows && to_y < columns) out[to_y * rows + to_x] = tile[threadIdx.x][threadIdx.y];
}

EXPORTED const char* transpose(float* in, float* out, int rows, int columns) {
  Copied<float> a(in, rows * columns), b(out, rows * columns);
  TransposeKernel<<<dim3((columns + 7) / 8, (rows + 7) / 8), dim3(8, 8)>>>(a.device, b.device, rows, columns);
  return Outcome();
}

__global__ void VotesOfBlockKernel(const int* in, int* out) {
  const int value = in[threadIdx.x];
  const int count = __syncthreads_count(value > 0), all = __syncthreads_and(value > 0),
            any = __syncthreads_or(value > 0);
  out[threadIdx.x] = count * 4 + all * 2 + any;
}

EXPORTED const char* votes_of_block(int* in, int* out, int size) {
  Copied<int> a(in, size), b(out, size);
  VotesOfBlockKernel<<<1, size>>>(a.device, b.device);
  return Outcome();
}

/// Without a barrier, a thread that reads what another one writes has it only if that one came first.
__global__ void UnsynchronisedKernel(float* data, int size, int distance) {
  extern __shared__ float values[];
  const int i = threadIdx.x;
  values[i] = data[blockIdx.x * size + i];
  data[blockIdx.x * size + i] = values[(i + distance + size) % size];
}

EXPORTED const char* unsynchronised(float* data, int blocks, int size, int distance) {
  Copied<float> copy(data, blocks * size);
  UnsynchronisedKernel<<<blocks, size, size * sizeof(float)>>>(copy.device, size, distance);
  return Outcome();
}

// ---- warps ----

__global__ void ShuffleKernel(const float* in, float* out, int kind, int argument, int width) {
  const float value = in[threadIdx.x];
  float found = 0;
  if (kind == 0) found = __shfl_sync(0xffffffff, value, argument, width);
  if (kind == 1) found = __shfl_up_sync(0xffffffff, value, argument, width);
  if (kind == 2) found = __shfl_down_sync(0xffffffff, value, argument, width);
  if (kind == 3) found = __shfl_xor_sync(0xffffffff, value, argument, width);
  out[threadIdx.x] = found;
}

EXPORTED const char* shuffle(float* in, float* out, int size, int kind, int argument, int width) {
  Copied<float> a(in, size), b(out, size);
  ShuffleKernel<<<1, size>>>(a.device, b.device, kind, argument, width);
  return Outcome();
}

__global__ void VotesKernel(const int* in, unsigned* out) {
  const int value = in[threadIdx.x];
  const unsigned low = 0xffff, mask = threadIdx.x % 32 < 16 ? low : ~low;  // the halves of a warp apart
  unsigned* mine = out + threadIdx.x * 8;
  mine[0] = __ballot_sync(mask, value > 2);
  mine[1] = __any_sync(mask, value > 2);
  mine[2] = __all_sync(mask, value > 2);
  mine[3] = __match_any_sync(mask, value);
  int all = -1;
  mine[4] = __match_all_sync(mask, value, &all);
  mine[5] = static_cast<unsigned>(all);
  mine[6] = static_cast<unsigned>(__reduce_add_sync(mask, value));
  mine[7] = static_cast<unsigned>(__reduce_min_sync(mask, value - 3));
}

EXPORTED const char* votes(int* in, unsigned* out, int size) {
  Copied<int> a(in, size);
  Copied<unsigned> b(out, size * 8);
  VotesKernel<<<1, size>>>(a.device, b.device);
  return Outcome();
}

// ---- atomic operations, across blocks ----

struct Totals {
  int add, sub, least, most, all, any, odd;
  unsigned turns, back;
  float sum;
  unsigned long long large;
  int product_under_lock;
};

__global__ void AtomicsKernel(const int* in, Totals* totals, int* counts, int size) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= size) return;
  atomicAdd(&counts[in[i] & 15], 1);
  atomicAdd(&totals->add, in[i]);
  atomicSub(&totals->sub, in[i]);
  atomicMin(&totals->least, in[i]);
  atomicMax(&totals->most, in[i]);
  atomicAnd(&totals->all, in[i]);
  atomicOr(&totals->any, in[i]);
  atomicXor(&totals->odd, in[i]);
  atomicInc(&totals->turns, 6);
  atomicDec(&totals->back, 6);
  atomicAdd(&totals->sum, 1);
  atomicAdd(&totals->large, 1ull << 33);
  int seen = totals->product_under_lock, assumed;
  do {
    assumed = seen;
    seen = atomicCAS(&totals->product_under_lock, assumed, (assumed * 3 + 1) % 1000003);
  } while (seen != assumed);
}

EXPORTED const char* atomics(int* in, void* totals, int* counts, int size) {
  Copied<int> a(in, size), b(counts, 16);
  Copied<Totals> t(static_cast<Totals*>(totals), 1);
  AtomicsKernel<<<(size + 127) / 128, 128>>>(a.device, t.device, b.device, size);
  return Outcome();
}

// ---- the rest of the language ----

__constant__ float weights[4];

__global__ void LanguageKernel(const float* __restrict__ in, float* out, dim3 shape, float (*function)(float)) {
  const float4 four = reinterpret_cast<const float4*>(in)[threadIdx.x];
#pragma unroll
  for (int i = 0; i < 1; ++i) {
    out[threadIdx.x * 8] = four.x * weights[0] + four.y * weights[1] + four.z * weights[2] + four.w * weights[3];
  }
  out[threadIdx.x * 8 + 1] = rsqrtf(four.x * four.x + 1);
  out[threadIdx.x * 8 + 2] = max(four.x, 0) + min(2, four.y);
  out[threadIdx.x * 8 + 3] = __ldg(in + threadIdx.x) + function(four.w);
  out[threadIdx.x * 8 + 4] = fminf(four.x, nanf("")) + __saturatef(four.y);
  out[threadIdx.x * 8 + 5] = __popc(threadIdx.x) + __clz(threadIdx.x) + __ffs(threadIdx.x);
  out[threadIdx.x * 8 + 6] = shape.x + 10 * shape.y + 100 * shape.z + warpSize;
  out[threadIdx.x * 8 + 7] = max(3u, 5) + max(size_t{7}, 2);
}

__device__ float Halved(float x) { return x / 2; }

EXPORTED const char* language(float* in, float* out, int threads) {
  const float host[4] = {1, 10, 100, 1000};
  cudaMemcpyToSymbol(weights, host, sizeof(host));
  Copied<float> a(in, threads * 4), b(out, threads * 8);
  void (*kernels[])(const float*, float*, dim3, float (*)(float)) = {nullptr, LanguageKernel};
  const int n = 1 << 3 >> 2;  // shifts are no launches, /* <<< */ nor is "a<<<1, 1>>>(b)"
  kernels[n - 1]<<<dim3(n >> 1), threads, 0, nullptr>>>(a.device, b.device, dim3(3, 4), Halved);
  return Outcome();
}

template <typename Function>
__global__ void ApplyKernel(float* data, int size, Function function) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < size) data[i] = function(data[i]);
}

EXPORTED const char* lambda(float* data, int size, float factor) {
  Copied<float> copy(data, size);
  ApplyKernel<<<(size + 31) / 32, 32>>>(copy.device, size, [factor] __device__(float x) { return x * factor; });
  return Outcome();
}

EXPORTED float timed() {
  cudaStream_t stream;
  cudaEvent_t begin, end;
  cudaStreamCreate(&stream);
  cudaEventCreate(&begin);
  cudaEventCreate(&end);
  cudaEventRecord(begin, stream);
  cudaEventRecord(end, stream);
  cudaStreamSynchronize(stream);
  float milliseconds = -1;
  cudaEventElapsedTime(&milliseconds, begin, end);
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  cudaStreamDestroy(stream);
  return milliseconds;
}

// ---- mistakes ----

__device__ int Depth(volatile int* data, int n) {
  volatile int large[512];
  large[n & 511] = n;
  return data[0] == 12345 ? n : Depth(data, n + 1) + large[n & 511];
}

__global__ void MistakeKernel(int which, float* data) {
  __shared__ float some[16];
  const int i = threadIdx.x + blockIdx.x;
  some[threadIdx.x & 15] = 0;
  switch (which) {
    case 0:  // some threads end before the barrier
      if (i == 40) return;
      __syncthreads();
      break;
    case 1:  // two barriers at once
      if (i < 3) {
        __syncthreads();
      } else {
        __syncthreads();
      }
      break;
    case 2:  // a lane that waits elsewhere
      if (threadIdx.x == 5) {
        __syncthreads();
      } else {
        __syncwarp();
      }
      break;
    case 3:  // a mask without the lane that calls
      __shfl_sync(0x0000ffff, 1, 0);
      break;
    case 4:
      if (i == 33) throw std::runtime_error("thrown by a kernel");
      break;
    case 5: {  // together with `some` too much
      __shared__ double large[6143];
      large[0] = 0;
      break;
    }
    case 6: {  // a launch that gives nothing
      extern __shared__ float given[];
      given[0] = 0;
      break;
    }
    case 7:
      if (i == 37) *(volatile int*)nullptr = 1;
      break;
    case 8:
      if (i == 37) data[0] = Depth((volatile int*)data, 0);
      break;
    case 9: {
      volatile int zero = 0;
      if (i == 37) data[0] = i / zero;
      break;
    }
    case 10:
      if (i == 35) __trap();
      break;
    case 11:  // one number too many
      if (threadIdx.x == 0) data[8] = 1;
      break;
    case 12:  // and one too few
      if (threadIdx.x == 0) data[-2] = 1;
      break;
    case 13:  // masks that do not fit each other
      __syncwarp(threadIdx.x < 8 ? 0x000001ff : 0xffffffff);
      break;
    default:
      break;
  }
}

EXPORTED const char* mistake(int which, int blocks, int threads) {
  float* data = nullptr;
  cudaMalloc(&data, 8 * sizeof(float));
  MistakeKernel<<<blocks, threads>>>(which, data);
  const char* said = Outcome();
  cudaFree(data);
  return said;
}

/// out = 2 * in, up to a number that may be larger than both have.
__global__ void DoubleKernel(const float* in, float* out, int last) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < last) out[i] = in[i] * 2;
}

EXPORTED const char* doubled(float* in, float* out, int size, int last) {
  Copied<float> a(in, size), b(out, size);
  DoubleKernel<<<(last + 255) / 256, 256>>>(a.device, b.device, last);
  return Outcome();
}

EXPORTED const char* refused(unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                             unsigned shared) {
  MistakeKernel<<<dim3(gx, gy, gz), dim3(bx, by, bz), shared>>>(99, nullptr);
  return Outcome();
}

EXPORTED const char* wrong_pointer(int which) {
  static float host[8];
  float *data = nullptr, *freed = nullptr;
  cudaMalloc(&data, 32);
  cudaMalloc(&freed, 32);
  cudaFree(freed);
  switch (which) {
    case 0:
      MistakeKernel<<<1, 1>>>(99, host);
      break;
    case 1:
      MistakeKernel<<<1, 1>>>(99, freed);
      break;
    case 2:
      cudaFree(freed);
      break;
    case 3:
      cudaFree(host);
      break;
    case 4:
      cudaFree(data + 2);
      break;
    case 5:
      cudaMemcpy(host, data, 32, cudaMemcpyHostToDevice);
      break;
    case 6:
      cudaMemcpy(data, host, 33, cudaMemcpyHostToDevice);
      break;
    case 7:
      cudaMemcpy(host, freed, 32, cudaMemcpyDeviceToHost);
      break;
    case 8:
      cudaMemcpy(data, data, 32, cudaMemcpyHostToDevice);
      break;
    case 9:
      cudaMemset(host, 0, 4);
      break;
    case 10:
      cudaMemcpyToSymbol(weights, host, 17);
      break;
    default:
      cudaFree(nullptr);
      MistakeKernel<<<1, 1>>>(99, data + 8);
      cudaMemcpy(host, data, 32, cudaMemcpyDefault);
  }
  const char* said = Outcome();
  cudaFree(data);
  return said;
}
