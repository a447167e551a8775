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

/// out[kRows][columns] = (accumulates ? out : 0) + panel of a @ panel of b, where `columns` fills kVectors vectors but
/// for a part of the last one.
template <size_t kRows, size_t kVectors>
static void tile_of(size_t columns, size_t depth, const float* a, const float* b, size_t b_stride, float* out,
                    size_t out_stride, bool accumulates) {
  Vec acc[kRows][kVectors];
  NEEDLE_UNROLL
  for (size_t i = 0; i < kRows; ++i) {
    NEEDLE_UNROLL
    for (size_t v = 0; v < kVectors; ++v) {
      acc[i][v] = Vec{};
    }
  }
  for (size_t k = 0; k < depth; ++k) {
    Vec row[kVectors];
    NEEDLE_UNROLL
    for (size_t v = 0; v < kVectors; ++v) {
      row[v] = load(b + v * kLanes);
    }
    NEEDLE_UNROLL
    for (size_t i = 0; i < kRows; ++i) {
      const Vec element = splat(a[i]);
      NEEDLE_UNROLL
      for (size_t v = 0; v < kVectors; ++v) {
        acc[i][v] += element * row[v];
      }
    }
    a += kTileRows;
    b += b_stride;
  }
  const size_t rest = columns - (kVectors - 1) * kLanes;
  NEEDLE_UNROLL
  for (size_t i = 0; i < kRows; ++i) {
    float* to = out + i * out_stride;
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
template <size_t kVectors, size_t kLow, size_t kHigh>
inline void tile_with_rows(size_t rows, size_t columns, size_t depth, const float* a, const float* b, size_t b_stride,
                           float* out, size_t out_stride, bool accumulates) {
  if constexpr (kLow == kHigh) {
    tile_of<kLow, kVectors>(columns, depth, a, b, b_stride, out, out_stride, accumulates);
  } else {
    constexpr size_t kMiddle = (kLow + kHigh) / 2;
    if (rows <= kMiddle) {
      tile_with_rows<kVectors, kLow, kMiddle>(rows, columns, depth, a, b, b_stride, out, out_stride, accumulates);
    } else {
      tile_with_rows<kVectors, kMiddle + 1, kHigh>(rows, columns, depth, a, b, b_stride, out, out_stride, accumulates);
    }
  }
}

/// Any tile of 1 to kTileRows rows and 1 to kTileColumns columns; a narrow one leaves out the vectors it does not need.
template <size_t kVectors = kTileVectors>
inline void tile(size_t rows, size_t columns, size_t depth, const float* a, const float* b, size_t b_stride, float* out,
                 size_t out_stride, bool accumulates) {
  if constexpr (kVectors > 1) {
    if (columns <= (kVectors - 1) * kLanes) {
      return tile<kVectors - 1>(rows, columns, depth, a, b, b_stride, out, out_stride, accumulates);
    }
  }
  tile_with_rows<kVectors, 1, kTileRows>(rows, columns, depth, a, b, b_stride, out, out_stride, accumulates);
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
