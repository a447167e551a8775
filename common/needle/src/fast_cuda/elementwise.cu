// The elementwise operations, four elements a thread: they do next to nothing with a number, so what counts is memory,
// and it is read and written fastest 16 bytes at a time. Arrays begin at multiples of 256 bytes, so vectors of 4 are
// aligned.

#include <cmath>
#include <limits>

#include "device.cuh"

namespace needle {
namespace cuda {

namespace {

__device__ float4 Load(const scalar_t* a, size_t vector) { return reinterpret_cast<const float4*>(a)[vector]; }
__device__ void Store(scalar_t* out, size_t vector, float4 value) { reinterpret_cast<float4*>(out)[vector] = value; }

// In these kernels the first threads also see to the up to three elements behind the last vector.

template <typename Function>
__global__ void MapKernel(const scalar_t* a, scalar_t* out, size_t size, Function f) {
  const size_t thread = GlobalThread(), vectors = size / 4, last = vectors * 4 + thread;
  if (thread < vectors) {
    const float4 x = Load(a, thread);
    Store(out, thread, make_float4(f(x.x), f(x.y), f(x.z), f(x.w)));
  }
  if (last < size) {
    out[last] = f(a[last]);
  }
}

template <typename Function>
__global__ void ZipKernel(const scalar_t* a, const scalar_t* b, scalar_t* out, size_t size, Function f) {
  const size_t thread = GlobalThread(), vectors = size / 4, last = vectors * 4 + thread;
  if (thread < vectors) {
    const float4 x = Load(a, thread), y = Load(b, thread);
    Store(out, thread, make_float4(f(x.x, y.x), f(x.y, y.y), f(x.z, y.z), f(x.w, y.w)));
  }
  if (last < size) {
    out[last] = f(a[last], b[last]);
  }
}

__global__ void FillKernel(scalar_t* out, size_t size, scalar_t val) {
  const size_t thread = GlobalThread(), vectors = size / 4, last = vectors * 4 + thread;
  if (thread < vectors) {
    Store(out, thread, make_float4(val, val, val, val));
  }
  if (last < size) {
    out[last] = val;
  }
}

template <typename Function>
void Map(const CudaArray& a, CudaArray* out, Function f) {
  const CudaDims dims = CudaOneDim(CeilDivide(out->size, 4));
  MapKernel<<<dims.grid, dims.block>>>(a.ptr, out->ptr, out->size, f);
}

template <typename Function>
void Zip(const CudaArray& a, const CudaArray& b, CudaArray* out, Function f) {
  const CudaDims dims = CudaOneDim(CeilDivide(out->size, 4));
  ZipKernel<<<dims.grid, dims.block>>>(a.ptr, b.ptr, out->ptr, out->size, f);
}

}  // namespace

void Fill(CudaArray* out, scalar_t val) {
  const CudaDims dims = CudaOneDim(CeilDivide(out->size, 4));
  FillKernel<<<dims.grid, dims.block>>>(out->ptr, out->size, val);
}

void EwiseAdd(const CudaArray& a, const CudaArray& b, CudaArray* out) {
  Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return x + y; });
}

void ScalarAdd(const CudaArray& a, scalar_t val, CudaArray* out) {
  Map(a, out, [val] __device__(scalar_t x) { return x + val; });
}

void EwiseMul(const CudaArray& a, const CudaArray& b, CudaArray* out) {
  Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return x * y; });
}

void ScalarMul(const CudaArray& a, scalar_t val, CudaArray* out) {
  Map(a, out, [val] __device__(scalar_t x) { return x * val; });
}

void EwiseDiv(const CudaArray& a, const CudaArray& b, CudaArray* out) {
  Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return x / y; });
}

void ScalarDiv(const CudaArray& a, scalar_t val, CudaArray* out) {
  Map(a, out, [val] __device__(scalar_t x) { return x / val; });
}

// powf is the one function here that takes longer than memory does, so the powers that training asks for are done
// without.
void ScalarPower(const CudaArray& a, scalar_t val, CudaArray* out) {
  if (val == 2.0f) {
    Map(a, out, [] __device__(scalar_t x) { return x * x; });
  } else if (val == -1.0f) {
    Map(a, out, [] __device__(scalar_t x) { return 1.0f / x; });
  } else if (val == 0.5f) {
    // As powf has it, unlike sqrtf: (-0)^0.5 is 0, and (-infinity)^0.5 is infinity.
    constexpr scalar_t infinity = std::numeric_limits<scalar_t>::infinity();
    Map(a, out, [] __device__(scalar_t x) { return x == -infinity ? infinity : sqrtf(x + 0.0f); });
  } else {
    Map(a, out, [val] __device__(scalar_t x) { return powf(x, val); });
  }
}

void EwiseMaximum(const CudaArray& a, const CudaArray& b, CudaArray* out) {
  Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return x >= y || isnan(x) ? x : y; });
}

void ScalarMaximum(const CudaArray& a, scalar_t val, CudaArray* out) {
  Map(a, out, [val] __device__(scalar_t x) { return x >= val || isnan(x) ? x : val; });
}

void EwiseEq(const CudaArray& a, const CudaArray& b, CudaArray* out) {
  Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return x == y ? 1.0f : 0.0f; });
}

void ScalarEq(const CudaArray& a, scalar_t val, CudaArray* out) {
  Map(a, out, [val] __device__(scalar_t x) { return x == val ? 1.0f : 0.0f; });
}

void EwiseGe(const CudaArray& a, const CudaArray& b, CudaArray* out) {
  Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return x >= y ? 1.0f : 0.0f; });
}

void ScalarGe(const CudaArray& a, scalar_t val, CudaArray* out) {
  Map(a, out, [val] __device__(scalar_t x) { return x >= val ? 1.0f : 0.0f; });
}

void EwiseLog(const CudaArray& a, CudaArray* out) {
  Map(a, out, [] __device__(scalar_t x) { return logf(x); });
}

void EwiseExp(const CudaArray& a, CudaArray* out) {
  Map(a, out, [] __device__(scalar_t x) { return expf(x); });
}

void EwiseTanh(const CudaArray& a, CudaArray* out) {
  Map(a, out, [] __device__(scalar_t x) { return tanhf(x); });
}

}  // namespace cuda
}  // namespace needle
