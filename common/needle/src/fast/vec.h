// Vectors of the widest registers that this instruction set has, by the compiler's vector extensions (GCC and Clang):
// arithmetic, comparisons and `mask ? x : y` are written with operators and compile to one instruction each.

#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace needle::fast::NEEDLE_ISA {

#if defined(__AVX512F__)
constexpr size_t kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr size_t kVectorBytes = 32;
#else
constexpr size_t kVectorBytes = 16;
#endif
constexpr size_t kLanes = kVectorBytes / sizeof(float);

typedef float Vec __attribute__((vector_size(kVectorBytes)));
typedef int32_t IntVec __attribute__((vector_size(kVectorBytes)));
typedef uint32_t UnsignedVec __attribute__((vector_size(kVectorBytes)));

inline Vec splat(float value) { return value - Vec{}; }
inline IntVec splat(int32_t value) { return value - IntVec{}; }

inline Vec load(const float* from) {
  Vec value;
  __builtin_memcpy(&value, from, sizeof(value));
  return value;
}

inline void store(float* to, Vec value) { __builtin_memcpy(to, &value, sizeof(value)); }

/// The first `count` < kLanes floats; the other lanes are 0.
inline Vec load_part(const float* from, size_t count) {
#if defined(__AVX512F__)
  return reinterpret_cast<Vec>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from));
#endif
  Vec value = {};
  for (size_t lane = 0; lane < count; ++lane) {
    value[lane] = from[lane];
  }
  return value;
}

inline void store_part(float* to, Vec value, size_t count) {
#if defined(__AVX512F__)
  return _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), reinterpret_cast<__m512>(value));
#endif
  for (size_t lane = 0; lane < count; ++lane) {
    to[lane] = value[lane];
  }
}

/// A store that passes the caches by, to an address that kVectorBytes divides. It saves reading the line before it is
/// written, a quarter to a half of the traffic of an elementwise kernel. An ordinary store where there is no such
/// thing.
inline void stream(float* to, Vec value) {
#if defined(__AVX512F__)
  _mm512_stream_ps(to, reinterpret_cast<__m512>(value));
#elif defined(__AVX2__)
  _mm256_stream_ps(to, reinterpret_cast<__m256>(value));
#elif defined(__SSE2__)
  _mm_stream_ps(to, reinterpret_cast<__m128>(value));
#else
  store(to, value);
#endif
}

/// After the last `stream`: the other threads see what was written before they see that this one is done.
inline void stream_done() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

inline bool aligned(const void* address) { return reinterpret_cast<uintptr_t>(address) % kVectorBytes == 0; }

/// x < y ? x : y, in one instruction: y where either is NaN.
inline Vec lesser(Vec x, Vec y) {
#if defined(__AVX512F__)
  return reinterpret_cast<Vec>(_mm512_maskz_min_ps(0xffff, reinterpret_cast<__m512>(x), reinterpret_cast<__m512>(y)));
#elif defined(__AVX2__)
  return reinterpret_cast<Vec>(_mm256_min_ps(reinterpret_cast<__m256>(x), reinterpret_cast<__m256>(y)));
#elif defined(__SSE2__)
  return reinterpret_cast<Vec>(_mm_min_ps(reinterpret_cast<__m128>(x), reinterpret_cast<__m128>(y)));
#else
  return x < y ? x : y;
#endif
}

inline IntVec bits(Vec value) { return reinterpret_cast<IntVec>(value); }
inline Vec from_bits(IntVec value) { return reinterpret_cast<Vec>(value); }

// Of the bits of any floats, zeros and NaN among them: like unsigned numbers, these wrap around.
inline IntVec bits_minus(Vec value, int32_t other) {
  return reinterpret_cast<IntVec>(reinterpret_cast<UnsignedVec>(value) - static_cast<uint32_t>(other));
}
inline IntVec shifted_left(IntVec value, int by) {
  return reinterpret_cast<IntVec>(reinterpret_cast<UnsignedVec>(value) << by);
}

/// Whether every lane of a mask (0 or -1) is set.
inline bool all(IntVec mask) {
#if defined(__AVX512F__)
  return _mm512_movepi32_mask(reinterpret_cast<__m512i>(mask)) == 0xffff;
#elif defined(__AVX2__)
  return _mm256_movemask_ps(reinterpret_cast<__m256>(mask)) == 0xff;
#elif defined(__SSE2__)
  return _mm_movemask_ps(reinterpret_cast<__m128>(mask)) == 0xf;
#else
  int32_t result = mask[0];
  for (size_t lane = 1; lane < kLanes; ++lane) {
    result &= mask[lane];
  }
  return result != 0;
#endif
}

#if defined(__AVX2__)
/// result[l] = value[lane[l]]
inline Vec permuted(Vec value, IntVec lane) {
#if defined(__AVX512F__)
  return reinterpret_cast<Vec>(
      _mm512_maskz_permutexvar_ps(0xffff, reinterpret_cast<__m512i>(lane), reinterpret_cast<__m512>(value)));
#else
  return reinterpret_cast<Vec>(
      _mm256_permutevar8x32_ps(reinterpret_cast<__m256>(value), reinterpret_cast<__m256i>(lane)));
#endif
}
#endif

inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
inline size_t larger(size_t a, size_t b) { return a > b ? a : b; }
inline size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }
inline size_t round_up(size_t a, size_t b) { return ceil_div(a, b) * b; }

}  // namespace needle::fast::NEEDLE_ISA

/// A function that loops are to have inside.
#define NEEDLE_INLINE inline __attribute__((always_inline))

/// Unroll the next loop, whose trip count is a constant: its accumulators then live in registers.
#if defined(__clang__)
#define NEEDLE_UNROLL _Pragma("unroll")
#else
#define NEEDLE_UNROLL _Pragma("GCC unroll 32")
#endif

/// Unroll a loop whose trip count is not known a few times.
#if defined(__clang__)
#define NEEDLE_UNROLL_SOME _Pragma("unroll 4")
#else
#define NEEDLE_UNROLL_SOME _Pragma("GCC unroll 4")
#endif
