// matmul: out (m, p) = a (m, n) @ b (n, p), in the structure of Goto and van de Geijn (BLIS).
//
//   for a slice of the depth, at most kDepth long:          so that a panel of a stays in the first-level cache
//     pack b's slice into panels of kTileColumns columns    [panel][k][kTileColumns], read from front to back
//     pack a's slice into panels of kTileRows rows          [panel][k][kTileRows]
//     for each task, a block of out:                        shared out among the threads
//       for each panel of b, for each panel of a: a tile of out, in registers (micro.h)
//
// b is read in place instead, but for its last few columns, where so few rows of a meet it that packing it would not
// pay.

#pragma once

#include "kernels.h"
#include "micro.h"
#include "parallel.h"
#include "transpose.h"

namespace needle::fast::NEEDLE_ISA {

constexpr size_t kDepth = 512;
// Rows of out whose panels of a are packed at a time.
constexpr size_t kSliceRows = kTileRows * 256;
// Columns of out whose panels of b are packed at a time: kDepth x this fits into a last-level cache.
constexpr size_t kSliceColumns = 4096;
// A task is a block of out that one thread computes: at most this many tiles, fewer where there would be too few tasks.
constexpr size_t kTaskPanelsDown = 12, kTaskPanelsAcross = 8;
// Fewer panels of a than this read b in place; where b is small, fewer than the second.
constexpr size_t kPackedFrom = 4, kSmallPackedFrom = 10;
constexpr size_t kSmall = size_t{1} << 20;
// Multiply-adds that one more thread is worth.
constexpr size_t kWorkPerThread = size_t{1} << 19;

/// How one product is cut; computed alike by scratch_floats and matmul.
struct Cut {
  Cut(size_t m, size_t n, size_t p)
      : depth(ceil_div(n, larger(1, ceil_div(n, kDepth)))),  // slices of about equal depth
        rows(smaller(m, kSliceRows)),
        columns(smaller(p, kSliceColumns)),
        packs_b(ceil_div(m, kTileRows) >= (n * p <= kSmall ? kSmallPackedFrom : kPackedFrom)),
        a_floats(round_up(round_up(rows, kTileRows) * depth, 16)),
        b_floats((packs_b ? round_up(columns, kTileColumns) : kTileColumns) * depth) {}

  size_t depth, rows, columns;  // of a slice
  bool packs_b;
  size_t a_floats, b_floats;  // of scratch
};

static size_t scratch_floats(size_t m, size_t n, size_t p) {
  const Cut cut(m, n, p);
  return cut.a_floats + cut.b_floats;
}

/// One panel of a: `rows` <= kTileRows rows of `depth` floats, to [k][kTileRows]. Missing rows are left as they are.
inline void pack_a_panel(const float* a, size_t stride, size_t rows, size_t depth, float* panel) {
  size_t row = 0;
  for (; row + kSide <= rows; row += kSide) {
    size_t k = 0;
    for (; k + kSide <= depth; k += kSide) {
      Row square[kSide];
      NEEDLE_UNROLL
      for (size_t i = 0; i < kSide; ++i) {
        square[i] = load_row(a + (row + i) * stride + k);
      }
      transpose(square);
      NEEDLE_UNROLL
      for (size_t i = 0; i < kSide; ++i) {
        store_row(panel + (k + i) * kTileRows + row, square[i]);
      }
    }
    for (; k < depth; ++k) {
      for (size_t i = 0; i < kSide; ++i) {
        panel[k * kTileRows + row + i] = a[(row + i) * stride + k];
      }
    }
  }
  for (; row < rows; ++row) {
    for (size_t k = 0; k < depth; ++k) {
      panel[k * kTileRows + row] = a[row * stride + k];
    }
  }
}

/// One panel of b: `depth` rows of `columns` <= kTileColumns floats, to [k][kTileColumns], filled up with zeros.
inline void pack_b_panel(const float* b, size_t stride, size_t depth, size_t columns, float* panel) {
  for (size_t k = 0; k < depth; ++k) {
    const float* from = b + k * stride;
    float* to = panel + k * kTileColumns;
    if (columns == kTileColumns) {
      NEEDLE_UNROLL
      for (size_t vector = 0; vector < kTileVectors; ++vector) {
        store(to + vector * kLanes, load(from + vector * kLanes));
      }
      continue;
    }
    for (size_t j = 0; j < kTileColumns; ++j) {
      to[j] = j < columns ? from[j] : 0.0f;
    }
  }
}

/// The panels of one slice, ready to be multiplied, and where its results go.
struct Slice {
  const float* a_panels;
  const float* b;  // in place, at the slice's first row and column
  const float* b_panels;
  float* out;
  size_t rows, columns, depth;
  size_t stride;     // of b in place and of out
  bool packed;       // b_panels holds all panels, else only the last one, if that is not whole
  bool accumulates;  // out holds the sum over earlier slices
};

/// The tiles of panels [top, bottom) x [left, right).
inline void multiply_panels(const Slice& slice, size_t top, size_t bottom, size_t left, size_t right) {
  for (size_t across = left; across < right; ++across) {
    const size_t column = across * kTileColumns, columns = smaller(kTileColumns, slice.columns - column);
    const bool in_place = !slice.packed && columns == kTileColumns;
    const float* b = in_place       ? slice.b + column
                     : slice.packed ? slice.b_panels + column * slice.depth
                                    : slice.b_panels;
    const size_t b_stride = in_place ? slice.stride : kTileColumns;
    for (size_t down = top; down < bottom; ++down) {
      const size_t row = down * kTileRows, rows = smaller(kTileRows, slice.rows - row);
      tile(rows, columns, slice.depth, slice.a_panels + row * slice.depth, b, b_stride,
           slice.out + row * slice.stride + column, slice.stride, slice.accumulates);
    }
  }
}

inline void matmul_slice(const Slice& slice, int team) {
  const size_t down = ceil_div(slice.rows, kTileRows), across = ceil_div(slice.columns, kTileColumns);
  size_t task_down = smaller(down, kTaskPanelsDown), task_across = smaller(across, kTaskPanelsAcross);
  const size_t wanted = team > 1 ? 4 * static_cast<size_t>(team) : 1;
  while (ceil_div(down, task_down) * ceil_div(across, task_across) < wanted && task_down * task_across > 1) {
    size_t& longer = task_down >= task_across ? task_down : task_across;
    longer = ceil_div(longer, 2);
  }
  const size_t tasks_down = ceil_div(down, task_down), tasks_across = ceil_div(across, task_across);
  parallel_chunks(tasks_down * tasks_across, 1, team, [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task) {
      const size_t top = task % tasks_down * task_down, left = task / tasks_down * task_across;
      multiply_panels(slice, top, smaller(down, top + task_down), left, smaller(across, left + task_across));
    }
  });
}

static void matmul(const float* a, const float* b, float* out, size_t m, size_t n, size_t p, float* scratch) {
  if (m == 0 || p == 0) {
    return;
  }
  if (n == 0) {
    return fill(out, 0.0f, m * p);
  }
  if (p == 1) {
    return matrix_times_vector(a, b, out, m, n);
  }
  if (m == 1) {
    return vector_times_matrix(a, b, out, n, p);
  }
  const Cut cut(m, n, p);
  float* const a_panels = scratch;
  float* const b_panels = scratch + cut.a_floats;
  const int team = threads_for(m * n * p, kWorkPerThread);
  for (size_t column = 0; column < p; column += cut.columns) {
    const size_t columns = smaller(cut.columns, p - column);
    for (size_t k = 0; k < n; k += cut.depth) {
      const size_t depth = smaller(cut.depth, n - k);
      const float* const b_slice = b + k * p + column;
      const size_t panels = ceil_div(columns, kTileColumns);
      const size_t first = cut.packs_b ? 0 : columns / kTileColumns;
      parallel_chunks(panels - first, 4, team, [=](size_t begin, size_t end) {
        for (size_t panel = begin; panel < end; ++panel) {
          const size_t left = (first + panel) * kTileColumns;
          pack_b_panel(b_slice + left, p, depth, smaller(kTileColumns, columns - left),
                       b_panels + panel * kTileColumns * depth);
        }
      });
      for (size_t row = 0; row < m; row += cut.rows) {
        const size_t rows = smaller(cut.rows, m - row);
        parallel_chunks(ceil_div(rows, kTileRows), 4, team, [=](size_t begin, size_t end) {
          for (size_t panel = begin; panel < end; ++panel) {
            const size_t top = panel * kTileRows;
            pack_a_panel(a + (row + top) * n + k, n, smaller(kTileRows, rows - top), depth, a_panels + top * depth);
          }
        });
        const Slice slice = {a_panels, b_slice,     b_panels, out + row * p + column, rows, columns, depth,
                             p,        cut.packs_b, k > 0};
        matmul_slice(slice, team);
      }
    }
  }
}

}  // namespace needle::fast::NEEDLE_ISA
