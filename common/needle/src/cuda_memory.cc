// The GPU memory of the cuda device, as plainly as CUDA gives it.

#include <cstdint>
#include <new>

#include "ndarray_backend_cuda.cuh"

namespace needle {
namespace cuda {

// New elements are NaN. What earlier arrays left in the memory may be right by chance, and a kernel that forgets to
// write an element would then be wrong only now and then; like this it is wrong every time.
scalar_t* AllocateOnGpu(size_t size) {
  if (size == 0) {
    return nullptr;
  }
  if (size > PTRDIFF_MAX / ELEM_SIZE) {
    throw std::bad_alloc();
  }
  void* ptr = nullptr;
  const cudaError_t code = cudaMalloc(&ptr, size * ELEM_SIZE);
  if (code == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // told by the exception: the next check must not find it again
    throw std::bad_alloc();
  }
  Check(code, "cudaMalloc");
  const cudaError_t set = cudaMemset(ptr, 0xff, size * ELEM_SIZE);  // all bits set: NaN
  if (set != cudaSuccess) {
    FreeOnGpu(static_cast<scalar_t*>(ptr));
    Check(set, "cudaMemset of a new array");
  }
  return static_cast<scalar_t*>(ptr);
}

// A failure here is one that an earlier call has left behind; the next call that can throw tells of it.
void FreeOnGpu(scalar_t* ptr) noexcept { static_cast<void>(cudaFree(ptr)); }

}  // namespace cuda
}  // namespace needle
