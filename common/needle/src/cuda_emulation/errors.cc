#include "errors.h"

#include <cstring>
#include <map>

namespace cuda_emulation {

namespace {

struct Meaning {
  cudaError_t code;
  const char* name;
  const char* words;
};

constexpr Meaning kMeanings[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
    {cudaErrorInvalidSymbol, "cudaErrorInvalidSymbol", "invalid device symbol"},
    {cudaErrorInvalidDevicePointer, "cudaErrorInvalidDevicePointer", "invalid device pointer"},
    {cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection", "invalid copy direction for memcpy"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver", "the driver is older than the runtime needs"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorNotReady, "cudaErrorNotReady", "not ready"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
    {cudaErrorLaunchTimeout, "cudaErrorLaunchTimeout", "the launch timed out and was terminated"},
    {cudaErrorAssert, "cudaErrorAssert", "device-side assert triggered"},
    {cudaErrorIllegalInstruction, "cudaErrorIllegalInstruction", "an illegal instruction was encountered"},
    {cudaErrorMisalignedAddress, "cudaErrorMisalignedAddress", "misaligned address"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
    {cudaErrorEmulatedKernel, "cudaErrorEmulatedKernel", "a kernel did what is wrong on any GPU"},
};

const Meaning& meaning(cudaError_t code) {
  static constexpr Meaning unknown = {cudaErrorUnknown, "cudaErrorUnknown", "unknown error"};
  for (const Meaning& known : kMeanings) {
    if (known.code == code) {
      return known;
    }
  }
  return unknown;
}

thread_local cudaError_t last = cudaSuccess;

/// The words stay after the error is read: whoever has its code may still ask for them.
std::map<cudaError_t, std::string>& messages() {
  thread_local std::map<cudaError_t, std::string> by_code;
  return by_code;
}

}  // namespace

cudaError_t fail(cudaError_t code, const std::string& message) {
  last = code;
  messages()[code] = message;
  return code;
}

std::string place_text(const char* file, int line) {
  const char* name = std::strrchr(file, '/');
  return std::string(name == nullptr ? file : name + 1) + ":" + std::to_string(line);
}

std::string text(const uint3& index) {
  return "(" + std::to_string(index.x) + ", " + std::to_string(index.y) + ", " + std::to_string(index.z) + ")";
}

std::string bytes_text(std::size_t bytes) {
  std::string digits = std::to_string(bytes);
  for (std::size_t place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, ",");
  }
  return digits + (bytes == 1 ? " byte" : " bytes");
}

}  // namespace cuda_emulation

const char* cudaGetErrorName(cudaError_t code) { return cuda_emulation::meaning(code).name; }

const char* cudaGetErrorString(cudaError_t code) {
  const auto known = cuda_emulation::messages().find(code);
  return known == cuda_emulation::messages().end() ? cuda_emulation::meaning(code).words : known->second.c_str();
}

cudaError_t cudaGetLastError() {
  const cudaError_t code = cuda_emulation::last;
  cuda_emulation::last = cudaSuccess;
  return code;
}

cudaError_t cudaPeekAtLastError() { return cuda_emulation::last; }
