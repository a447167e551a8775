// matmul_tiled: the layout of the exercise, [rows / 8][columns / 8][8][8]. A tile of the output stays in registers.

#pragma once

#include "kernels.h"
#include "parallel.h"
#include "transpose.h"

namespace needle::fast::NEEDLE_ISA {

/// out += a @ b for tiles of 8 x 8; here a tile's row is one Row of 8 floats, or two of 4.
template <size_t kRows>
inline void tile_product(const float* a, const float* b, Row (&acc)[kRows][kTile / kSide]) {
  constexpr size_t kParts = kTile / kSide;
  for (size_t k = 0; k < kTile; ++k) {
    Row row[kParts];
    NEEDLE_UNROLL
    for (size_t part = 0; part < kParts; ++part) {
      row[part] = load_row(b + k * kTile + part * kSide);
    }
    NEEDLE_UNROLL
    for (size_t i = 0; i < kRows; ++i) {
      NEEDLE_UNROLL
      for (size_t part = 0; part < kParts; ++part) {
        acc[i][part] += a[i * kTile + k] * row[part];
      }
    }
  }
}

static void matmul_tiled(const float* a, const float* b, float* out, size_t m, size_t n, size_t p) {
  constexpr size_t kArea = kTile * kTile;
  constexpr size_t kRows = kSide;  // so many rows' accumulators fit into the registers
  const size_t rows = m / kTile, depth = n / kTile, columns = p / kTile;
  const int team = threads_for(m * n * p, size_t{1} << 19);
  parallel_chunks(rows * columns, larger(1, 64 / (depth + 1)), team, [=](size_t begin, size_t end) {
    for (size_t tile = begin; tile < end; ++tile) {
      const size_t row = tile / columns, column = tile % columns;
      for (size_t first = 0; first < kTile; first += kRows) {
        Row acc[kRows][kTile / kSide] = {};
        for (size_t k = 0; k < depth; ++k) {
          tile_product(a + (row * depth + k) * kArea + first * kTile, b + (k * columns + column) * kArea, acc);
        }
        for (size_t i = 0; i < kRows; ++i) {
          for (size_t part = 0; part < kTile / kSide; ++part) {
            store_row(out + tile * kArea + (first + i) * kTile + part * kSide, acc[i][part]);
          }
        }
      }
    }
  });
}

}  // namespace needle::fast::NEEDLE_ISA
