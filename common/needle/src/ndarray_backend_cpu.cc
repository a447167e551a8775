// hw3: the CPU kernels of needle's arrays. You fill the solution blocks; `make lib` builds them.
//
// This file knows nothing of Python, nor of axes and broadcasting: ndarray.py has already turned those into shapes and
// strides. An array here is flat memory (`ndarray_backend_cpu.h`): `a.ptr[i]` for i below `a.size`, all float32. What
// comes from Python is checked before it gets here, so sizes fit and views stay inside their arrays. A kernel is called
// only if there is at least one element to write. Any header of the standard library is yours to use.
//
// A view is a shape, one stride for each axis, and an offset, all counted in elements. Its element (i, j, k) lies at
//
//     offset + i * strides[0] + j * strides[1] + k * strides[2]
//
// so the shape {2, 3} with strides {1, 2} and offset 0 reads 0 2 4 1 3 5: the transpose of a 3 x 2 matrix. Views have
// any number of axes, also none (then they have one element), and strides may be 0 or negative.

#include "ndarray_backend_cpu.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <vector>

#include "not_implemented.h"

namespace needle {
namespace cpu {

/// out[i] = val, for every element
void Fill(AlignedArray* out, scalar_t val) {
  for (size_t i = 0; i < out->size; ++i) {
    out->ptr[i] = val;
  }
}

// Views. `shape` and `strides` are copies of your own: change them if that helps.

/// Copies a view of a to out, row by row: the last index runs fastest.
///
/// shape, strides, offset: the view of a;  out: as many elements as the shape has
void Compact(const AlignedArray& a, AlignedArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
             size_t offset) {
  /// BEGIN SOLUTION
  std::vector<int32_t> index(shape.size(), 0);
  for (size_t count = 0; count < out->size; ++count) {
    ptrdiff_t position = static_cast<ptrdiff_t>(offset);
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      position += static_cast<ptrdiff_t>(index[axis]) * strides[axis];
    }
    out->ptr[count] = a.ptr[position];
    // Count as an odometer does: the last index goes up, and where one is through, it starts anew and the one before
    // it goes up.
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) {
        break;
      }
      index[axis] = 0;
    }
  }
  /// END SOLUTION
}

/// Copies a, row by row, to a view of out: the inverse of Compact. Elements of out outside the view stay as they are.
///
/// shape, strides, offset: the view of out;  a: as many elements as the shape has, in other memory than out's
void EwiseSetitem(const AlignedArray& a, AlignedArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
                  size_t offset) {
  /// BEGIN SOLUTION
  std::vector<int32_t> index(shape.size(), 0);
  for (size_t count = 0; count < a.size; ++count) {
    ptrdiff_t position = static_cast<ptrdiff_t>(offset);
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      position += static_cast<ptrdiff_t>(index[axis]) * strides[axis];
    }
    out->ptr[position] = a.ptr[count];
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) {
        break;
      }
      index[axis] = 0;
    }
  }
  /// END SOLUTION
}

/// Sets every element of a view of out to val. Elements of out outside the view stay as they are.
///
/// shape, strides, offset: the view of out;  size: how many elements the shape has
void ScalarSetitem(size_t size, scalar_t val, AlignedArray* out, std::vector<int32_t> shape,
                   std::vector<int32_t> strides, size_t offset) {
  /// BEGIN SOLUTION
  std::vector<int32_t> index(shape.size(), 0);
  for (size_t count = 0; count < size; ++count) {
    ptrdiff_t position = static_cast<ptrdiff_t>(offset);
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      position += static_cast<ptrdiff_t>(index[axis]) * strides[axis];
    }
    out->ptr[position] = val;
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) {
        break;
      }
      index[axis] = 0;
    }
  }
  /// END SOLUTION
}

// Elementwise. a, b and out have the same size, and out may be a or b. The first two are given as examples. Many of
// the others are alike: write helpers or templates above if you like. NaN is an element as any other: NaN + 1 is NaN,
// the maximum of NaN and anything is NaN, and NaN == NaN is false.

/// out[i] = a[i] + b[i]
void EwiseAdd(const AlignedArray& a, const AlignedArray& b, AlignedArray* out) {
  for (size_t i = 0; i < out->size; ++i) {
    out->ptr[i] = a.ptr[i] + b.ptr[i];
  }
}

/// out[i] = a[i] + val
void ScalarAdd(const AlignedArray& a, scalar_t val, AlignedArray* out) {
  for (size_t i = 0; i < out->size; ++i) {
    out->ptr[i] = a.ptr[i] + val;
  }
}

/// out[i] = a[i] * b[i]
void EwiseMul(const AlignedArray& a, const AlignedArray& b, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    out->ptr[at] = a.ptr[at] * b.ptr[at];
  }
  /// END SOLUTION
}

/// out[i] = a[i] * val
void ScalarMul(const AlignedArray& a, scalar_t val, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    out->ptr[at] = a.ptr[at] * val;
  }
  /// END SOLUTION
}

/// out[i] = a[i] / b[i]
void EwiseDiv(const AlignedArray& a, const AlignedArray& b, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    out->ptr[at] = a.ptr[at] / b.ptr[at];
  }
  /// END SOLUTION
}

/// out[i] = a[i] / val
void ScalarDiv(const AlignedArray& a, scalar_t val, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    out->ptr[at] = a.ptr[at] / val;
  }
  /// END SOLUTION
}

/// out[i] = a[i] to the power of val
void ScalarPower(const AlignedArray& a, scalar_t val, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    out->ptr[at] = std::pow(a.ptr[at], val);
  }
  /// END SOLUTION
}

/// out[i] = the larger of a[i] and b[i]
void EwiseMaximum(const AlignedArray& a, const AlignedArray& b, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    const scalar_t x = a.ptr[at], y = b.ptr[at];
    out->ptr[at] = x > y || x != x ? x : y;  // only NaN differs from itself
  }
  /// END SOLUTION
}

/// out[i] = the larger of a[i] and val
void ScalarMaximum(const AlignedArray& a, scalar_t val, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    const scalar_t x = a.ptr[at];
    out->ptr[at] = x > val || x != x ? x : val;
  }
  /// END SOLUTION
}

/// out[i] = 1 if a[i] equals b[i], else 0
void EwiseEq(const AlignedArray& a, const AlignedArray& b, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    out->ptr[at] = a.ptr[at] == b.ptr[at] ? 1.0f : 0.0f;
  }
  /// END SOLUTION
}

/// out[i] = 1 if a[i] equals val, else 0
void ScalarEq(const AlignedArray& a, scalar_t val, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    out->ptr[at] = a.ptr[at] == val ? 1.0f : 0.0f;
  }
  /// END SOLUTION
}

/// out[i] = 1 if a[i] is greater than b[i] or equal to it, else 0
void EwiseGe(const AlignedArray& a, const AlignedArray& b, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    out->ptr[at] = a.ptr[at] >= b.ptr[at] ? 1.0f : 0.0f;
  }
  /// END SOLUTION
}

/// out[i] = 1 if a[i] is greater than val or equal to it, else 0
void ScalarGe(const AlignedArray& a, scalar_t val, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    out->ptr[at] = a.ptr[at] >= val ? 1.0f : 0.0f;
  }
  /// END SOLUTION
}

/// out[i] = the natural logarithm of a[i]: -inf for 0, NaN below 0
void EwiseLog(const AlignedArray& a, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    out->ptr[at] = std::log(a.ptr[at]);
  }
  /// END SOLUTION
}

/// out[i] = e to the power of a[i]
void EwiseExp(const AlignedArray& a, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    out->ptr[at] = std::exp(a.ptr[at]);
  }
  /// END SOLUTION
}

/// out[i] = the hyperbolic tangent of a[i]
void EwiseTanh(const AlignedArray& a, AlignedArray* out) {
  /// BEGIN SOLUTION
  for (size_t at = 0; at < a.size; ++at) {
    out->ptr[at] = std::tanh(a.ptr[at]);
  }
  /// END SOLUTION
}

// Matrices. They lie row by row: the element in row i and column j of the (m, n) matrix a is a.ptr[i * n + j]. Three
// loops are all that Matmul asks for. What out holds before is unknown.

/// out (m, p) = a (m, n) @ b (n, p)
void Matmul(const AlignedArray& a, const AlignedArray& b, AlignedArray* out, uint32_t m, uint32_t n, uint32_t p) {
  /// BEGIN SOLUTION
  for (size_t row = 0; row < m; ++row) {
    for (size_t column = 0; column < p; ++column) {
      scalar_t sum = 0.0f;
      for (size_t inner = 0; inner < n; ++inner) {
        sum += a.ptr[row * n + inner] * b.ptr[inner * p + column];
      }
      out->ptr[row * p + column] = sum;
    }
  }
  /// END SOLUTION
}

/// out += a @ b for three matrices of TILE x TILE elements, each row by row.
///
/// `__restrict__` promises the compiler that out overlaps neither a nor b, and `__builtin_assume_aligned` that each
/// starts at a multiple of 32 bytes. With both, and with loops whose length TILE it knows, it can compute 4
/// neighbouring elements or more at a time in vector registers. Which order of the loops lets it do so is worth a try.
inline void AlignedDot(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ out) {
  a = static_cast<const float*>(__builtin_assume_aligned(a, TILE * ELEM_SIZE));
  b = static_cast<const float*>(__builtin_assume_aligned(b, TILE * ELEM_SIZE));
  out = static_cast<float*>(__builtin_assume_aligned(out, TILE * ELEM_SIZE));

  /// BEGIN SOLUTION
  for (size_t row = 0; row < TILE; ++row) {
    for (size_t column = 0; column < TILE; ++column) {
      scalar_t sum = 0.0f;  // in a register: out is read and written once
      for (size_t inner = 0; inner < TILE; ++inner) {
        sum += a[row * TILE + inner] * b[inner * TILE + column];
      }
      out[row * TILE + column] += sum;
    }
  }
  /// END SOLUTION
}

/// out = a @ b for matrices that lie in tiles of T x T elements, T being TILE:
///
///     a    [m/T][n/T][T][T]
///
///     b    [n/T][p/T][T][T]
///
///     out  [m/T][p/T][T][T]
///
/// that is, the rows of tiles one after the other, in each row tile after tile, and in each tile row after row.
/// m, n and p are multiples of TILE. Each pair of tiles is multiplied by AlignedDot, which adds to what out holds: set
/// out to 0 before.
void MatmulTiled(const AlignedArray& a, const AlignedArray& b, AlignedArray* out, uint32_t m, uint32_t n, uint32_t p) {
  /// BEGIN SOLUTION
  const size_t rows = m / TILE, inners = n / TILE, columns = p / TILE;
  const size_t tile = TILE * TILE;
  std::fill_n(out->ptr, out->size, 0.0f);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t column = 0; column < columns; ++column) {
      for (size_t inner = 0; inner < inners; ++inner) {
        AlignedDot(a.ptr + (row * inners + inner) * tile, b.ptr + (inner * columns + column) * tile,
                   out->ptr + (row * columns + column) * tile);
      }
    }
  }
  /// END SOLUTION
}

// Reductions. The elements to reduce are neighbours: the first `reduce_size` of a make out[0], the next out[1], and so
// on. a has out->size * reduce_size elements.

/// out[i] = the largest of its elements, NaN if one of them is. There is at least one.
void ReduceMax(const AlignedArray& a, AlignedArray* out, size_t reduce_size) {
  /// BEGIN SOLUTION
  for (size_t group = 0; group < out->size; ++group) {
    const scalar_t* values = a.ptr + group * reduce_size;
    scalar_t largest = values[0];
    for (size_t at = 1; at < reduce_size; ++at) {
      if (values[at] > largest || values[at] != values[at]) {
        largest = values[at];
      }
    }
    out->ptr[group] = largest;
  }
  /// END SOLUTION
}

/// out[i] = the sum of its elements, 0 for none
void ReduceSum(const AlignedArray& a, AlignedArray* out, size_t reduce_size) {
  /// BEGIN SOLUTION
  for (size_t group = 0; group < out->size; ++group) {
    const scalar_t* values = a.ptr + group * reduce_size;
    scalar_t sum = 0.0f;
    for (size_t at = 0; at < reduce_size; ++at) {
      sum += values[at];
    }
    out->ptr[group] = sum;
  }
  /// END SOLUTION
}

}  // namespace cpu
}  // namespace needle
