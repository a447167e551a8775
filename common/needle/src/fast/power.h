// x to the power of one scalar, in double precision where that keeps the result within one unit in the last place.

#pragma once

#include <math.h>

#include "elementwise.h"

namespace needle::fast::NEEDLE_ISA {

// As many doubles as a Vec has floats; the compiler splits them over two registers. Passed by reference only: how such
// a vector would be passed by value is no part of a calling convention.
typedef double Doubles __attribute__((vector_size(2 * kVectorBytes)));
typedef uint64_t UnsignedLongs __attribute__((vector_size(2 * kVectorBytes)));

constexpr float kLargestWhole = 64.0f;

/// Whole powers by repeated squaring: x^13 = x^8 * x^4 * x. Signs, zeros, infinities and NaN come out right by
/// themselves.
inline Vec whole_power(Vec x, int exponent) {
  const bool inverse = exponent < 0;
  Doubles square = __builtin_convertvector(x, Doubles);
  Doubles result = 1.0 - Doubles{};
  for (int rest = inverse ? -exponent : exponent; rest > 0; rest >>= 1) {
    if (rest & 1) {
      result *= square;
    }
    square *= square;
  }
  if (inverse) {
    result = 1.0 / result;
  }
  return __builtin_convertvector(result, Vec);
}

/// 2^(y * log2(x)) for finite y; lanes that are not positive, normal and far from the ends of the range are left to
/// powf.
inline Vec any_power(Vec x, float y) {
  const IntVec offset = bits_minus(x, 0x3f3504f3);  // x = 2^e * m with sqrt(1/2) <= m < sqrt(2)
  const IntVec e = offset >> 23;
  const Vec m = from_bits((offset & 0x007fffff) + 0x3f3504f3);
  // log2(m) = s * poly(s^2) with s = (m - 1) / (m + 1), within 2^-43
  const Doubles wide = __builtin_convertvector(m, Doubles);
  const Doubles s = (wide - 1.0) / (wide + 1.0), z = s * s;
  Doubles poly = z * 0.28292981068465074 + 0.31990366586886472;
  poly = poly * z + 0.41220930080634920;
  poly = poly * z + 0.57707794189646751;
  poly = poly * z + 0.96179669411491667;
  poly = poly * z + 2.88539008177784916;
  const Doubles power = (__builtin_convertvector(e, Doubles) + s * poly) * static_cast<double>(y);
  const Vec rounded = __builtin_convertvector(power, Vec);
  // 2^power = 2^n * 2^f, |f| <= 1/2; 2^f = 1 + f * poly(f), within 2^-40. The sum puts n into the low bits.
  const double rounder = 6755399441055744.0;  // 1.5 * 2^52
  const Doubles shifted = power + rounder;
  const Doubles f = power - (shifted - rounder);
  Doubles two_to_f = f * 1.32635031872766206e-6 + 1.53100101885864020e-5;
  two_to_f = two_to_f * f + 1.54034154468260373e-4;
  two_to_f = two_to_f * f + 1.33334509065062481e-3;
  two_to_f = two_to_f * f + 9.61812921946298646e-3;
  two_to_f = two_to_f * f + 5.55041094070140290e-2;
  two_to_f = two_to_f * f + 0.240226506955541403;
  two_to_f = two_to_f * f + 0.693147180546151723;
  two_to_f = two_to_f * f + 1.0;
  const Doubles scale = reinterpret_cast<Doubles>((reinterpret_cast<UnsignedLongs>(shifted) + 1023) << 52);
  Vec result = __builtin_convertvector(two_to_f * scale, Vec);
  const IntVec ordinary = (x >= 1.17549435e-38f) & (x <= 3.40282347e+38f) & (rounded < 125.0f) & (rounded > -125.0f);
  if (!all(ordinary)) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      if (!ordinary[lane]) {
        result[lane] = powf(x[lane], y);
      }
    }
  }
  return result;
}

inline Vec square_root(Vec x) {
#if defined(__AVX512F__)
  return reinterpret_cast<Vec>(_mm512_maskz_sqrt_ps(0xffff, reinterpret_cast<__m512>(x)));
#elif defined(__AVX2__)
  return reinterpret_cast<Vec>(_mm256_sqrt_ps(reinterpret_cast<__m256>(x)));
#else
  for (size_t lane = 0; lane < kLanes; ++lane) {
    x[lane] = sqrtf(x[lane]);
  }
  return x;
#endif
}

static void power(const float* a, float value, float* out, size_t size) {
  if (value == 1.0f) {
    return map1(a, out, size, 1, [](Vec x) { return x; });
  }
  if (value == 2.0f) {
    return map1(a, out, size, 1, [](Vec x) { return x * x; });
  }
  if (value == -1.0f) {
    return map1(a, out, size, 2, [](Vec x) { return 1.0f / x; });
  }
  if (value == 0.5f) {
    // C's pow differs from sqrt in two places: pow(-0.0, 0.5) is 0.0, and pow(-infinity, 0.5) is infinity.
    const Vec infinity = splat(__builtin_inff());
    return map1(a, out, size, 2, [=](Vec x) { return x == -infinity ? infinity : square_root(x) + 0.0f; });
  }
  if (value >= -kLargestWhole && value <= kLargestWhole && value == static_cast<float>(static_cast<int>(value))) {
    const int exponent = static_cast<int>(value);
    return map1(a, out, size, 4, [=](Vec x) { return whole_power(x, exponent); });
  }
  if (value - value == 0.0f) {
    return map1(a, out, size, 16, [=](Vec x) { return any_power(x, value); });
  }
  map1(a, out, size, 32, [=](Vec x) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      x[lane] = powf(x[lane], value);
    }
    return x;
  });
}

}  // namespace needle::fast::NEEDLE_ISA
