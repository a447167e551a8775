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
//
// Both matrices may have any strides (a transpose is one that runs the other way): packing takes them as they are. And
// a batch of products, small ones each, shares out whole products instead: then a is not packed at all.

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
  explicit Cut(const Product& product) : Cut(product.m, product.n, product.p, product.b_column == 1) {}
  Cut(size_t m, size_t n, size_t p, bool b_in_place)
      : depth(ceil_div(n, larger(1, ceil_div(n, kDepth)))),  // slices of about equal depth
        rows(smaller(m, kSliceRows)),
        columns(smaller(p, kSliceColumns)),
        packs_b(!b_in_place || ceil_div(m, kTileRows) >= (n * p <= kSmall ? kSmallPackedFrom : kPackedFrom)),
        a_floats(round_up(round_up(rows, kTileRows) * depth, 16)),
        b_floats((packs_b ? round_up(columns, kTileColumns) : kTileColumns) * depth) {}

  size_t depth, rows, columns;  // of a slice
  bool packs_b;
  size_t a_floats, b_floats;  // of scratch
};

static size_t scratch_floats(const Product& product) {
  const Cut cut(product);
  return cut.a_floats + cut.b_floats;
}

/// `rows` rows of `depth` floats, `stride` apart, to [k][kWidth]: a transpose. Missing rows are left as they are.
template <size_t kWidth>
inline void pack_across(const float* a, ptrdiff_t stride, size_t rows, size_t depth, float* panel) {
  const auto at = [=](size_t row) { return a + static_cast<ptrdiff_t>(row) * stride; };
  size_t row = 0;
  for (; row + kSide <= rows; row += kSide) {
    size_t k = 0;
    for (; k + kSide <= depth; k += kSide) {
      Row square[kSide];
      NEEDLE_UNROLL
      for (size_t i = 0; i < kSide; ++i) {
        square[i] = load_row(at(row + i) + k);
      }
      transpose(square);
      NEEDLE_UNROLL
      for (size_t i = 0; i < kSide; ++i) {
        store_row(panel + (k + i) * kWidth + row, square[i]);
      }
    }
    for (; k < depth; ++k) {
      for (size_t i = 0; i < kSide; ++i) {
        panel[k * kWidth + row + i] = at(row + i)[k];
      }
    }
  }
  for (; row < rows; ++row) {
    for (size_t k = 0; k < depth; ++k) {
      panel[k * kWidth + row] = at(row)[k];
    }
  }
}

/// `depth` rows of `columns` floats, `stride` apart, to [k][kWidth], filled up with zeros.
template <size_t kWidth>
inline void pack_along(const float* b, ptrdiff_t stride, size_t depth, size_t columns, float* panel) {
  for (size_t k = 0; k < depth; ++k, b += stride, panel += kWidth) {
    if (columns == kWidth) {
      __builtin_memcpy(panel, b, kWidth * sizeof(float));
      continue;
    }
    for (size_t j = 0; j < kWidth; ++j) {
      panel[j] = j < columns ? b[j] : 0.0f;
    }
  }
}

/// `depth` x `width` floats, `down` and `across` apart, to [k][kWidth], filled up with zeros: whatever runs along
/// memory decides how they are moved.
template <size_t kWidth>
inline void pack_panel(const float* from, ptrdiff_t down, ptrdiff_t across, size_t depth, size_t width, float* panel) {
  if (across == 1) {
    return pack_along<kWidth>(from, down, depth, width, panel);
  }
  if (width < kWidth) {
    __builtin_memset(panel, 0, depth * kWidth * sizeof(float));
  }
  if (down == 1) {
    return pack_across<kWidth>(from, across, width, depth, panel);
  }
  for (size_t k = 0; k < depth; ++k) {
    for (size_t j = 0; j < width; ++j) {
      panel[k * kWidth + j] = from[static_cast<ptrdiff_t>(k) * down + static_cast<ptrdiff_t>(j) * across];
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
  ptrdiff_t b_stride;  // of b in place
  size_t stride;       // of out
  bool packed;         // b_panels holds all panels, else only the last one, if that is not whole
  bool accumulates;    // out holds the sum over earlier slices
};

/// The tiles of panels [top, bottom) x [left, right).
inline void multiply_panels(const Slice& slice, size_t top, size_t bottom, size_t left, size_t right) {
  for (size_t across = left; across < right; ++across) {
    const size_t column = across * kTileColumns, columns = smaller(kTileColumns, slice.columns - column);
    const bool in_place = !slice.packed && columns == kTileColumns;
    const float* b = in_place       ? slice.b + column
                     : slice.packed ? slice.b_panels + column * slice.depth
                                    : slice.b_panels;
    const ptrdiff_t b_stride = in_place ? slice.b_stride : static_cast<ptrdiff_t>(kTileColumns);
    for (size_t down = top; down < bottom; ++down) {
      const size_t row = down * kTileRows, rows = smaller(kTileRows, slice.rows - row);
      tile(rows, columns, slice.depth, PackedA{slice.a_panels + row * slice.depth}, b, b_stride,
           EvenRows{slice.out + row * slice.stride + column, slice.stride}, slice.accumulates);
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

/// Whether a product with one row or one column is one that micro.h has a loop for; computes it then.
inline bool matmul_with_vector(const Product& product, const float* a, const float* b, float* out) {
  const size_t m = product.m, n = product.n, p = product.p;
  if (product.a_column != 1) {
    return false;
  }
  if (p == 1 && product.b_row == 1 && product.a_row == static_cast<ptrdiff_t>(n)) {
    matrix_times_vector(a, b, out, m, n);
    return true;
  }
  if (m == 1 && product.b_column == 1 && product.b_row == static_cast<ptrdiff_t>(p)) {
    vector_times_matrix(a, b, out, n, p);
    return true;
  }
  return false;
}

static void matmul(const Product& product, const float* a, const float* b, float* out, float* scratch) {
  const size_t m = product.m, n = product.n, p = product.p;
  if (m == 0 || p == 0) {
    return;
  }
  if (n == 0) {
    return fill(out, 0.0f, m * p);
  }
  if (matmul_with_vector(product, a, b, out)) {
    return;
  }
  const Cut cut(product);
  const ptrdiff_t a_row = product.a_row, a_column = product.a_column;
  const ptrdiff_t b_row = product.b_row, b_column = product.b_column;
  float* const a_panels = scratch;
  float* const b_panels = scratch + cut.a_floats;
  const int team = threads_for(m * n * p, kWorkPerThread);
  for (size_t column = 0; column < p; column += cut.columns) {
    const size_t columns = smaller(cut.columns, p - column);
    for (size_t k = 0; k < n; k += cut.depth) {
      const size_t depth = smaller(cut.depth, n - k);
      const auto b_at = [=](size_t left) {
        return b + static_cast<ptrdiff_t>(k) * b_row + static_cast<ptrdiff_t>(column + left) * b_column;
      };
      const size_t panels = ceil_div(columns, kTileColumns);
      const size_t first = cut.packs_b ? 0 : columns / kTileColumns;
      parallel_chunks(panels - first, 4, team, [=](size_t begin, size_t end) {
        for (size_t panel = begin; panel < end; ++panel) {
          const size_t left = (first + panel) * kTileColumns;
          pack_panel<kTileColumns>(b_at(left), b_row, b_column, depth, smaller(kTileColumns, columns - left),
                                   b_panels + panel * kTileColumns * depth);
        }
      });
      for (size_t row = 0; row < m; row += cut.rows) {
        const size_t rows = smaller(cut.rows, m - row);
        parallel_chunks(ceil_div(rows, kTileRows), 4, team, [=](size_t begin, size_t end) {
          for (size_t panel = begin; panel < end; ++panel) {
            const size_t top = panel * kTileRows;
            const float* from = a + static_cast<ptrdiff_t>(row + top) * a_row + static_cast<ptrdiff_t>(k) * a_column;
            pack_panel<kTileRows>(from, a_column, a_row, depth, smaller(kTileRows, rows - top), a_panels + top * depth);
          }
        });
        const Slice slice = {a_panels, b_at(0),     b_panels, out + row * p + column, rows, columns, depth, b_row,
                             p,        cut.packs_b, k > 0};
        matmul_slice(slice, team);
      }
    }
  }
}

/// A product on this thread alone, without scratch: a is read in place, so it must run along memory one way or the
/// other.
inline void matmul_in_place(const Product& product, const float* a, const float* b, float* out) {
  const size_t m = product.m, n = product.n, p = product.p;
  alignas(64) float packed[kDepth * kTileColumns];
  const size_t slice = ceil_div(n, ceil_div(n, kDepth));
  const bool few = ceil_div(m, kTileRows) < kSmallPackedFrom;
  for (size_t column = 0; column < p; column += kTileColumns) {
    const size_t columns = smaller(kTileColumns, p - column);
    const bool in_place = product.b_column == 1 && columns % kLanes == 0 && few;
    for (size_t k = 0; k < n; k += slice) {
      const size_t depth = smaller(slice, n - k);
      const float* from =
          b + static_cast<ptrdiff_t>(k) * product.b_row + static_cast<ptrdiff_t>(column) * product.b_column;
      if (!in_place) {
        pack_panel<kTileColumns>(from, product.b_row, product.b_column, depth, columns, packed);
        from = packed;
      }
      const ptrdiff_t b_stride = in_place ? product.b_row : static_cast<ptrdiff_t>(kTileColumns);
      for (size_t row = 0; row < m; row += kTileRows) {
        const size_t rows = smaller(kTileRows, m - row);
        const float* a_from =
            a + static_cast<ptrdiff_t>(row) * product.a_row + static_cast<ptrdiff_t>(k) * product.a_column;
        const EvenRows to = {out + row * p + column, p};
        if (product.a_column == 1) {
          tile(rows, columns, depth, RowsOfA(a_from, product.a_row), from, b_stride, to, k > 0);
        } else {
          tile(rows, columns, depth, ColumnsOfA{a_from, product.a_column}, from, b_stride, to, k > 0);
        }
      }
    }
  }
}

// From so many multiply-adds on, each product of a batch is shared out among the threads, else whole products are.
constexpr size_t kLargeProduct = size_t{1} << 24;

static void matmul_batch(const ProductBatch& batch, const float* a, const float* b, float* out, float* scratch) {
  const Product& each = batch.product;
  size_t count = 1;
  for (int dim = 0; dim < batch.ndim; ++dim) {
    count *= batch.shape[dim];
  }
  const size_t size = each.m * each.p, work = size * each.n;
  if (count == 0 || size == 0) {
    return;
  }
  if (each.n == 0) {
    return fill(out, 0.0f, count * size);
  }
  const auto go = [&](size_t index, const auto& multiply) {
    const float *a_from = a, *b_from = b;
    for (size_t rest = index, dim = static_cast<size_t>(batch.ndim); dim-- > 0; rest /= batch.shape[dim]) {
      const auto at = static_cast<ptrdiff_t>(rest % batch.shape[dim]);
      a_from += at * batch.a[dim];
      b_from += at * batch.b[dim];
    }
    multiply(a_from, b_from, out + index * size);
  };
  if ((each.a_column != 1 && each.a_row != 1) || work >= kLargeProduct) {
    for (size_t index = 0; index < count; ++index) {
      go(index, [&](const float* x, const float* y, float* to) { matmul(each, x, y, to, scratch); });
    }
    return;
  }
  const size_t chunk = larger(1, kWorkPerThread / 8 / work);
  parallel_chunks(count, chunk, threads_for(count * work, kWorkPerThread), [&](size_t begin, size_t end) {
    for (size_t index = begin; index < end; ++index) {
      go(index, [&](const float* x, const float* y, float* to) { matmul_in_place(each, x, y, to); });
    }
  });
}

}  // namespace needle::fast::NEEDLE_ISA
