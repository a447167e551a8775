// exp, log and tanh of a vector of floats: reduce the argument, evaluate a polynomial, put the parts together.
//
// The polynomials are minimax fits (Remez exchange, 40 digits) of what remains after the leading terms, which are kept
// exact; the bound beside each is on the relative error before rounding. docs/performance.md has the measured errors.
// Whole domain: NaN gives NaN, infinities and zeros what C's functions give, subnormal arguments and results are right.

#pragma once

#include "vec.h"

namespace needle::fast::NEEDLE_ISA {

constexpr float kLog2e = 1.44269504f;
// log(2) in two parts: the first has few enough bits that its product with any exponent is exact.
constexpr float kLn2High = 0.693359375f;
constexpr float kLn2Low = -2.12194440e-4f;
// Adding 1.5 * 2^23 rounds to a whole number, which is then in the low bits.
constexpr float kRounder = 12582912.0f;
constexpr int32_t kMantissaBits = 23;

/// 2^n for -126 <= n <= 127.
inline Vec two_to(IntVec n) { return from_bits(shifted_left(n + 127, kMantissaBits)); }

/// x * 2^n, where n + kRounder is `shifted` and -126 <= n <= 127.
inline Vec times_two_to(Vec x, Vec shifted) {
#if defined(__AVX512F__)
  return reinterpret_cast<Vec>(
      _mm512_maskz_scalef_ps(0xffff, reinterpret_cast<__m512>(x), reinterpret_cast<__m512>(shifted - kRounder)));
#else
  return x * two_to(bits(shifted) - bits(splat(kRounder)));
#endif
}

/// The nearest whole number to x * log2(e), and what of x remains: x = n * log(2) + r, |r| <= log(2) / 2.
struct Reduced {
  Vec shifted;  // n + kRounder
  Vec r;
};

inline Reduced reduce_by_ln2(Vec x) {
  const Vec shifted = x * kLog2e + kRounder;
  const Vec whole = shifted - kRounder;
  return {shifted, (x - whole * kLn2High) - whole * kLn2Low};
}

/// exp(r) - 1 - r for |r| <= log(2) / 2, within 2^-28.
inline Vec exp_tail(Vec r) {
  Vec poly = splat(1.39505403e-3f);
  poly = poly * r + 8.36891785e-3f;
  poly = poly * r + 4.16662051e-2f;
  poly = poly * r + 1.66665186e-1f;
  poly = poly * r + 0.5f;
  return poly * (r * r);
}

/// exp(r) from the two parts: 1 + r + tail with one rounding, where what 1 + r loses joins the tail.
inline Vec exp_of_reduced(Vec r) {
  const Vec sum = r + 1.0f;
  return sum + (exp_tail(r) + (r - (sum - 1.0f)));
}

NEEDLE_INLINE Vec exp(Vec x) {
  if (all((bits(x) & 0x7fffffff) < bits(splat(87.0f)))) {
    const Reduced reduced = reduce_by_ln2(x);
    return times_two_to(exp_of_reduced(reduced.r), reduced.shifted);
  }
  // Beyond these the result is infinity or 0 in any case; NaN passes both comparisons by.
  Vec inside = x > 89.0f ? splat(89.0f) : x;
  inside = inside < -104.0f ? splat(-104.0f) : inside;
  const Reduced reduced = reduce_by_ln2(inside);
  // 2^n in two factors: n reaches from -150 to 128, and a subnormal result is rounded once, by the last product.
  const IntVec n = bits(reduced.shifted) - bits(splat(kRounder)), half = n >> 1;
  const Vec result = exp_of_reduced(reduced.r) * two_to(half) * two_to(n - half);
  return x != x ? x : result;
}

constexpr int32_t kSqrtHalf = 0x3f3504f3;  // the bits of sqrt(1/2)

/// log(x) + more * log(2) for positive, normal x.
inline Vec log_of_normal(Vec x, IntVec more) {
  // x = 2^e * (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2)
  const IntVec offset = bits_minus(x, kSqrtHalf);
  const Vec exponent = __builtin_convertvector((offset >> kMantissaBits) + more, Vec);
  const Vec f = from_bits((offset & 0x007fffff) + kSqrtHalf) - 1.0f;
  // log(1 + f) = f - f^2 / 2 + f^3 * poly(f), within 2^-30
  Vec poly = splat(6.91553342e-2f);
  poly = poly * f - 1.17898600e-1f;
  poly = poly * f + 1.18729264e-1f;
  poly = poly * f - 1.23843360e-1f;
  poly = poly * f + 1.42186639e-1f;
  poly = poly * f - 1.66692518e-1f;
  poly = poly * f + 2.00022263e-1f;
  poly = poly * f - 2.49999866e-1f;
  poly = poly * f + 3.33333105e-1f;
  const Vec square = f * f;
  Vec tail = poly * (f * square) + exponent * kLn2Low;
  tail = tail - square * 0.5f;
  return exponent * kLn2High + (f + tail);
}

NEEDLE_INLINE Vec log(Vec x) {
  const Vec infinity = splat(__builtin_inff()), smallest_normal = splat(1.17549435e-38f);
  if (all((x >= smallest_normal) & (x < infinity))) {
    return log_of_normal(x, IntVec{});
  }
  const IntVec tiny = x < smallest_normal;
  Vec result = log_of_normal(tiny ? x * 8388608.0f : x, tiny & -kMantissaBits);
  result = x == infinity ? infinity : result;
  result = x == 0.0f ? -infinity : result;
  result = x < 0.0f ? splat(__builtin_nanf("")) : result;
  return x != x ? x : result;
}

NEEDLE_INLINE Vec tanh(Vec x) {
  const Vec magnitude = from_bits(bits(x) & 0x7fffffff);
  // Near 0, where the formula below would cancel: x + x^3 * poly(x^2), within 2^-27.
  const Vec square = x * x;
  Vec poly = splat(-5.71704520e-3f);
  poly = poly * square + 2.06505875e-2f;
  poly = poly * square - 5.37434982e-2f;
  poly = poly * square + 1.33314913e-1f;
  poly = poly * square - 3.33332839e-1f;
  const Vec near_zero = poly * square * x + x;
  // Elsewhere with e = exp(-2|x|): tanh|x| = (1 - e) / (1 + e). Beyond 10 that rounds to 1; NaN stays NaN. An error of
  // e counts for a third or less here, so 2^r is one polynomial, |r| <= 1/2, within 2^-28.
  const Vec inside = lesser(splat(10.0f), magnitude);
  const Vec shifted = inside * (-2.0f * kLog2e) + kRounder;
  const Vec r = inside * (-2.0f * kLog2e) - (shifted - kRounder);
  Vec power = splat(1.53533620e-4f);
  power = power * r + 1.33988739e-3f;
  power = power * r + 9.61843692e-3f;
  power = power * r + 5.55033237e-2f;
  power = power * r + 2.40226477e-1f;
  power = power * r + 6.93147182e-1f;
  power = power * r + 1.0f;
  const Vec e = times_two_to(power, shifted);
  const Vec far = (1.0f - e) / (1.0f + e);
  const Vec result = magnitude < 0.625f ? near_zero : far;
  return from_bits(bits(result) | (bits(x) & INT32_MIN));
}

}  // namespace needle::fast::NEEDLE_ISA
