// A small square transposed in registers: what blocked transposes, the packing of matmul and sums of short rows share.

#pragma once

#include "vec.h"

namespace needle::fast::NEEDLE_ISA {

#if defined(__AVX2__)

constexpr size_t kSide = 8;
typedef float Row __attribute__((vector_size(kSide * sizeof(float))));

/// rows[i][j] becomes rows[j][i].
inline void transpose(Row (&rows)[kSide]) {
  __m256 pairs[kSide], fours[kSide];
  NEEDLE_UNROLL
  for (size_t i = 0; i < kSide; i += 2) {
    // Rows (a0 .. a7), (b0 .. b7) -> (a0 b0 a1 b1 | a4 b4 a5 b5), (a2 b2 a3 b3 | a6 b6 a7 b7)
    pairs[i] = _mm256_unpacklo_ps(reinterpret_cast<__m256>(rows[i]), reinterpret_cast<__m256>(rows[i + 1]));
    pairs[i + 1] = _mm256_unpackhi_ps(reinterpret_cast<__m256>(rows[i]), reinterpret_cast<__m256>(rows[i + 1]));
  }
  NEEDLE_UNROLL
  for (size_t i = 0; i < kSide; i += 4) {
    // ... -> (a0 b0 c0 d0 | a4 b4 c4 d4), (a1 b1 c1 d1 | a5 ..), (a2 ..), (a3 ..)
    fours[i] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], _MM_SHUFFLE(1, 0, 1, 0));
    fours[i + 1] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], _MM_SHUFFLE(3, 2, 3, 2));
    fours[i + 2] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], _MM_SHUFFLE(1, 0, 1, 0));
    fours[i + 3] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], _MM_SHUFFLE(3, 2, 3, 2));
  }
  NEEDLE_UNROLL
  for (size_t i = 0; i < 4; ++i) {
    rows[i] = reinterpret_cast<Row>(_mm256_permute2f128_ps(fours[i], fours[i + 4], 0x20));
    rows[i + 4] = reinterpret_cast<Row>(_mm256_permute2f128_ps(fours[i], fours[i + 4], 0x31));
  }
}

#else

constexpr size_t kSide = 4;
typedef float Row __attribute__((vector_size(kSide * sizeof(float))));

#if defined(__clang__)
#define NEEDLE_SHUFFLE(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define NEEDLE_SHUFFLE(a, b, i, j, k, l) __builtin_shuffle(a, b, IntVec{i, j, k, l})
#endif

/// rows[i][j] becomes rows[j][i].
inline void transpose(Row (&rows)[kSide]) {
  // Rows a, b, c, d -> (a0 b0 a1 b1), (a2 b2 a3 b3), (c0 d0 c1 d1), (c2 d2 c3 d3) -> (a0 b0 c0 d0) ...
  const Row ab_low = NEEDLE_SHUFFLE(rows[0], rows[1], 0, 4, 1, 5),
            ab_high = NEEDLE_SHUFFLE(rows[0], rows[1], 2, 6, 3, 7);
  const Row cd_low = NEEDLE_SHUFFLE(rows[2], rows[3], 0, 4, 1, 5),
            cd_high = NEEDLE_SHUFFLE(rows[2], rows[3], 2, 6, 3, 7);
  rows[0] = NEEDLE_SHUFFLE(ab_low, cd_low, 0, 1, 4, 5);
  rows[1] = NEEDLE_SHUFFLE(ab_low, cd_low, 2, 3, 6, 7);
  rows[2] = NEEDLE_SHUFFLE(ab_high, cd_high, 0, 1, 4, 5);
  rows[3] = NEEDLE_SHUFFLE(ab_high, cd_high, 2, 3, 6, 7);
}

#undef NEEDLE_SHUFFLE

#endif

inline Row load_row(const float* from) {
  Row row;
  __builtin_memcpy(&row, from, sizeof(row));
  return row;
}

inline void store_row(float* to, Row row) { __builtin_memcpy(to, &row, sizeof(row)); }

}  // namespace needle::fast::NEEDLE_ISA
