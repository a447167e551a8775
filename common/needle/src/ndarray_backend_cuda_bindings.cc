// The Python modules `ndarray_backend_cuda`, which holds the kernels of `ndarray_backend_cuda.cu`;
// `ndarray_backend_cuda_emulated`, which holds them compiled for the CPU; and `ndarray_backend_cuda_fast`, which holds
// those of `fast_cuda/`: one source, compiled with each name. What is checked before a kernel is called stands in
// `native_module.h`; every launch is checked here.
//
// The compiler of this file is the host's alone: it holds no kernel, and need not be compiled again for any GPU.

#include <memory>
#include <utility>

#include "cuda_device.h"
#include "cuda_traffic_bindings.h"
#include "native_module.h"
#include "ndarray_backend_cuda.cuh"

NEEDLE_ARRAY(needle::cuda::CudaArray)

#ifndef NEEDLE_CUDA_MODULE
#define NEEDLE_CUDA_MODULE ndarray_backend_cuda
#endif
#ifndef NEEDLE_CUDA_EMULATED
#define NEEDLE_CUDA_EMULATED 0
#endif

namespace {

using needle::cuda::Check;
using needle::cuda::CheckLaunch;
using needle::cuda::CudaArray;
using needle::cuda::ELEM_SIZE;

/// A kernel's function, followed by the check that its launch was accepted.
template <typename... Parameters>
auto launched(const char* name, void (*function)(Parameters...)) {
  return [name, function](Parameters... arguments) {
    function(std::forward<Parameters>(arguments)...);
    CheckLaunch(name);
  };
}

/// A copy in the CPU's memory, complete when this returns: CUDA waits for the kernels that were launched before.
std::unique_ptr<float[]> download(const CudaArray& array) {
  const pybind11::gil_scoped_release released;
  std::unique_ptr<float[]> elements(new float[array.size]);
  Check(cudaMemcpy(elements.get(), array.ptr, array.size * ELEM_SIZE, cudaMemcpyDeviceToHost),
        "cudaMemcpy to the host");
  return elements;
}

void upload(const float* values, CudaArray* out) {
  Check(cudaMemcpy(out->ptr, values, out->size * ELEM_SIZE, cudaMemcpyHostToDevice), "cudaMemcpy to the GPU");
}

void duplicate(const CudaArray& from, CudaArray* to) {
  Check(cudaMemcpy(to->ptr, from.ptr, from.size * ELEM_SIZE, cudaMemcpyDeviceToDevice), "cudaMemcpy on the GPU");
}

/// The sum of no elements is 0; kernels are told of reductions of at least one element only.
void ReduceSumOfAny(const CudaArray& a, CudaArray* out, size_t reduce_size) {
  if (reduce_size == 0) {
    needle::cuda::Fill(out, 0);
  } else {
    needle::cuda::ReduceSum(a, out, reduce_size);
  }
}

size_t FreeMemory() {
  size_t free = 0, total = 0;
  Check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  return free;
}

}  // namespace

PYBIND11_MODULE(NEEDLE_CUDA_MODULE, module) {
  using namespace needle::cuda;
  module.doc() = "needle's arrays on an NVIDIA GPU: flat float32 memory and the kernels that work on it";
  module.def("enabled", [] { return WhyDisabled().empty(); }, "Whether there is a GPU that runs these kernels.");
  module.def("reason", &WhyDisabled, "Why enabled() is False; empty if it is True.");
  module.def("free_memory", &FreeMemory, "How many bytes of the GPU's memory nobody has.");
  module.attr("__emulated__") = NEEDLE_CUDA_EMULATED != 0;
  needle::offer_traffic(module);
  needle::NativeModule<CudaArray> native(module, "cuda", TILE);

  native.to_numpy(download);
  native.from_numpy(upload);
  native.fill(launched("fill", Fill));
  native.compact(launched("compact", Compact));
  native.ewise_setitem(launched("ewise_setitem", EwiseSetitem), duplicate);
  native.scalar_setitem(launched("scalar_setitem", ScalarSetitem));

  const auto binary = [&](const char* name, auto* function) { native.binary(name, launched(name, function)); };
  const auto scalar = [&](const char* name, auto* function) { native.scalar(name, launched(name, function)); };
  const auto unary = [&](const char* name, auto* function) { native.unary(name, launched(name, function)); };
  binary("ewise_add", EwiseAdd);
  scalar("scalar_add", ScalarAdd);
  binary("ewise_mul", EwiseMul);
  scalar("scalar_mul", ScalarMul);
  binary("ewise_div", EwiseDiv);
  scalar("scalar_div", ScalarDiv);
  scalar("scalar_power", ScalarPower);
  binary("ewise_maximum", EwiseMaximum);
  scalar("scalar_maximum", ScalarMaximum);
  binary("ewise_eq", EwiseEq);
  scalar("scalar_eq", ScalarEq);
  binary("ewise_ge", EwiseGe);
  scalar("scalar_ge", ScalarGe);
  unary("ewise_log", EwiseLog);
  unary("ewise_exp", EwiseExp);
  unary("ewise_tanh", EwiseTanh);

  native.matmul("matmul", launched("matmul", Matmul));
  native.reduction("reduce_max", launched("reduce_max", ReduceMax), false);
  native.reduction("reduce_sum", launched("reduce_sum", ReduceSumOfAny), true);
}
