// Asks CUDA for a GPU, and tries whether it runs code of this module: a GPU may be older than what this was compiled
// for.

#include "cuda_device.h"
#include "ndarray_backend_cuda.cuh"

namespace needle {
namespace cuda {

namespace {

__global__ void ProbeKernel() {}

std::string Words(cudaError_t code) { return std::string(cudaGetErrorName(code)) + ", " + cudaGetErrorString(code); }

std::string Ask() {
  int driver = 0;
  if (cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0) {
    return "no GPU: no NVIDIA driver is installed";
  }
  int count = 0;
  cudaError_t code = cudaGetDeviceCount(&count);
  if (code == cudaSuccess && count == 0) {
    code = cudaErrorNoDevice;
  }
  if (code != cudaSuccess) {
    return "no GPU: cudaGetDeviceCount says " + Words(code);
  }
  cudaFuncAttributes attributes;
  code = cudaFuncGetAttributes(&attributes, ProbeKernel);
  if (code != cudaSuccess) {
    return "the GPU does not run this build of the cuda device: " + Words(code) +
           " (build again with -DNEEDLE_CUDA_ARCHITECTURES=native)";
  }
  return "";
}

}  // namespace

std::string WhyDisabled() {
  const std::string reason = Ask();
  cudaGetLastError();  // answered: no later check may take it for its own
  return reason;
}

}  // namespace cuda
}  // namespace needle
