// The CUDA calls of the host: errors, memory, the device, streams, events. Numbers are those of CUDA's documentation.
//
// A failed call keeps a message of its own for cudaGetErrorString, which names what was wrong with it. Everything is
// done when its call returns; streams and events are there for code that has them.

#pragma once

#include <chrono>
#include <cstddef>
#include <type_traits>

#include "launch.h"

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorInvalidSymbol = 13,
  cudaErrorInvalidDevicePointer = 17,
  cudaErrorInvalidMemcpyDirection = 21,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101,
  cudaErrorInvalidResourceHandle = 400,
  cudaErrorNotReady = 600,
  cudaErrorIllegalAddress = 700,
  cudaErrorLaunchTimeout = 702,
  cudaErrorAssert = 710,
  cudaErrorIllegalInstruction = 715,
  cudaErrorMisalignedAddress = 716,
  cudaErrorLaunchFailure = 719,
  cudaErrorNotSupported = 801,
  cudaErrorUnknown = 999,
  cudaErrorEmulatedKernel = 10000,  // the emulation's own: a kernel did what is wrong on any GPU
};
using cudaError = cudaError_t;

// ---- errors ----

const char* cudaGetErrorName(cudaError_t code);

/// What the last call of this host thread that failed so has to say; or what the code means.
const char* cudaGetErrorString(cudaError_t code);

/// The error since the last call of this, of this host thread.
cudaError_t cudaGetLastError();
cudaError_t cudaPeekAtLastError();

// ---- memory ----

enum cudaMemcpyKind {
  cudaMemcpyHostToHost = 0,
  cudaMemcpyHostToDevice = 1,
  cudaMemcpyDeviceToHost = 2,
  cudaMemcpyDeviceToDevice = 3,
  cudaMemcpyDefault = 4,
};
enum { cudaHostAllocDefault = 0, cudaHostAllocPortable = 1, cudaHostAllocMapped = 2, cudaMemAttachGlobal = 1 };

cudaError_t cudaMalloc(void** address, std::size_t size);
cudaError_t cudaFree(void* address);
cudaError_t cudaMallocManaged(void** address, std::size_t size, unsigned flags = cudaMemAttachGlobal);
cudaError_t cudaHostAlloc(void** address, std::size_t size, unsigned flags = cudaHostAllocDefault);
cudaError_t cudaFreeHost(void* address);
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t size, cudaMemcpyKind kind);
cudaError_t cudaMemset(void* address, int value, std::size_t size);
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total);

template <typename T>
cudaError_t cudaMalloc(T** address, std::size_t size) {
  return cudaMalloc(reinterpret_cast<void**>(address), size);
}
template <typename T>
cudaError_t cudaMallocManaged(T** address, std::size_t size, unsigned flags = cudaMemAttachGlobal) {
  return cudaMallocManaged(reinterpret_cast<void**>(address), size, flags);
}
template <typename T>
cudaError_t cudaHostAlloc(T** address, std::size_t size, unsigned flags = cudaHostAllocDefault) {
  return cudaHostAlloc(reinterpret_cast<void**>(address), size, flags);
}
template <typename T>
cudaError_t cudaMallocHost(T** address, std::size_t size) {
  return cudaHostAlloc(reinterpret_cast<void**>(address), size, cudaHostAllocDefault);
}
inline cudaError_t cudaMallocAsync(void** address, std::size_t size, cudaStream_t) { return cudaMalloc(address, size); }
inline cudaError_t cudaFreeAsync(void* address, cudaStream_t) { return cudaFree(address); }
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size, cudaMemcpyKind kind,
                                   cudaStream_t = nullptr) {
  return cudaMemcpy(to, from, size, kind);
}
inline cudaError_t cudaMemsetAsync(void* address, int value, std::size_t size, cudaStream_t = nullptr) {
  return cudaMemset(address, value, size);
}

namespace cuda_emulation {

/// Makes a `__device__` or `__constant__` variable known as memory of the device, and checks that a part lies in it.
cudaError_t copy_of_symbol(char* symbol, std::size_t symbol_size, void* to, const void* from, std::size_t size,
                           std::size_t offset, bool into_symbol);

}  // namespace cuda_emulation

template <typename T>
cudaError_t cudaMemcpyToSymbol(const T& symbol, const void* from, std::size_t size, std::size_t offset = 0,
                               cudaMemcpyKind = cudaMemcpyHostToDevice) {
  char* place = reinterpret_cast<char*>(const_cast<std::remove_cv_t<T>*>(&symbol));
  return ::cuda_emulation::copy_of_symbol(place, sizeof(T), nullptr, from, size, offset, true);
}
template <typename T>
cudaError_t cudaMemcpyFromSymbol(void* to, const T& symbol, std::size_t size, std::size_t offset = 0,
                                 cudaMemcpyKind = cudaMemcpyDeviceToHost) {
  char* place = reinterpret_cast<char*>(const_cast<std::remove_cv_t<T>*>(&symbol));
  return ::cuda_emulation::copy_of_symbol(place, sizeof(T), to, nullptr, size, offset, false);
}

// ---- the device ----

struct cudaDeviceProp {
  char name[256];
  std::size_t totalGlobalMem, sharedMemPerBlock, sharedMemPerMultiprocessor, totalConstMem;
  int regsPerBlock, warpSize, maxThreadsPerBlock, maxThreadsDim[3], maxGridSize[3], major, minor, multiProcessorCount,
      maxThreadsPerMultiProcessor, clockRate, memoryClockRate, memoryBusWidth, l2CacheSize;
};
enum cudaDeviceAttr {
  cudaDevAttrMaxThreadsPerBlock = 1,
  cudaDevAttrMaxBlockDimX = 2,
  cudaDevAttrMaxBlockDimY = 3,
  cudaDevAttrMaxBlockDimZ = 4,
  cudaDevAttrMaxGridDimX = 5,
  cudaDevAttrMaxGridDimY = 6,
  cudaDevAttrMaxGridDimZ = 7,
  cudaDevAttrMaxSharedMemoryPerBlock = 8,
  cudaDevAttrWarpSize = 10,
  cudaDevAttrMultiProcessorCount = 16,
  cudaDevAttrMaxThreadsPerMultiProcessor = 39,
  cudaDevAttrComputeCapabilityMajor = 75,
  cudaDevAttrComputeCapabilityMinor = 76,
};
struct cudaFuncAttributes {
  std::size_t sharedSizeBytes, constSizeBytes, localSizeBytes;
  int maxThreadsPerBlock, numRegs;
};

cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDevice(int* device);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device);
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaRuntimeGetVersion(int* version);

/// Every kernel runs here; how many registers it would take is not known.
template <typename Kernel>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, Kernel*) {
  *attributes = {0, 0, 0, 1024, 0};
  return cudaSuccess;
}

inline cudaError_t cudaDeviceSynchronize() { return cudaPeekAtLastError(); }
inline cudaError_t cudaDeviceReset() { return cudaSuccess; }

// ---- streams and events ----

struct CUevent_st {
  std::chrono::steady_clock::time_point time;
  bool recorded = false;
};
using cudaEvent_t = CUevent_st*;
enum { cudaStreamDefault = 0, cudaStreamNonBlocking = 1, cudaEventDefault = 0, cudaEventDisableTiming = 2 };

cudaError_t cudaStreamCreate(cudaStream_t* stream);
inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) { return cudaStreamCreate(stream); }
cudaError_t cudaStreamDestroy(cudaStream_t stream);
inline cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaPeekAtLastError(); }
inline cudaError_t cudaStreamQuery(cudaStream_t) { return cudaSuccess; }
inline cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned = 0) { return cudaSuccess; }

cudaError_t cudaEventCreate(cudaEvent_t* event);
inline cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) { return cudaEventCreate(event); }
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream = nullptr);
inline cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaPeekAtLastError(); }
inline cudaError_t cudaEventQuery(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to);

/// Nanoseconds, in place of a GPU's cycles.
inline long long clock64() { return std::chrono::steady_clock::now().time_since_epoch().count(); }
