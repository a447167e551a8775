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

/// One product of matrices: (m, n) @ (n, p), where the next row and the next column are so many elements away.
struct Product {
  size_t m, n, p;
  ptrdiff_t a_row, a_column, b_row, b_column;
};

/// A product for each index of a batch of this shape; strides of 0 where a matrix is the same for all.
struct ProductBatch {
  Product product;
  int ndim = 0;
  size_t shape[kMaxDims] = {};
  ptrdiff_t a[kMaxDims] = {};
  ptrdiff_t b[kMaxDims] = {};
};

/// One axis of a convolution as its kernels walk it: place `y` of the result meets, by tap `t`, the source at
/// y * step + first + t * gap (nothing, if that is outside of it), with the weights at kernel + t * kernel_step.
struct ConvAxis {
  size_t source, places, taps;
  ptrdiff_t step, first, gap;
  ptrdiff_t kernel, kernel_step;
};

/// A convolution of images (n, height, width, channels) with a weight (kernel height, kernel width, channels, filters),
/// as cross-correlation, over padding of zeros; everything compact.
struct Conv {
  size_t images, height, width, channels, filters;
  size_t kernel_height, kernel_width, out_height, out_width;
  size_t stride, padding, dilation;  // the same down and across, and padding on all four sides
};

/// Rows of a softmax of scale * a. queries: 0, or the rows of a matrix of scores in which row i sees but the first
/// columns, up to column i + columns - queries.
struct SoftmaxRows {
  size_t rows, columns, queries;
  float scale;
};

/// A compact array (outer, channels, inner).
struct Channels {
  size_t outer, channels, inner;
};

/// A layer of an LSTM: states are (batch, units), gates (batch, 4 * units) in the order i, f, g, o.
struct Lstm {
  size_t steps, batch, units;
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

  /// out (m, p) = a (m, n) @ b (n, p), out compact. `scratch` holds scratch_floats(product) floats, aligned to 64
  /// bytes.
  void (*matmul)(const Product& product, const float* a, const float* b, float* out, float* scratch);
  size_t (*scratch_floats)(const Product& product);
  /// out (shape, m, p), compact. `scratch` as for one product.
  void (*matmul_batch)(const ProductBatch& batch, const float* a, const float* b, float* out, float* scratch);

  /// out (n, out height, out width, filters) from images and weight.
  void (*conv)(const Conv& conv, const float* images, const float* weight, float* out, float* scratch);
  /// The same in seven loops, for benchmarks; no scratch.
  void (*conv_loops)(const Conv& conv, const float* images, const float* weight, float* out, float* scratch);
  /// The gradient of sum(out * out_grad) by the images, and by the weight.
  void (*conv_by_images)(const Conv& conv, const float* out_grad, const float* weight, float* images, float* scratch);
  void (*conv_by_weight)(const Conv& conv, const float* images, const float* out_grad, float* weight, float* scratch);
  /// The floats of scratch, aligned to 64 bytes, that any of the three needs.
  size_t (*conv_scratch)(const Conv& conv);

  // Of networks. Matrices are (rows, columns), compact; labels and ids are whole numbers that fit, and were checked.

  /// out[r, c] = a[r, c] + row[c]; out may be a.
  void (*add_row)(const float* a, const float* row, float* out, size_t rows, size_t columns);
  /// out[i] = a[i] * (mask[i] > 0); out may be a or mask.
  void (*masked)(const float* a, const float* mask, float* out, size_t size);
  /// The softmax of each row of scale * a, 0 for columns that a row does not see; and the gradient of sum(out * grad)
  /// by a. out may be the other's a, or grad.
  void (*softmax)(const SoftmaxRows& how, const float* a, float* out);
  void (*softmax_gradient)(const SoftmaxRows& how, const float* probabilities, const float* grad, float* out);
  /// log(sum(exp(row))), and that less the label's logit; and the gradient of scale * sum(losses).
  void (*cross_entropy)(const float* logits, const float* labels, float* losses, float* log_sums, size_t rows,
                        size_t columns);
  void (*cross_entropy_gradient)(const float* logits, const float* labels, const float* log_sums, float scale,
                                 float* out, size_t rows, size_t columns);
  /// Each row less its mean, times its scale, 1 / sqrt(variance + eps); times weight, plus bias. And the gradients.
  void (*layer_norm)(const float* x, const float* weight, const float* bias, float eps, float* out, float* means,
                     float* scales, size_t rows, size_t columns);
  void (*layer_norm_gradient)(const float* grad, const float* x, const float* weight, const float* means,
                              const float* scales, float* by_x, float* by_weight, float* by_bias, size_t rows,
                              size_t columns, float* scratch);
  size_t (*layer_norm_scratch)(size_t rows, size_t columns);
  /// The same with the statistics of each channel.
  void (*batch_norm)(const Channels& size, const float* x, const float* weight, const float* bias, float eps,
                     float* out, float* means, float* variances);
  void (*batch_norm_gradient)(const Channels& size, const float* grad, const float* x, const float* weight,
                              const float* means, const float* variances, float eps, float* by_x, float* by_weight,
                              float* by_bias);
  /// out[r] = table[ids[r]]; and table[ids[r]] += a[r].
  void (*gather)(const float* table, const float* ids, float* out, size_t rows, size_t columns);
  void (*scatter_add)(const float* a, const float* ids, float* table, size_t rows, size_t columns);
  /// All steps. gates (steps, batch, 4 * units): in, what inputs and biases add up to; out, the gates as applied.
  /// hidden and cells: (steps, batch, units). The gradient: by_hidden comes in, by_h and by_c are those of the last
  /// states at first and of h0 and c0 in the end, by_gates goes out. `scratch` holds lstm_scratch(size) floats.
  void (*lstm)(const Lstm& size, const float* weight, const float* h0, const float* c0, float* gates, float* hidden,
               float* cells, float* scratch);
  void (*lstm_gradient)(const Lstm& size, const float* weight, const float* c0, const float* gates, const float* cells,
                        const float* by_hidden, float* by_h, float* by_c, float* by_gates, float* scratch);
  size_t (*lstm_scratch)(const Lstm& size);

  /// matmul in tiles: a is [m/8][n/8][8][8], b [n/8][p/8][8][8], out [m/8][p/8][8][8].
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
