// What a file of CUDA kernels for the NDArray stands on: arrays on the GPU, launch sizes, shapes inside kernels,
// errors.
//
// The functions declared at the end are the device's operations. `ndarray_backend_cuda.cu` defines them, and
// `ndarray_backend_cuda_bindings.cc` offers them to Python: it checks every argument before and every launch after, so
// kernels can rely on what is said here, and nobody needs to check a launch.

#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "not_implemented.h"

namespace needle {

/// What stands in a function for the GPU until a student has written it. A GPU cannot throw: there, the first thread
/// prints what is missing, and the array stays as it was, NaN. Emulated on the CPU it throws NotImplemented.
#if defined(__CUDA_ARCH__)
__device__ inline void NotImplementedOnDevice(const char* what) {
  if (threadIdx.x + threadIdx.y + threadIdx.z + blockIdx.x + blockIdx.y + blockIdx.z == 0) {
    printf("not implemented: %s\n", what);
  }
}
#else
__host__ __device__ inline void NotImplementedOnDevice(const char* what) { throw NotImplemented(what); }
#endif

namespace cuda {

using scalar_t = float;

constexpr size_t ELEM_SIZE = sizeof(scalar_t);
constexpr int BASE_THREAD_NUM = 256;  // threads in a block of a one-dimensional launch
constexpr int TILE = 4;               // a thread of a register-tiled matmul computes TILE x TILE elements
constexpr int MAX_VEC_SIZE = 8;       // the most dimensions that an array on this device can have

// ---- errors ----

/// A failed CUDA call or kernel. Reaches Python as RuntimeError; the message begins with the error's name.
class CudaError : public std::runtime_error {
 public:
  CudaError(cudaError_t code, const std::string& what)
      : std::runtime_error(std::string(cudaGetErrorName(code)) + " in " + what + ": " + cudaGetErrorString(code) +
                           hint(code)) {}

 private:
  static const char* hint(cudaError_t code) {
    switch (code) {
      case cudaErrorNoDevice:
      case cudaErrorInsufficientDriver:
        return " (the cuda device is not enabled here; its reason() says why)";
      case cudaErrorAssert:
      case cudaErrorIllegalAddress:
      case cudaErrorIllegalInstruction:
      case cudaErrorLaunchFailure:
      case cudaErrorLaunchTimeout:
      case cudaErrorMisalignedAddress:
        // CUDA tells of a kernel's failure when it comes to it, which may be calls later, and then for good.
        return " (a kernel launched here or earlier did it, and this process has lost the GPU: start Python again, "
               "with "
               "CUDA_LAUNCH_BLOCKING=1 to see which kernel)";
      default:
        return "";
    }
  }
};

/// Throws CudaError unless the call that returned `code` went well. `what` says which: "cudaMemcpy to the host".
inline void Check(cudaError_t code, const std::string& what) {
  if (code != cudaSuccess) {
    cudaGetLastError();  // CUDA remembers the error until it is read: the next check must not find this one
    throw CudaError(code, what);
  }
}

/// Throws CudaError if a launch since the last check was refused, or an earlier kernel is known to have failed.
inline void CheckLaunch(const std::string& name) { Check(cudaGetLastError(), name); }

// ---- arrays ----

/// Memory for `size` elements on the GPU; nullptr for none.
///
/// Throws std::bad_alloc, which reaches Python as MemoryError: if the GPU has not that much left. CudaError: if there
/// is no GPU, or it has failed.
scalar_t* AllocateOnGpu(size_t size);

/// Gives back what AllocateOnGpu returned.
void FreeOnGpu(scalar_t* ptr) noexcept;

/// `size` float32 numbers on the GPU, all NaN at first, freed with this object. The host cannot follow `ptr`; kernels
/// can.
class CudaArray {
 public:
  explicit CudaArray(size_t size) : ptr(AllocateOnGpu(size)), size(size) {}
  ~CudaArray() { FreeOnGpu(ptr); }
  CudaArray(const CudaArray&) = delete;
  CudaArray& operator=(const CudaArray&) = delete;

  scalar_t* const ptr;
  const size_t size;
};

// ---- launches ----

struct CudaDims {
  dim3 block, grid;
};

/// At least one thread for each of `size` elements: ceil(size / 256) blocks of 256 threads, and one block for size 0.
///
/// size 1000 -> 4 blocks, 1024 threads: threads 1000 to 1023 have no element, and must not touch memory.
inline CudaDims CudaOneDim(size_t size) {
  const size_t blocks = size == 0 ? 1 : (size - 1) / BASE_THREAD_NUM + 1;
  if (blocks > 0x7fffffff) {
    throw std::invalid_argument("an array of " + std::to_string(size) +
                                " elements needs more blocks than a launch can have, 2^31 - 1");
  }
  CudaDims dims;
  dims.block = dim3(BASE_THREAD_NUM, 1, 1);
  dims.grid = dim3(static_cast<unsigned>(blocks), 1, 1);
  return dims;
}

/// A shape or strides, as a kernel can take it: by value, since the host's std::vector is out of a kernel's reach.
struct CudaVec {
  uint32_t size;
  int32_t data[MAX_VEC_SIZE];
};

/// {2, 3} -> size 2, data {2, 3}. Throws std::invalid_argument: if there are more than 8.
inline CudaVec VecToCuda(const std::vector<int32_t>& values) {
  if (values.size() > static_cast<size_t>(MAX_VEC_SIZE)) {
    throw std::invalid_argument("the cuda device has arrays of at most " + std::to_string(MAX_VEC_SIZE) +
                                " dimensions, not " + std::to_string(values.size()) + ": reshape it, or use cpu()");
  }
  CudaVec vec{};
  vec.size = static_cast<uint32_t>(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    vec.data[i] = values[i];
  }
  return vec;
}

// ---- the device's operations ----
//
// Checked before they are called: sizes fit together, and shape, strides (in elements, 0 and negative ones included)
// and offset stay inside their array, which is another than the one that is read. `out` may be `a` or `b` in the
// elementwise ones. Arrays may have no elements.

void Fill(CudaArray* out, scalar_t val);

void Compact(const CudaArray& a, CudaArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
             size_t offset);
void EwiseSetitem(const CudaArray& a, CudaArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
                  size_t offset);
void ScalarSetitem(size_t size, scalar_t val, CudaArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
                   size_t offset);

void EwiseAdd(const CudaArray& a, const CudaArray& b, CudaArray* out);
void ScalarAdd(const CudaArray& a, scalar_t val, CudaArray* out);
void EwiseMul(const CudaArray& a, const CudaArray& b, CudaArray* out);
void ScalarMul(const CudaArray& a, scalar_t val, CudaArray* out);
void EwiseDiv(const CudaArray& a, const CudaArray& b, CudaArray* out);
void ScalarDiv(const CudaArray& a, scalar_t val, CudaArray* out);
void ScalarPower(const CudaArray& a, scalar_t val, CudaArray* out);
void EwiseMaximum(const CudaArray& a, const CudaArray& b, CudaArray* out);
void ScalarMaximum(const CudaArray& a, scalar_t val, CudaArray* out);
void EwiseEq(const CudaArray& a, const CudaArray& b, CudaArray* out);
void ScalarEq(const CudaArray& a, scalar_t val, CudaArray* out);
void EwiseGe(const CudaArray& a, const CudaArray& b, CudaArray* out);
void ScalarGe(const CudaArray& a, scalar_t val, CudaArray* out);
void EwiseLog(const CudaArray& a, CudaArray* out);
void EwiseExp(const CudaArray& a, CudaArray* out);
void EwiseTanh(const CudaArray& a, CudaArray* out);

/// out (M, P) = a (M, N) @ b (N, P), all compact.
void Matmul(const CudaArray& a, const CudaArray& b, CudaArray* out, uint32_t M, uint32_t N, uint32_t P);

/// out[i] = the largest of, or the sum of, a[i * reduce_size] ... a[(i + 1) * reduce_size - 1]; reduce_size is at
/// least 1.
void ReduceMax(const CudaArray& a, CudaArray* out, size_t reduce_size);
void ReduceSum(const CudaArray& a, CudaArray* out, size_t reduce_size);

}  // namespace cuda
}  // namespace needle
