// The innermost loops of matmul: a tile of out that stays in registers, and products with one vector.

#pragma once

#include "parallel.h"
#include "reduce.h"
#include "vec.h"

namespace needle::fast::NEEDLE_ISA {

// A tile of kTileRows x kTileColumns accumulators; beside them a row of b and one broadcast element of a. As many
// accumulators as the registers hold: the loads they share and the latency they hide both grow with them.
#if defined(__AVX512F__)  // 32 registers of 16 floats
constexpr size_t kTileRows = 12, kTileVectors = 2;
#elif defined(__AVX2__)     // 16 registers of 8
constexpr size_t kTileRows = 6, kTileVectors = 2;
#elif defined(__aarch64__)  // 32 registers of 4
constexpr size_t kTileRows = 8, kTileVectors = 3;
#else                       // 16 registers of 4
constexpr size_t kTileRows = 4, kTileVectors = 3;
#endif
constexpr size_t kTileColumns = kTileVectors * kLanes;

// Where a tile finds the elements of a: each hands out the elements of one column after the other. Some do so in equal
// segments, between which they jump.

/// Packed: [k][kTileRows].
struct PackedA {
  const float* a;
  static constexpr size_t segments = 1;
  NEEDLE_INLINE float element(size_t row) const { return a[row]; }
  NEEDLE_INLINE void next() { a += kTileRows; }
  NEEDLE_INLINE void jump() {}
};

/// Row after row, as a matrix lies in memory: a pointer for each four rows, and steps from it that fit into an address.
struct RowsOfA {
  static constexpr size_t kBases = (kTileRows + 3) / 4;
  const float* base[kBases];
  ptrdiff_t stride, thrice, gap;
  size_t segments;

  RowsOfA(const float* a, ptrdiff_t stride, size_t segments = 1, ptrdiff_t gap = 0)
      : stride(stride), thrice(3 * stride), gap(gap), segments(segments) {
    NEEDLE_UNROLL
    for (size_t index = 0; index < kBases; ++index) {
      base[index] = a + 4 * static_cast<ptrdiff_t>(index) * stride;
    }
  }
  NEEDLE_INLINE float element(size_t row) const {
    const float* from = base[row / 4];
    return row % 4 == 3 ? from[thrice] : from[static_cast<ptrdiff_t>(row % 4) * stride];
  }
  NEEDLE_INLINE void next() {
    NEEDLE_UNROLL
    for (size_t index = 0; index < kBases; ++index) {
      ++base[index];
    }
  }
  NEEDLE_INLINE void jump() {
    NEEDLE_UNROLL
    for (size_t index = 0; index < kBases; ++index) {
      base[index] += gap;
    }
  }
};

/// Column after column, as the transpose of a matrix lies in memory.
struct ColumnsOfA {
  const float* a;
  ptrdiff_t stride;
  size_t segments = 1;
  ptrdiff_t gap = 0;
  NEEDLE_INLINE float element(size_t row) const { return a[row]; }
  NEEDLE_INLINE void next() { a += stride; }
  NEEDLE_INLINE void jump() { a += gap; }
};

// Where a tile's rows of out are.

struct EvenRows {
  float* first;
  size_t stride;
  NEEDLE_INLINE float* row(size_t index) const { return first + index * stride; }
};

struct AnyRows {
  float* const* rows;
  size_t column;
  NEEDLE_INLINE float* row(size_t index) const { return rows[index] + column; }
};

/// out[kRows][columns] = (accumulates ? out : 0) + panel of a @ panel of b, where `columns` fills kVectors vectors but
/// for a part of the last one. The depth is that of each of a's segments; b goes on from one to the next.
template <size_t kRows, size_t kVectors, typename A, typename Out>
static void tile_of(size_t columns, size_t depth, A a, const float* b, ptrdiff_t b_stride, Out out, bool accumulates) {
  Vec acc[kRows][kVectors];
  NEEDLE_UNROLL
  for (size_t i = 0; i < kRows; ++i) {
    NEEDLE_UNROLL
    for (size_t v = 0; v < kVectors; ++v) {
      acc[i][v] = Vec{};
    }
  }
  for (size_t segment = 0; segment < a.segments; ++segment) {
    for (size_t k = 0; k < depth; ++k) {
      Vec row[kVectors];
      NEEDLE_UNROLL
      for (size_t v = 0; v < kVectors; ++v) {
        row[v] = load(b + v * kLanes);
      }
      NEEDLE_UNROLL
      for (size_t i = 0; i < kRows; ++i) {
        const Vec element = splat(a.element(i));
        NEEDLE_UNROLL
        for (size_t v = 0; v < kVectors; ++v) {
          acc[i][v] += element * row[v];
        }
      }
      a.next();
      b += b_stride;
    }
    a.jump();
  }
  const size_t rest = columns - (kVectors - 1) * kLanes;
  NEEDLE_UNROLL
  for (size_t i = 0; i < kRows; ++i) {
    float* to = out.row(i);
    NEEDLE_UNROLL
    for (size_t v = 0; v < kVectors; ++v) {
      float* place = to + v * kLanes;
      if (v + 1 < kVectors || rest == kLanes) {
        store(place, accumulates ? load(place) + acc[i][v] : acc[i][v]);
      } else {
        store_part(place, accumulates ? load_part(place, rest) + acc[i][v] : acc[i][v], rest);
      }
    }
  }
}

/// The tile with `rows` rows, by halving: a switch that the compiler writes.
template <size_t kVectors, size_t kLow, size_t kHigh, typename A, typename Out>
inline void tile_with_rows(size_t rows, size_t columns, size_t depth, A a, const float* b, ptrdiff_t b_stride, Out out,
                           bool accumulates) {
  if constexpr (kLow == kHigh) {
    tile_of<kLow, kVectors>(columns, depth, a, b, b_stride, out, accumulates);
  } else {
    constexpr size_t kMiddle = (kLow + kHigh) / 2;
    if (rows <= kMiddle) {
      tile_with_rows<kVectors, kLow, kMiddle>(rows, columns, depth, a, b, b_stride, out, accumulates);
    } else {
      tile_with_rows<kVectors, kMiddle + 1, kHigh>(rows, columns, depth, a, b, b_stride, out, accumulates);
    }
  }
}

/// Any tile of 1 to kTileRows rows and 1 to kTileColumns columns; a narrow one leaves out the vectors it does not need.
/// b is read in whole vectors: of a narrower tile, up to the next multiple of kLanes.
template <size_t kVectors = kTileVectors, typename A, typename Out>
inline void tile(size_t rows, size_t columns, size_t depth, A a, const float* b, ptrdiff_t b_stride, Out out,
                 bool accumulates) {
  if constexpr (kVectors > 1) {
    if (columns <= (kVectors - 1) * kLanes) {
      return tile<kVectors - 1>(rows, columns, depth, a, b, b_stride, out, accumulates);
    }
  }
  tile_with_rows<kVectors, 1, kTileRows>(rows, columns, depth, a, b, b_stride, out, accumulates);
}

/// out (m) = a (m, n) @ b (n): a is read once, so its memory is the limit.
inline void matrix_times_vector(const float* a, const float* b, float* out, size_t m, size_t n) {
  constexpr size_t kTogether = 4, kParts = 2;
  const int team = threads_for(m * n, size_t{1} << 17);
  const size_t chunk = round_up(larger(1, (size_t{1} << 15) / n), kTogether);
  parallel_chunks(m, chunk, team, [=](size_t begin, size_t end) {
    size_t row = begin;
    for (; row + kTogether <= end; row += kTogether) {
      const float* from = a + row * n;
      Vec acc[kTogether][kParts] = {};
      size_t k = 0;
      for (; k + kParts * kLanes <= n; k += kParts * kLanes) {
        NEEDLE_UNROLL
        for (size_t part = 0; part < kParts; ++part) {
          const Vec factor = load(b + k + part * kLanes);
          NEEDLE_UNROLL
          for (size_t i = 0; i < kTogether; ++i) {
            acc[i][part] += load(from + i * n + k + part * kLanes) * factor;
          }
        }
      }
      for (size_t i = 0; i < kTogether; ++i) {
        float result = join_lanes<Sum>(acc[i][0] + acc[i][1]);
        for (size_t rest = k; rest < n; ++rest) {
          result += from[i * n + rest] * b[rest];
        }
        out[row + i] = result;
      }
    }
    for (; row < end; ++row) {
      Vec acc = {};
      size_t k = 0;
      for (; k + kLanes <= n; k += kLanes) {
        acc += load(a + row * n + k) * load(b + k);
      }
      float result = join_lanes<Sum>(acc);
      for (; k < n; ++k) {
        result += a[row * n + k] * b[k];
      }
      out[row] = result;
    }
  });
}

/// out (p) = a (n) @ b (n, p): some rows of b at a time, long stretches of each.
inline void vector_times_matrix(const float* a, const float* b, float* out, size_t n, size_t p) {
  constexpr size_t kTogether = 8, kStretch = 1024;
  const int team = threads_for(n * p, size_t{1} << 17);
  const size_t stretch = smaller(kStretch, round_up(ceil_div(p, static_cast<size_t>(team)), kLanes));
  parallel_chunks(p, stretch, team, [=](size_t from, size_t to) {
    for (size_t begin = from; begin < to; begin += kStretch) {
      const size_t end = smaller(to, begin + kStretch), whole = begin + (end - begin) / kLanes * kLanes;
      for (size_t j = begin; j < end; ++j) {
        out[j] = 0.0f;
      }
      size_t k = 0;
      for (; k + kTogether <= n; k += kTogether) {
        const float* row = b + k * p;
        for (size_t j = begin; j < whole; j += kLanes) {
          Vec even = load(out + j), odd = {};
          NEEDLE_UNROLL
          for (size_t i = 0; i < kTogether; i += 2) {
            even += a[k + i] * load(row + i * p + j);
            odd += a[k + i + 1] * load(row + (i + 1) * p + j);
          }
          store(out + j, even + odd);
        }
        for (size_t j = whole; j < end; ++j) {
          for (size_t i = 0; i < kTogether; ++i) {
            out[j] += a[k + i] * row[i * p + j];
          }
        }
      }
      for (; k < n; ++k) {
        for (size_t j = begin; j < end; ++j) {
          out[j] += a[k] * b[k * p + j];
        }
      }
    }
  });
}

}  // namespace needle::fast::NEEDLE_ISA
