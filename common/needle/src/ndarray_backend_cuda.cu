// hw3: the kernels of the NDArray's CUDA device. You fill the solution blocks; `make lib` builds it where nvcc is.
//
// An operation here is a function that runs on the host, such as EwiseAdd, and a kernel that it launches on the GPU,
// such as EwiseAddKernel. Arrays are flat, `out` is written whole, and every argument is already checked: which sizes
// and strides can come, and the types used here, is said in ndarray_backend_cuda.cuh. Kernels, structures and
// `__device__` functions of your own are welcome above the function that needs them.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ndarray_backend_cuda.cuh"
#include "not_implemented.h"

namespace needle {
namespace cuda {

// ---- given: three operations as examples ----

/// Which of all threads of a one-dimensional launch this is: 0, 1, 2, ...
__device__ inline size_t GlobalIndex() { return static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; }

__global__ void FillKernel(scalar_t* out, scalar_t val, size_t size) {
  const size_t gid = GlobalIndex();
  if (gid < size) out[gid] = val;
}

void Fill(CudaArray* out, scalar_t val) {
  const CudaDims dim = CudaOneDim(out->size);
  FillKernel<<<dim.grid, dim.block>>>(out->ptr, val, out->size);
}

__global__ void EwiseAddKernel(const scalar_t* a, const scalar_t* b, scalar_t* out, size_t size) {
  const size_t gid = GlobalIndex();
  if (gid < size) out[gid] = a[gid] + b[gid];
}

void EwiseAdd(const CudaArray& a, const CudaArray& b, CudaArray* out) {
  const CudaDims dim = CudaOneDim(out->size);
  EwiseAddKernel<<<dim.grid, dim.block>>>(a.ptr, b.ptr, out->ptr, out->size);
}

__global__ void ScalarAddKernel(const scalar_t* a, scalar_t val, scalar_t* out, size_t size) {
  const size_t gid = GlobalIndex();
  if (gid < size) out[gid] = a[gid] + val;
}

void ScalarAdd(const CudaArray& a, scalar_t val, CudaArray* out) {
  const CudaDims dim = CudaOneDim(out->size);
  ScalarAddKernel<<<dim.grid, dim.block>>>(a.ptr, val, out->ptr, out->size);
}

// ---- strided views: compact and setitem ----
//
// A view of an array is a shape, strides and an offset: its element (i, j, k) lies at
// offset + i * strides[0] + j * strides[1] + k * strides[2] in memory. The elements of a view are counted row by row,
// the last index fastest; a view of shape (2, 3) has, in this order, (0,0) (0,1) (0,2) (1,0) (1,1) (1,2).

/// Where in memory the element number `index` of a view lies.
///
/// shape {2, 3}, strides {1, 2}, offset 10 (a transposed matrix): index 4 is element (1, 1), at 10 + 1*1 + 1*2 = 13.
__device__ size_t ViewPosition(size_t index, const CudaVec& shape, const CudaVec& strides, size_t offset) {
  int64_t position = offset;
  /// BEGIN SOLUTION
  for (int axis = static_cast<int>(shape.size) - 1; axis >= 0; --axis) {
    position += static_cast<int64_t>(index % shape.data[axis]) * strides.data[axis];
    index /= shape.data[axis];
  }
  /// END SOLUTION
  return static_cast<size_t>(position);
}

/// out[index] = the element number `index` of a view of `a`. A thread each.
///
/// size: the number of elements of the view, and of `out`
__global__ void CompactKernel(const scalar_t* a, scalar_t* out, size_t size, CudaVec shape, CudaVec strides,
                              size_t offset) {
  /// BEGIN SOLUTION
  const size_t element = GlobalIndex();
  if (element < size) {
    out[element] = a[ViewPosition(element, shape, strides, offset)];
  }
  /// END SOLUTION
}

/// Copies a view of `a` into `out`, row by row without gaps: launches CompactKernel. `VecToCuda` makes a CudaVec.
void Compact(const CudaArray& a, CudaArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
             size_t offset) {
  /// BEGIN SOLUTION
  CudaDims launch = CudaOneDim(out->size);
  CompactKernel<<<launch.grid, launch.block>>>(a.ptr, out->ptr, out->size, VecToCuda(shape), VecToCuda(strides),
                                               offset);
  /// END SOLUTION
}

/// The element number `index` of a view of `out` = a[index].
///
/// size: the number of elements of the view, and of `a`
__global__ void EwiseSetitemKernel(const scalar_t* a, scalar_t* out, size_t size, CudaVec shape, CudaVec strides,
                                   size_t offset) {
  /// BEGIN SOLUTION
  const size_t element = GlobalIndex();
  if (element < size) {
    out[ViewPosition(element, shape, strides, offset)] = a[element];
  }
  /// END SOLUTION
}

/// Copies the compact array `a` into a view of `out`. The rest of `out` stays as it is.
void EwiseSetitem(const CudaArray& a, CudaArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
                  size_t offset) {
  /// BEGIN SOLUTION
  CudaDims launch = CudaOneDim(a.size);
  EwiseSetitemKernel<<<launch.grid, launch.block>>>(a.ptr, out->ptr, a.size, VecToCuda(shape), VecToCuda(strides),
                                                    offset);
  /// END SOLUTION
}

/// Every element of a view of `out` = val.
///
/// size: the number of elements of the view
__global__ void ScalarSetitemKernel(size_t size, scalar_t val, scalar_t* out, CudaVec shape, CudaVec strides,
                                    size_t offset) {
  /// BEGIN SOLUTION
  const size_t element = GlobalIndex();
  if (element < size) {
    out[ViewPosition(element, shape, strides, offset)] = val;
  }
  /// END SOLUTION
}

/// Sets every element of a view of `out` to `val`. The view has `size` elements; `out` has its own out->size.
void ScalarSetitem(size_t size, scalar_t val, CudaArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
                   size_t offset) {
  /// BEGIN SOLUTION
  CudaDims launch = CudaOneDim(size);
  ScalarSetitemKernel<<<launch.grid, launch.block>>>(size, val, out->ptr, VecToCuda(shape), VecToCuda(strides), offset);
  /// END SOLUTION
}

// ---- elementwise: one kernel for a whole family ----
//
// Fourteen operations do the same with another function of one or two numbers. So the function becomes a parameter of
// two kernels, and each operation passes its own as a lambda. `__device__` says that the lambda runs on the GPU; what
// it names in its brackets is copied along. The square root of every element, and the distance of every element from
// val:
//
//     Map(a, out, [] __device__(scalar_t x) { return sqrtf(x); });
//     Map(a, out, [val] __device__(scalar_t x) { return fabsf(x - val); });

/// out[index] = function(a[index])
template <typename Function>
__global__ void MapKernel(const scalar_t* a, scalar_t* out, size_t size, Function function) {
  /// BEGIN SOLUTION
  const size_t place = GlobalIndex();
  if (place < size) {
    out[place] = function(a[place]);
  }
  /// END SOLUTION
}

/// out[index] = function(a[index], b[index])
template <typename Function>
__global__ void ZipKernel(const scalar_t* a, const scalar_t* b, scalar_t* out, size_t size, Function function) {
  /// BEGIN SOLUTION
  const size_t place = GlobalIndex();
  if (place < size) {
    out[place] = function(a[place], b[place]);
  }
  /// END SOLUTION
}

template <typename Function>
void Map(const CudaArray& a, CudaArray* out, Function function) {
  const CudaDims dim = CudaOneDim(out->size);
  MapKernel<<<dim.grid, dim.block>>>(a.ptr, out->ptr, out->size, function);
}

template <typename Function>
void Zip(const CudaArray& a, const CudaArray& b, CudaArray* out, Function function) {
  const CudaDims dim = CudaOneDim(out->size);
  ZipKernel<<<dim.grid, dim.block>>>(a.ptr, b.ptr, out->ptr, out->size, function);
}

/// out[i] = a[i] * b[i]
void EwiseMul(const CudaArray& a, const CudaArray& b, CudaArray* out) {
  /// BEGIN SOLUTION
  Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return x * y; });
  /// END SOLUTION
}

/// out[i] = a[i] * val
void ScalarMul(const CudaArray& a, scalar_t val, CudaArray* out) {
  /// BEGIN SOLUTION
  Map(a, out, [val] __device__(scalar_t x) { return x * val; });
  /// END SOLUTION
}

/// out[i] = a[i] / b[i]
void EwiseDiv(const CudaArray& a, const CudaArray& b, CudaArray* out) {
  /// BEGIN SOLUTION
  Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return x / y; });
  /// END SOLUTION
}

/// out[i] = a[i] / val
void ScalarDiv(const CudaArray& a, scalar_t val, CudaArray* out) {
  /// BEGIN SOLUTION
  Map(a, out, [val] __device__(scalar_t x) { return x / val; });
  /// END SOLUTION
}

/// out[i] = a[i] to the power of val
void ScalarPower(const CudaArray& a, scalar_t val, CudaArray* out) {
  /// BEGIN SOLUTION
  Map(a, out, [val] __device__(scalar_t x) { return powf(x, val); });
  /// END SOLUTION
}

/// out[i] = the larger of a[i] and b[i], and NaN where one of them is NaN, as in NumPy
void EwiseMaximum(const CudaArray& a, const CudaArray& b, CudaArray* out) {
  /// BEGIN SOLUTION
  Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return x >= y || isnan(x) ? x : y; });
  /// END SOLUTION
}

/// out[i] = the larger of a[i] and val, and NaN where one of them is NaN
void ScalarMaximum(const CudaArray& a, scalar_t val, CudaArray* out) {
  /// BEGIN SOLUTION
  Map(a, out, [val] __device__(scalar_t x) { return x >= val || isnan(x) ? x : val; });
  /// END SOLUTION
}

/// out[i] = 1 if a[i] equals b[i], else 0
void EwiseEq(const CudaArray& a, const CudaArray& b, CudaArray* out) {
  /// BEGIN SOLUTION
  Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return static_cast<scalar_t>(x == y); });
  /// END SOLUTION
}

/// out[i] = 1 if a[i] equals val, else 0
void ScalarEq(const CudaArray& a, scalar_t val, CudaArray* out) {
  /// BEGIN SOLUTION
  Map(a, out, [val] __device__(scalar_t x) { return static_cast<scalar_t>(x == val); });
  /// END SOLUTION
}

/// out[i] = 1 if a[i] is at least b[i], else 0
void EwiseGe(const CudaArray& a, const CudaArray& b, CudaArray* out) {
  /// BEGIN SOLUTION
  Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return static_cast<scalar_t>(x >= y); });
  /// END SOLUTION
}

/// out[i] = 1 if a[i] is at least val, else 0
void ScalarGe(const CudaArray& a, scalar_t val, CudaArray* out) {
  /// BEGIN SOLUTION
  Map(a, out, [val] __device__(scalar_t x) { return static_cast<scalar_t>(x >= val); });
  /// END SOLUTION
}

/// out[i] = the natural logarithm of a[i]
void EwiseLog(const CudaArray& a, CudaArray* out) {
  /// BEGIN SOLUTION
  Map(a, out, [] __device__(scalar_t x) { return logf(x); });
  /// END SOLUTION
}

/// out[i] = e to the power of a[i]
void EwiseExp(const CudaArray& a, CudaArray* out) {
  /// BEGIN SOLUTION
  Map(a, out, [] __device__(scalar_t x) { return expf(x); });
  /// END SOLUTION
}

/// out[i] = the hyperbolic tangent of a[i]
void EwiseTanh(const CudaArray& a, CudaArray* out) {
  /// BEGIN SOLUTION
  Map(a, out, [] __device__(scalar_t x) { return tanhf(x); });
  /// END SOLUTION
}

// ---- matrix multiplication ----

/// out (M, P) = a (M, N) @ b (N, P), all row by row. M, N and P can be anything, 0 and 1 included.
///
/// A thread for each element of `out` will do. Faster: a block loads tiles of `a` and `b` into shared memory, where all
/// its threads use them (`__syncthreads()` between loading and using, and again before loading the next); and a thread
/// computes TILE x TILE elements, so that a number it has read is used TILE times.
__global__ void MatmulKernel(const scalar_t* a, const scalar_t* b, scalar_t* out, uint32_t M, uint32_t N, uint32_t P) {
  /// BEGIN SOLUTION
  // A block of SIDE x SIDE threads computes WIDTH x WIDTH elements: thread (tx, ty) those in the rows ty, ty + SIDE,
  // ... and the columns tx, tx + SIDE, ... of the block, so that threads side by side touch memory side by side.
  constexpr uint32_t SIDE = 16, WIDTH = SIDE * TILE;
  __shared__ scalar_t a_tile[WIDTH][SIDE];
  __shared__ scalar_t b_tile[SIDE][WIDTH];
  const uint32_t tx = threadIdx.x, ty = threadIdx.y;
  const uint32_t blocks_across = (P + WIDTH - 1) / WIDTH;
  const size_t top = static_cast<size_t>(blockIdx.x / blocks_across) * WIDTH + ty;
  const size_t left = static_cast<size_t>(blockIdx.x % blocks_across) * WIDTH + tx;
  scalar_t sums[TILE][TILE] = {};
  for (size_t start = 0; start < N; start += SIDE) {
    // What lies beyond a matrix counts as zero.
    for (uint32_t i = 0; i < TILE; ++i) {
      const size_t a_row = top + i * SIDE, a_column = start + tx;
      const size_t b_row = start + ty, b_column = left + i * SIDE;
      a_tile[ty + i * SIDE][tx] = a_row < M && a_column < N ? a[a_row * N + a_column] : 0;
      b_tile[ty][tx + i * SIDE] = b_row < N && b_column < P ? b[b_row * P + b_column] : 0;
    }
    __syncthreads();
    for (uint32_t k = 0; k < SIDE; ++k) {
      scalar_t a_values[TILE], b_values[TILE];
      for (uint32_t i = 0; i < TILE; ++i) {
        a_values[i] = a_tile[ty + i * SIDE][k];
        b_values[i] = b_tile[k][tx + i * SIDE];
      }
      for (uint32_t i = 0; i < TILE; ++i) {
        for (uint32_t j = 0; j < TILE; ++j) {
          sums[i][j] += a_values[i] * b_values[j];
        }
      }
    }
    __syncthreads();
  }
  for (uint32_t i = 0; i < TILE; ++i) {
    for (uint32_t j = 0; j < TILE; ++j) {
      const size_t row = top + i * SIDE, column = left + j * SIDE;
      if (row < M && column < P) {
        out[row * P + column] = sums[i][j];
      }
    }
  }
  /// END SOLUTION
}

/// Launches MatmulKernel. A block has at most 1,024 threads; a grid has at least one block, and at most 2^31 - 1 in x
/// but only 65,535 in y. The size of `out` is M * P.
void Matmul(const CudaArray& a, const CudaArray& b, CudaArray* out, uint32_t M, uint32_t N, uint32_t P) {
  /// BEGIN SOLUTION
  if (out->size == 0) {
    return;
  }
  // The blocks stand in one row, since M or P may need more than a grid can have in y.
  const size_t width = 16 * TILE;
  const size_t blocks = (M + width - 1) / width * ((P + width - 1) / width);
  MatmulKernel<<<static_cast<uint32_t>(blocks), dim3(16, 16)>>>(a.ptr, b.ptr, out->ptr, M, N, P);
  /// END SOLUTION
}

// ---- reductions ----

/// out[index] = all of a[index * reduce_size] ... a[index * reduce_size + reduce_size - 1] combined, from left to
/// right, by `function` of two numbers: the sum of all by x + y, the largest by the larger of x and y.
///
/// size: the number of elements of `out`; a thread for each will do. reduce_size: at least 1
template <typename Function>
__global__ void ReduceKernel(const scalar_t* a, scalar_t* out, size_t size, size_t reduce_size, Function function) {
  /// BEGIN SOLUTION
  const size_t group = GlobalIndex();
  if (group < size) {
    const scalar_t* members = a + group * reduce_size;
    scalar_t result = members[0];
    for (size_t i = 1; i < reduce_size; ++i) {
      result = function(result, members[i]);
    }
    out[group] = result;
  }
  /// END SOLUTION
}

template <typename Function>
void Reduce(const CudaArray& a, CudaArray* out, size_t reduce_size, Function function) {
  const CudaDims dim = CudaOneDim(out->size);
  ReduceKernel<<<dim.grid, dim.block>>>(a.ptr, out->ptr, out->size, reduce_size, function);
}

/// out[i] = the largest of each `reduce_size` elements of `a` that lie side by side, and NaN where one of them is NaN
void ReduceMax(const CudaArray& a, CudaArray* out, size_t reduce_size) {
  /// BEGIN SOLUTION
  Reduce(a, out, reduce_size, [] __device__(scalar_t x, scalar_t y) { return x >= y || isnan(x) ? x : y; });
  /// END SOLUTION
}

/// out[i] = the sum of each `reduce_size` elements of `a` that lie side by side
void ReduceSum(const CudaArray& a, CudaArray* out, size_t reduce_size) {
  /// BEGIN SOLUTION
  Reduce(a, out, reduce_size, [] __device__(scalar_t x, scalar_t y) { return x + y; });
  /// END SOLUTION
}

}  // namespace cuda
}  // namespace needle
