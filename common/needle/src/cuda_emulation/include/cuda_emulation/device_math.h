// The functions of numbers that CUDA has and C++ has not, or has under other names. Those of <cmath> are there as well.
//
// The fast ones, such as __expf, are as accurate as the others here; on a GPU they are not.

#pragma once

#include <math.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace cuda_emulation {

template <typename To, typename From>
To bit_cast(From from) {
  static_assert(sizeof(To) == sizeof(From), "of equal size");
  To to;
  std::memcpy(&to, &from, sizeof(To));
  return to;
}

inline float reciprocal_root(float x) { return 1 / std::sqrt(x); }
inline double reciprocal_root(double x) { return 1 / std::sqrt(x); }
inline double sine_of_pi(double x) { return std::sin(3.14159265358979323846 * std::fmod(x, 2)); }
inline double cosine_of_pi(double x) { return std::cos(3.14159265358979323846 * std::fmod(x, 2)); }
inline double power_of_ten(double x) { return std::pow(10.0, x); }

template <typename A, typename B>
using Numbers = std::enable_if_t<std::is_arithmetic_v<A> && std::is_arithmetic_v<B>, std::common_type_t<A, B>>;

}  // namespace cuda_emulation

// Macros, since some C libraries have functions of these names.
#define rsqrt(x) (::cuda_emulation::reciprocal_root(static_cast<double>(x)))
#define rsqrtf(x) (::cuda_emulation::reciprocal_root(static_cast<float>(x)))
#define sinpi(x) (::cuda_emulation::sine_of_pi(x))
#define sinpif(x) (static_cast<float>(::cuda_emulation::sine_of_pi(x)))
#define cospi(x) (::cuda_emulation::cosine_of_pi(x))
#define cospif(x) (static_cast<float>(::cuda_emulation::cosine_of_pi(x)))
#define exp10(x) (::cuda_emulation::power_of_ten(x))
#define exp10f(x) (static_cast<float>(::cuda_emulation::power_of_ten(x)))

// As CUDA's: of floats, NaN loses; of two types, the one that C++ would compute in.
template <typename A, typename B>
::cuda_emulation::Numbers<A, B> min(A a, B b) {
  using T = std::common_type_t<A, B>;
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmin(static_cast<T>(a), static_cast<T>(b));
  } else {
    return static_cast<T>(b) < static_cast<T>(a) ? static_cast<T>(b) : static_cast<T>(a);
  }
}
template <typename A, typename B>
::cuda_emulation::Numbers<A, B> max(A a, B b) {
  using T = std::common_type_t<A, B>;
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmax(static_cast<T>(a), static_cast<T>(b));
  } else {
    return static_cast<T>(a) < static_cast<T>(b) ? static_cast<T>(b) : static_cast<T>(a);
  }
}

inline float __expf(float x) { return std::exp(x); }
inline float __exp10f(float x) { return exp10f(x); }
inline float __logf(float x) { return std::log(x); }
inline float __log2f(float x) { return std::log2(x); }
inline float __log10f(float x) { return std::log10(x); }
inline float __powf(float x, float y) { return std::pow(x, y); }
inline float __sinf(float x) { return std::sin(x); }
inline float __cosf(float x) { return std::cos(x); }
inline float __tanf(float x) { return std::tan(x); }
inline void __sincosf(float x, float* sine, float* cosine) { *sine = std::sin(x), *cosine = std::cos(x); }
inline float __fdividef(float x, float y) { return x / y; }
inline float fdividef(float x, float y) { return x / y; }
inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1) : 0; }
inline float __fadd_rn(float x, float y) { return (x + y); }
inline float __fsub_rn(float x, float y) { return x - y; }
inline float __fmul_rn(float x, float y) { return x * y; }
inline float __fdiv_rn(float x, float y) { return x / y; }
inline float __fmaf_rn(float x, float y, float z) { return std::fma(x, y, z); }
inline float __frcp_rn(float x) { return 1 / x; }
inline float __fsqrt_rn(float x) { return std::sqrt(x); }
inline float __frsqrt_rn(float x) { return 1 / std::sqrt(x); }
inline float rcbrtf(float x) { return 1 / std::cbrt(x); }
inline float rhypotf(float x, float y) { return 1 / std::hypot(x, y); }
inline float normcdff(float x) { return static_cast<float>(0.5 * std::erfc(-x * 0.70710678118654752440)); }

inline int __float_as_int(float x) { return ::cuda_emulation::bit_cast<int>(x); }
inline unsigned __float_as_uint(float x) { return ::cuda_emulation::bit_cast<unsigned>(x); }
inline float __int_as_float(int x) { return ::cuda_emulation::bit_cast<float>(x); }
inline float __uint_as_float(unsigned x) { return ::cuda_emulation::bit_cast<float>(x); }
inline long long __double_as_longlong(double x) { return ::cuda_emulation::bit_cast<long long>(x); }
inline double __longlong_as_double(long long x) { return ::cuda_emulation::bit_cast<double>(x); }
inline int __float2int_rn(float x) { return static_cast<int>(std::nearbyint(x)); }
inline int __float2int_rz(float x) { return static_cast<int>(x); }
inline int __float2int_rd(float x) { return static_cast<int>(std::floor(x)); }
inline int __float2int_ru(float x) { return static_cast<int>(std::ceil(x)); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
inline unsigned __brev(unsigned x) {
  unsigned reversed = 0;
  for (int bit = 0; bit < 32; ++bit) {
    reversed |= (x >> bit & 1) << (31 - bit);
  }
  return reversed;
}
inline int __mul24(int x, int y) { return ((x << 8) >> 8) * ((y << 8) >> 8); }
inline unsigned __umul24(unsigned x, unsigned y) { return (x & 0xffffff) * (y & 0xffffff); }
inline int __mulhi(int x, int y) { return static_cast<int>((static_cast<std::int64_t>(x) * y) >> 32); }
inline unsigned __umulhi(unsigned x, unsigned y) {
  return static_cast<unsigned>((static_cast<std::uint64_t>(x) * y) >> 32);
}
inline unsigned long long __umul64hi(unsigned long long x, unsigned long long y) {
  return static_cast<unsigned long long>((static_cast<unsigned __int128>(x) * y) >> 64);
}

// Loads and stores that say how to use a GPU's caches.
template <typename T>
T __ldg(const T* address) {
  return *address;
}
template <typename T>
T __ldca(const T* address) {
  return *address;
}
template <typename T>
T __ldcg(const T* address) {
  return *address;
}
template <typename T>
T __ldcs(const T* address) {
  return *address;
}
template <typename T>
void __stcg(T* address, T value) {
  *address = value;
}
template <typename T>
void __stcs(T* address, T value) {
  *address = value;
}
template <typename T>
void __stwb(T* address, T value) {
  *address = value;
}
