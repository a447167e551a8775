// Copies between strided views: compact, setitem and filling a view are one kernel.
//
// The copy arrives simplified (plan.h): dimensions merged, and ordered so that the last one has the smallest step in
// `out`. What is left is one of three inner loops, chosen by the steps of the last dimension, and of the dimension
// whose steps in `in` are smallest:
//   run        both step by 1 (or in by 0): whole runs are copied (or filled)
//   transpose  out steps by 1 along the last dimension, in by 1 along another: squares are transposed in registers
//   scattered  anything else, short runs too: blocks small enough that both sides stay in the cache

#pragma once

#include <string.h>

#include "elementwise.h"
#include "kernels.h"
#include "parallel.h"
#include "transpose.h"

namespace needle::fast::NEEDLE_ISA {

/// Where position `index` of the first `ndim` dimensions lies on both sides; advances like the digits of a counter.
class Odometer {
 public:
  Odometer(const StridedCopy& copy, int ndim, size_t index) : copy_(copy), ndim_(ndim) {
    for (int dim = ndim - 1; dim >= 0; --dim) {
      digits_[dim] = index % copy.shape[dim];
      index /= copy.shape[dim];
      in += static_cast<ptrdiff_t>(digits_[dim]) * copy.in[dim];
      out += static_cast<ptrdiff_t>(digits_[dim]) * copy.out[dim];
    }
  }

  void next() {
    for (int dim = ndim_ - 1; dim >= 0; --dim) {
      in += copy_.in[dim];
      out += copy_.out[dim];
      if (++digits_[dim] < copy_.shape[dim]) {
        return;
      }
      digits_[dim] = 0;
      in -= static_cast<ptrdiff_t>(copy_.shape[dim]) * copy_.in[dim];
      out -= static_cast<ptrdiff_t>(copy_.shape[dim]) * copy_.out[dim];
    }
  }

  ptrdiff_t in = 0, out = 0;

 private:
  const StridedCopy& copy_;
  int ndim_;
  size_t digits_[kMaxDims];
};

inline ptrdiff_t magnitude(ptrdiff_t step) { return step < 0 ? -step : step; }

inline void swap_dimensions(StridedCopy& copy, int one, int other) {
  const auto swap = [](auto& a, auto& b) {
    const auto before = a;
    a = b;
    b = before;
  };
  swap(copy.shape[one], copy.shape[other]);
  swap(copy.in[one], copy.in[other]);
  swap(copy.out[one], copy.out[other]);
}

inline size_t product(const size_t* shape, int ndim) {
  size_t result = 1;
  for (int dim = 0; dim < ndim; ++dim) {
    result *= shape[dim];
  }
  return result;
}

/// Copies `count` floats; short ones without a call, long ones of a large copy past the caches.
inline void copy_run(const float* in, float* out, size_t count, bool streaming) {
  if (count < kSide) {
    for (size_t i = 0; i < count; ++i) {
      out[i] = in[i];
    }
    return;
  }
  if (count < kLanes) {
    store_row(out, load_row(in));
    return store_row(out + count - kSide, load_row(in + count - kSide));  // the rest, and some once more
  }
  if (streaming && count % kLanes == 0 && aligned(out)) {
    NEEDLE_UNROLL_SOME
    for (size_t i = 0; i < count; i += kLanes) {
      stream(out + i, load(in + i));
    }
    return;
  }
  if (count < 32 * kLanes) {
    size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
      store(out + i, load(in + i));
    }
    return store(out + count - kLanes, load(in + count - kLanes));
  }
  if (!streaming) {
    memcpy(out, in, count * sizeof(float));
    return;
  }
  size_t i = 0;
  for (; !aligned(out + i); ++i) {
    out[i] = in[i];
  }
  NEEDLE_UNROLL_SOME
  for (; i + kLanes <= count; i += kLanes) {
    stream(out + i, load(in + i));
  }
  for (; i < count; ++i) {
    out[i] = in[i];
  }
}

inline void fill_run(float value, float* out, size_t count) {
  const Vec all = splat(value);
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    store(out + i, all);
  }
  for (; i < count; ++i) {
    out[i] = value;
  }
}

// From this size on, copies of runs pass the caches by: they read and write as much as elementwise kernels of twice the
// size, and what is copied is seldom used at once.
constexpr size_t kStreamRunsFrom = size_t{1} << 20;

/// Runs in the order in which they lie in `in`: reading along is what a processor foresees, and a write that passes the
/// caches by need not be foreseen.
inline void order_by_in(StridedCopy& copy) {
  for (int dim = 1; dim + 1 < copy.ndim; ++dim) {
    for (int at = dim; at > 0 && magnitude(copy.in[at - 1]) < magnitude(copy.in[at]); --at) {
      swap_dimensions(copy, at - 1, at);
    }
  }
}

inline void copy_runs(StridedCopy copy, const float* in, float* out) {
  const int last = copy.ndim - 1;
  const size_t outer = product(copy.shape, last), length = copy.shape[last];
  const bool constant = copy.in[last] == 0;
  const size_t total = outer * length;
  const bool streaming = total >= kStreamRunsFrom;
  if (streaming) {
    order_by_in(copy);
  }
  const int team = threads_for(total, size_t{1} << 17);
  const auto run = [=](const float* from, float* to, size_t count) {
    if (constant) {
      fill_run(*from, to, count);
    } else {
      copy_run(from, to, count, streaming);
    }
  };
  if (outer == 1) {
    parallel_chunks(length, kChunk, team, [=](size_t begin, size_t end) {
      run(constant ? in : in + begin, out + begin, end - begin);
      stream_done();
    });
    return;
  }
  parallel_chunks(outer, larger(1, kChunk / length), team, [&](size_t begin, size_t end) {
    Odometer at(copy, last, begin);
    for (size_t index = begin; index < end; ++index, at.next()) {
      run(in + at.in, out + at.out, length);
    }
    stream_done();
  });
}

/// The two dimensions of a blocked copy: out[i * out_row + j * out_step] = in[i * in_row + j * in_step], where an
/// element is `run` floats in a row.
struct Plane {
  size_t rows, columns;
  ptrdiff_t in_row, in_step, out_row, out_step;
  size_t run;
};

/// Any steps; one element at a time.
inline void copy_block(const Plane& plane, const float* in, float* out, size_t rows, size_t columns) {
  if (plane.run > 1) {
    for (size_t i = 0; i < rows; ++i) {
      const float* from = in + static_cast<ptrdiff_t>(i) * plane.in_row;
      float* to = out + static_cast<ptrdiff_t>(i) * plane.out_row;
      for (size_t j = 0; j < columns; ++j) {
        copy_run(from + static_cast<ptrdiff_t>(j) * plane.in_step, to + static_cast<ptrdiff_t>(j) * plane.out_step,
                 plane.run, false);
      }
    }
    return;
  }
  for (size_t i = 0; i < rows; ++i) {
    const float* from = in + static_cast<ptrdiff_t>(i) * plane.in_row;
    float* to = out + static_cast<ptrdiff_t>(i) * plane.out_row;
    for (size_t j = 0; j < columns; ++j) {
      to[static_cast<ptrdiff_t>(j) * plane.out_step] = from[static_cast<ptrdiff_t>(j) * plane.in_step];
    }
  }
}

/// in_row and out_step are 1, and there are few columns: such as the channels of an image that are put side by side.
template <size_t kColumns>
inline void interleave(const Plane& plane, const float* in, float* out, size_t rows, size_t columns) {
  if constexpr (kColumns > 0) {
    if (columns < kColumns) {
      return interleave<kColumns - 1>(plane, in, out, rows, columns);
    }
    for (size_t i = 0; i < rows; ++i) {
      float* to = out + static_cast<ptrdiff_t>(i) * plane.out_row;
      NEEDLE_UNROLL
      for (size_t j = 0; j < kColumns; ++j) {
        to[j] = in[static_cast<ptrdiff_t>(i) + static_cast<ptrdiff_t>(j) * plane.in_step];
      }
    }
  }
}

#if defined(__AVX2__)
/// The first columns of kRows rows whose elements lie side by side in `in`; returns how many, a multiple of kLanes.
///
/// Lane l of row i comes from position l * kRows + i of kRows vectors: for three rows and lanes of four,
/// {r g b r}, {g b r g}, {b r g b} -> {r r r r}, {g g g g}, {b b b b}. Of every vector, the lanes that are wanted.
template <size_t kRows>
inline size_t take_vectors_apart(const float* in, float* out, ptrdiff_t out_row, size_t columns, bool streaming) {
  IntVec lane[kRows], wanted[kRows][kRows];
  for (size_t i = 0; i < kRows; ++i) {
    for (size_t l = 0; l < kLanes; ++l) {
      const size_t position = l * kRows + i;
      lane[i][l] = static_cast<int32_t>(position % kLanes);
      for (size_t v = 0; v < kRows; ++v) {
        wanted[i][v][l] = position / kLanes == v ? -1 : 0;
      }
    }
  }
  streaming = streaming && aligned(out) && out_row % static_cast<ptrdiff_t>(kLanes) == 0;
  size_t j = 0;
  for (; j + kLanes <= columns; j += kLanes) {
    Vec from[kRows];
    NEEDLE_UNROLL
    for (size_t v = 0; v < kRows; ++v) {
      from[v] = load(in + j * kRows + v * kLanes);
    }
    NEEDLE_UNROLL
    for (size_t i = 0; i < kRows; ++i) {
      Vec row = permuted(from[0], lane[i]);
      NEEDLE_UNROLL
      for (size_t v = 1; v < kRows; ++v) {
        row = wanted[i][v] ? permuted(from[v], lane[i]) : row;
      }
      float* const to = out + static_cast<ptrdiff_t>(i) * out_row + j;
      streaming ? stream(to, row) : store(to, row);
    }
  }
  return j;
}
#endif

/// in_row and out_step are 1, and there are few rows: such as the channels of an image that are taken apart.
inline void take_apart(const Plane& plane, const float* in, float* out, size_t rows, size_t columns, bool streaming) {
  size_t j = 0;
#if defined(__AVX2__)
  if (static_cast<size_t>(plane.in_step) == rows) {
    switch (rows) {
      case 2:
        j = take_vectors_apart<2>(in, out, plane.out_row, columns, streaming);
        break;
      case 3:
        j = take_vectors_apart<3>(in, out, plane.out_row, columns, streaming);
        break;
      case 4:
        j = take_vectors_apart<4>(in, out, plane.out_row, columns, streaming);
        break;
      case 5:
        j = take_vectors_apart<5>(in, out, plane.out_row, columns, streaming);
        break;
      case 6:
        j = take_vectors_apart<6>(in, out, plane.out_row, columns, streaming);
        break;
      case 7:
        j = take_vectors_apart<7>(in, out, plane.out_row, columns, streaming);
        break;
      default:
        break;
    }
  }
#else
  (void)streaming;
#endif
  copy_block(plane, in + static_cast<ptrdiff_t>(j) * plane.in_step, out + j, rows, columns - j);
}

/// in_row and out_step are 1: kSide rows of `out`, kParts * kSide columns, whole cache lines on both sides.
template <size_t kParts>
inline void transpose_squares(const Plane& plane, const float* in, float* out, bool streaming) {
  Row rows[kParts][kSide];
  NEEDLE_UNROLL
  for (size_t part = 0; part < kParts; ++part) {
    NEEDLE_UNROLL
    for (size_t j = 0; j < kSide; ++j) {
      rows[part][j] = load_row(in + static_cast<ptrdiff_t>(part * kSide + j) * plane.in_step);
    }
    transpose(rows[part]);
  }
  NEEDLE_UNROLL
  for (size_t i = 0; i < kSide; ++i) {
    NEEDLE_UNROLL
    for (size_t part = 0; part < kParts; ++part) {
      float* to = out + static_cast<ptrdiff_t>(i) * plane.out_row + part * kSide;
#if defined(__AVX2__)
      if (streaming) {
        _mm256_stream_ps(to, reinterpret_cast<__m256>(rows[part][i]));
        continue;
      }
#else
      (void)streaming;
#endif
      store_row(to, rows[part][i]);
    }
  }
}

constexpr size_t kLine = 16;  // floats in a cache line

/// A block of at most kBlock x kBlock in which in_row and out_step are 1.
inline void transpose_block(const Plane& plane, const float* in, float* out, size_t rows, size_t columns,
                            bool streaming) {
  constexpr size_t kParts = kLine / kSide;
  const size_t whole_rows = rows / kSide * kSide;
  size_t j = 0;
  for (; j + kLine <= columns; j += kLine) {
    for (size_t i = 0; i < whole_rows; i += kSide) {
      transpose_squares<kParts>(plane, in + i + static_cast<ptrdiff_t>(j) * plane.in_step,
                                out + static_cast<ptrdiff_t>(i) * plane.out_row + j, streaming);
    }
  }
  for (; j + kSide <= columns; j += kSide) {
    for (size_t i = 0; i < whole_rows; i += kSide) {
      transpose_squares<1>(plane, in + i + static_cast<ptrdiff_t>(j) * plane.in_step,
                           out + static_cast<ptrdiff_t>(i) * plane.out_row + j, false);
    }
  }
  // What the squares leave: columns beside them, rows below them.
  interleave<kSide - 1>(plane, in + static_cast<ptrdiff_t>(j) * plane.in_step, out + j, whole_rows, columns - j);
  if (rows > whole_rows) {
    take_apart(plane, in + whole_rows, out + static_cast<ptrdiff_t>(whole_rows) * plane.out_row, rows - whole_rows,
               columns, streaming);
  }
}

// Runs from this length on are copied in the order of `out`.
constexpr size_t kShortRun = 64;

/// A copy in which dimension `last` is far apart in `in`, and dimension `other` is closer together there. Behind `last`
/// there may be one more, of runs.
inline void copy_planes(StridedCopy copy, int other, int last, const float* in, float* out) {
  const size_t run = last + 1 < copy.ndim ? copy.shape[last + 1] : 1;
  const Plane plane = {
      copy.shape[other], copy.shape[last], copy.in[other], copy.in[last], copy.out[other], copy.out[last], run};
  copy.ndim = last + 1;
  for (int dim = other; dim + 2 < copy.ndim; ++dim) {
    copy.shape[dim] = copy.shape[dim + 1];
    copy.in[dim] = copy.in[dim + 1];
    copy.out[dim] = copy.out[dim + 1];
  }
  const int outer_dims = copy.ndim - 2;
  const size_t outer = product(copy.shape, outer_dims), total = outer * plane.rows * plane.columns * run;
  const bool squares = run == 1 && plane.in_row == 1 && plane.out_step == 1;
  const bool streaming = squares && total >= kStreamRunsFrom && plane.out_row % kSide == 0 &&
                         reinterpret_cast<uintptr_t>(out) % (kSide * sizeof(float)) == 0;
  // Blocks whose lines fit into the first-level cache; longer ones where a plane is narrow. Whole cache lines long.
  const size_t side = run == 1 ? 64 : 16;
  const size_t block_rows = plane.columns < side ? round_up(side * side / plane.columns, kLine) : side;
  const size_t block_columns = plane.rows < side ? round_up(side * side / plane.rows, kLine) : side;
  const size_t down = ceil_div(plane.rows, block_rows), across = ceil_div(plane.columns, block_columns);
  const size_t area = smaller(plane.rows, block_rows) * smaller(plane.columns, block_columns) * run;
  const size_t chunk = larger(1, kChunk / area);
  parallel_chunks(outer * down * across, chunk, threads_for(total, size_t{1} << 16), [&](size_t begin, size_t end) {
    Odometer at(copy, outer_dims, begin / (down * across));
    for (size_t index = begin; index < end; ++index) {
      const size_t block = index % (down * across);
      if (index > begin && block == 0) {
        at.next();
      }
      const size_t i = block / across * block_rows, j = block % across * block_columns;
      const float* from =
          in + at.in + static_cast<ptrdiff_t>(i) * plane.in_row + static_cast<ptrdiff_t>(j) * plane.in_step;
      float* to = out + at.out + static_cast<ptrdiff_t>(i) * plane.out_row + static_cast<ptrdiff_t>(j) * plane.out_step;
      const size_t rows = smaller(block_rows, plane.rows - i), columns = smaller(block_columns, plane.columns - j);
      if (squares) {
        transpose_block(plane, from, to, rows, columns,
                        streaming && reinterpret_cast<uintptr_t>(to) % (kSide * sizeof(float)) == 0);
      } else {
        copy_block(plane, from, to, rows, columns);
      }
    }
    stream_done();
  });
}

static void strided_copy(const StridedCopy& copy, const float* in, float* out) {
  if (copy.ndim == 0) {
    *out = *in;
    return;
  }
  int last = copy.ndim - 1;
  const bool runs = copy.out[last] == 1 && copy.in[last] == 1;
  if (copy.out[last] == 1 && copy.in[last] == 0) {
    return copy_runs(copy, in, out);
  }
  // Short runs are moved in blocks, like single elements.
  if (runs && (last == 0 || copy.shape[last] >= kShortRun)) {
    return copy_runs(copy, in, out);
  }
  last -= runs;
  int closest = -1;
  for (int dim = 0; dim < last; ++dim) {
    if (closest < 0 || magnitude(copy.in[dim]) < magnitude(copy.in[closest])) {
      closest = dim;
    }
  }
  if (closest >= 0 && (!runs || magnitude(copy.in[closest]) < magnitude(copy.in[last]))) {
    return copy_planes(copy, closest, last, in, out);
  }
  if (runs) {
    return copy_runs(copy, in, out);
  }
  const Plane line = {1, copy.shape[0], 0, copy.in[0], 0, copy.out[0], 1};
  parallel_chunks(line.columns, kChunk, threads_for(line.columns, size_t{1} << 16), [&](size_t begin, size_t end) {
    const auto first = static_cast<ptrdiff_t>(begin);
    copy_block(line, in + first * line.in_step, out + first * line.out_step, 1, end - begin);
  });
}

}  // namespace needle::fast::NEEDLE_ISA
