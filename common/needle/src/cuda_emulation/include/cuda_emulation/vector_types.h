// CUDA's small vectors: float2, float4, int4, uchar4 ... with its alignments, and dim3.

#pragma once

// A vector is copied by accesses of 16 bytes, as on a GPU, and they are watched and counted as such. GCC does that by
// itself; clang would copy single numbers, or call memcpy. It has to be told how to copy, and then how to make one,
// too.
#if defined(__clang__)
#define CUDA_EMULATION_COPIED(type, T, size)                                           \
  type() = default;                                                                    \
  type(const type& other) { *this = other; }                                           \
  type& operator=(const type& other) {                                                 \
    typedef T Part __attribute__((vector_size((size) < 16 ? (size) : 16), may_alias)); \
    for (unsigned i = 0; i < (size) / sizeof(Part); ++i) {                             \
      reinterpret_cast<Part*>(this)[i] = reinterpret_cast<const Part*>(&other)[i];     \
    }                                                                                  \
    return *this;                                                                      \
  }
#define CUDA_EMULATION_COPIED_2(type, T)       \
  constexpr type(T x, T y = 0) : x(x), y(y) {} \
  CUDA_EMULATION_COPIED(type, T, 2 * sizeof(T))
#define CUDA_EMULATION_COPIED_4(type, T)                                     \
  constexpr type(T x, T y = 0, T z = 0, T w = 0) : x(x), y(y), z(z), w(w) {} \
  CUDA_EMULATION_COPIED(type, T, 4 * sizeof(T))
#else
#define CUDA_EMULATION_COPIED_2(type, T)
#define CUDA_EMULATION_COPIED_4(type, T)
#endif

#define CUDA_EMULATION_VECTORS(name, T, alignment_of_2, alignment_of_4) \
  struct name##1 { T x; };                                              \
  struct alignas(alignment_of_2) name##2 {                              \
    T x, y;                                                             \
    CUDA_EMULATION_COPIED_2(name##2, T)                                 \
  };                                                                    \
  struct name##3 { T x, y, z; };                                        \
  struct alignas(alignment_of_4) name##4 {                              \
    T x, y, z, w;                                                       \
    CUDA_EMULATION_COPIED_4(name##4, T)                                 \
  };                                                                    \
  inline name##1 make_##name##1(T x) { return {x}; }                    \
  inline name##2 make_##name##2(T x, T y) { return {x, y}; }            \
  inline name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; }    \
  inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }

CUDA_EMULATION_VECTORS(char, signed char, 2, 4)
CUDA_EMULATION_VECTORS(uchar, unsigned char, 2, 4)
CUDA_EMULATION_VECTORS(short, short, 4, 8)
CUDA_EMULATION_VECTORS(ushort, unsigned short, 4, 8)
CUDA_EMULATION_VECTORS(int, int, 8, 16)
CUDA_EMULATION_VECTORS(uint, unsigned int, 8, 16)
CUDA_EMULATION_VECTORS(long, long, 16, 16)
CUDA_EMULATION_VECTORS(ulong, unsigned long, 16, 16)
CUDA_EMULATION_VECTORS(longlong, long long, 16, 16)
CUDA_EMULATION_VECTORS(ulonglong, unsigned long long, 16, 16)
CUDA_EMULATION_VECTORS(float, float, 8, 16)
CUDA_EMULATION_VECTORS(double, double, 16, 16)

#undef CUDA_EMULATION_VECTORS
#undef CUDA_EMULATION_COPIED_2
#undef CUDA_EMULATION_COPIED_4

/// A number of threads or blocks along each axis; 1 along those that are not given.
struct dim3 {
  unsigned int x, y, z;

  constexpr dim3(unsigned int x = 1, unsigned int y = 1, unsigned int z = 1) : x(x), y(y), z(z) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  constexpr operator uint3() const { return uint3{x, y, z}; }
};
