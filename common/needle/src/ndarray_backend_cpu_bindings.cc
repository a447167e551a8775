// The Python module `ndarray_backend_cpu`: the kernels of `ndarray_backend_cpu.cc`, by the names that Python calls
// them. What is checked before a kernel is called, and which errors a wrong call raises, stands in `native_module.h`.

#include <algorithm>

#include "native_module.h"
#include "ndarray_backend_cpu.h"

NEEDLE_ARRAY(needle::cpu::AlignedArray)

namespace {

using needle::cpu::AlignedArray;

/// The memory of an array is the CPU's own.
struct Borrowed {
  const float* memory;
  const float* get() const { return memory; }
};

Borrowed host(const AlignedArray& array) { return {array.ptr}; }
void load(const float* values, AlignedArray* out) { std::copy_n(values, out->size, out->ptr); }
void copy(const AlignedArray& from, AlignedArray* to) { std::copy_n(from.ptr, from.size, to->ptr); }

}  // namespace

PYBIND11_MODULE(ndarray_backend_cpu, module) {
  using namespace needle::cpu;
  module.doc() = "needle's arrays on the CPU: flat float32 memory and the kernels that students write";
  needle::NativeModule<AlignedArray> native(module, "cpu", TILE);

  native.to_numpy(host);
  native.from_numpy(load);
  native.fill(Fill);
  native.compact(Compact);
  native.ewise_setitem(EwiseSetitem, copy);
  native.scalar_setitem(ScalarSetitem);

  native.binary("ewise_add", EwiseAdd);
  native.scalar("scalar_add", ScalarAdd);
  native.binary("ewise_mul", EwiseMul);
  native.scalar("scalar_mul", ScalarMul);
  native.binary("ewise_div", EwiseDiv);
  native.scalar("scalar_div", ScalarDiv);
  native.scalar("scalar_power", ScalarPower);
  native.binary("ewise_maximum", EwiseMaximum);
  native.scalar("scalar_maximum", ScalarMaximum);
  native.binary("ewise_eq", EwiseEq);
  native.scalar("scalar_eq", ScalarEq);
  native.binary("ewise_ge", EwiseGe);
  native.scalar("scalar_ge", ScalarGe);
  native.unary("ewise_log", EwiseLog);
  native.unary("ewise_exp", EwiseExp);
  native.unary("ewise_tanh", EwiseTanh);

  native.matmul("matmul", Matmul);
  native.matmul("matmul_tiled", MatmulTiled, TILE);
  native.reduction("reduce_max", ReduceMax, false);
  native.reduction("reduce_sum", ReduceSum, true);
}
