// GPU memory from CUDA's own pool: what an array gives back serves the next one of its size, without a call to the
// driver and without waiting for kernels that still run, since the pool knows their order on the stream. New elements
// hold anything.

#include <cstdint>
#include <new>

#include "../ndarray_backend_cuda.cuh"

namespace needle {
namespace cuda {

namespace {

/// The pool of the GPU, told to keep what is given back; nullptr if the GPU has none.
cudaMemPool_t Pool() {
  static const cudaMemPool_t pool = [] {
    int supported = 0;
    Check(cudaDeviceGetAttribute(&supported, cudaDevAttrMemoryPoolsSupported, 0), "cudaDeviceGetAttribute");
    cudaMemPool_t found = nullptr;
    if (supported != 0) {
      Check(cudaDeviceGetDefaultMemPool(&found, 0), "cudaDeviceGetDefaultMemPool");
      uint64_t kept = UINT64_MAX;
      Check(cudaMemPoolSetAttribute(found, cudaMemPoolAttrReleaseThreshold, &kept), "cudaMemPoolSetAttribute");
    }
    return found;
  }();
  return pool;
}

cudaError_t Allocate(void** ptr, size_t bytes) {
  return Pool() != nullptr ? cudaMallocAsync(ptr, bytes, nullptr) : cudaMalloc(ptr, bytes);
}

}  // namespace

scalar_t* AllocateOnGpu(size_t size) {
  if (size == 0) {
    return nullptr;
  }
  if (size > PTRDIFF_MAX / ELEM_SIZE) {
    throw std::bad_alloc();
  }
  void* ptr = nullptr;
  cudaError_t code = Allocate(&ptr, size * ELEM_SIZE);
  if (code == cudaErrorMemoryAllocation && Pool() != nullptr) {
    // What the pool keeps may be in pieces too small: give all of it back, and ask again.
    cudaGetLastError();
    Check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    Check(cudaMemPoolTrimTo(Pool(), 0), "cudaMemPoolTrimTo");
    code = Allocate(&ptr, size * ELEM_SIZE);
  }
  if (code == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // told by the exception: the next check must not find it again
    throw std::bad_alloc();
  }
  Check(code, "allocating memory on the GPU");
  return static_cast<scalar_t*>(ptr);
}

// A failure here is one that an earlier call has left behind; the next call that can throw tells of it.
void FreeOnGpu(scalar_t* ptr) noexcept {
  if (ptr != nullptr) {
    static_cast<void>(Pool() != nullptr ? cudaFreeAsync(ptr, nullptr) : cudaFree(ptr));
  }
}

}  // namespace cuda
}  // namespace needle
