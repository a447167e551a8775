// The rungs of the matmul ladder: what `matmul_ladder.cc` defines and `matmul_ladder_bindings.cc` offers to Python.

#pragma once

#include <cstddef>

/// How many numbers fit in one vector register of the processor that this is compiled for, and how many such registers
/// it has. Both are known while compiling, so a tile's size can follow from them.
#if defined(__AVX512F__)
constexpr size_t kLanes = 16, kRegisters = 32;
#elif defined(__AVX__)
constexpr size_t kLanes = 8, kRegisters = 16;
#elif defined(__aarch64__)
constexpr size_t kLanes = 4, kRegisters = 32;
#else
constexpr size_t kLanes = 4, kRegisters = 16;
#endif

/// kLanes neighbouring numbers as one value, at any address: `reinterpret_cast<const Vector*>(b + j)[0]` is b[j] and
/// those after it. +, - and * work on all of them at once, and so does `number * vector`. GCC and Clang know what
/// instructions to take. A loop over float whose length is a constant often becomes the same, but not always.
typedef float Vector __attribute__((vector_size(kLanes * sizeof(float)), aligned(alignof(float)), may_alias));

/// n is a multiple of this, so that no tile that divides it has an edge to care about.
constexpr size_t kMultiple = 128;

// out = a @ b. All three are (n, n), flat and row-major: the element in row i and column j of a is a[i * n + j]. out
// overlaps neither a nor b, and what it holds before is unknown.

void MatmulNaive(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ out, size_t n);
void MatmulRegisterTiled(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ out, size_t n);
void MatmulCacheTiled(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ out, size_t n);
void MatmulPacked(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ out, size_t n);

/// Floating-point operations a second that one core can do: multiply-adds in registers, for about so many seconds.
double MachinePeak(double seconds);
