// The kernels as a table of functions, one table for each instruction set.
//
// kernels.cc is compiled several times: once for what every machine of the architecture has, and on x86-64 again for
// AVX2 and for AVX-512. dispatch.cc picks the table that this machine can run. This header is all that the two sides
// share: plain types, and no function that could be compiled twice under one name (the linker would keep either copy,
// and an old machine might get the one it cannot run).
//
// Every kernel works on flat float32 memory and knows nothing of Python. Pointers need the alignment of a float only.

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace needle::fast {

enum class Binary { add, mul, div, maximum, eq, ge };
enum class Unary { log, exp, tanh };
enum class Reduction { sum, max };

/// The most dimensions that a strided copy takes, after those of size 1 are dropped and neighbours are merged.
constexpr int kMaxDims = 16;

/// One copy between two strided views of the same shape: out[...] = in[...]. Strides in elements, of any sign, 0
/// included.
struct StridedCopy {
  int ndim = 0;
  size_t shape[kMaxDims] = {};
  ptrdiff_t in[kMaxDims] = {};
  ptrdiff_t out[kMaxDims] = {};
};

struct Kernels {
  const char* isa;
  size_t lanes;  // floats in a vector

  /// out[i] = value
  void (*fill)(float* out, float value, size_t size);
  /// out[i] = op(a[i], b[i]); out may be a or b.
  void (*binary)(Binary op, const float* a, const float* b, float* out, size_t size);
  /// out[i] = op(a[i], value); out may be a.
  void (*scalar)(Binary op, const float* a, float value, float* out, size_t size);
  /// out[i] = a[i] to the power of value; out may be a.
  void (*power)(const float* a, float value, float* out, size_t size);
  /// out[i] = op(a[i]); out may be a.
  void (*unary)(Unary op, const float* a, float* out, size_t size);

  /// out = in, as `copy` says; the two must not overlap.
  void (*strided_copy)(const StridedCopy& copy, const float* in, float* out);

  /// out[o, i] = op over r of a[o, r, i], for a compact a of shape (outer, reduced, inner); reduced > 0 for max.
  void (*reduce)(Reduction op, const float* a, float* out, size_t outer, size_t reduced, size_t inner);

  /// out (m, p) = a (m, n) @ b (n, p), all compact. `scratch` holds scratch_floats(m, n, p) floats, aligned to 64
  /// bytes.
  void (*matmul)(const float* a, const float* b, float* out, size_t m, size_t n, size_t p, float* scratch);
  size_t (*scratch_floats)(size_t m, size_t n, size_t p);
  /// The same in tiles: a is [m/8][n/8][8][8], b [n/8][p/8][8][8], out [m/8][p/8][8][8].
  void (*matmul_tiled)(const float* a, const float* b, float* out, size_t m, size_t n, size_t p);

  /// The machine's own limits. Multiplies and adds in registers only; returns the floating-point operations done.
  double (*fma_loop)(size_t iterations);
  /// out[i] = a[i] + value * b[i], with ordinary stores or with stores that pass the caches by.
  void (*triad)(const float* a, const float* b, float value, float* out, size_t size, bool streaming);
};

/// The tile of matmul_tiled.
constexpr size_t kTile = 8;

// One definition of each is compiled from kernels.cc; on x86-64 `baseline` is SSE2, on AArch64 NEON.
namespace baseline {
extern const Kernels kernels;
}
namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}

}  // namespace needle::fast
