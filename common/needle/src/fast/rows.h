// Kernels of networks that take a matrix row by row: softmax, its loss, layer normalisation; and a row for each id.
//
// Each reads its input once or twice where a composition of operators would read and write it five to ten times.

#pragma once

#include "elementwise.h"
#include "kernels.h"
#include "parallel.h"
#include "reduce.h"
#include "transcendental.h"

namespace needle::fast::NEEDLE_ISA {

/// The first `count` <= kLanes floats; the other lanes are 0.
NEEDLE_INLINE Vec load_some(const float* from, size_t count) {
  return count < kLanes ? load_part(from, count) : load(from);
}

NEEDLE_INLINE void store_some(float* to, Vec value, size_t count) {
  if (count < kLanes) {
    store_part(to, value, count);
  } else {
    store(to, value);
  }
}

/// Lanes from `count` on set to 0, whatever was in them.
NEEDLE_INLINE Vec only(Vec value, size_t count) {
  if (count < kLanes) {
    float lanes[kLanes];
    store(lanes, value);
    return load_part(lanes, count);
  }
  return value;
}

/// f(i, count) for vectors that start at i, of which the last may have fewer than kLanes elements.
template <typename F>
NEEDLE_INLINE void each_vector(size_t size, const F& f) {
  size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    f(i, kLanes);
  }
  if (i < size) {
    f(i, size - i);
  }
}

/// f(row) for all rows, shared out; `cost` as for `map`.
template <typename F>
inline void each_row(size_t rows, size_t columns, size_t cost, const F& f) {
  const size_t chunk = larger(1, kChunk / larger(1, columns * cost));
  parallel_chunks(rows, chunk, threads_for(rows * columns * cost, size_t{1} << 17), [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      f(row);
    }
  });
}

static void add_row(const float* a, const float* row, float* out, size_t rows, size_t columns) {
  each_row(rows, columns, 1, [=](size_t index) {
    const float* from = a + index * columns;
    float* to = out + index * columns;
    each_vector(columns, [=](size_t i, size_t count) {
      store_some(to + i, load_some(from + i, count) + load_some(row + i, count), count);
    });
  });
}

static void masked(const float* a, const float* mask, float* out, size_t size) {
  const Vec one = splat(1.0f), zero = splat(0.0f);
  map2(a, mask, out, size, [=](Vec x, Vec y) { return x * (y > zero ? one : zero); });
}

/// How many columns a row of scores has that count.
inline size_t visible(const SoftmaxRows& how, size_t row) {
  return how.queries == 0 ? how.columns : row % how.queries + 1 + (how.columns - how.queries);
}

static void softmax(const SoftmaxRows& how, const float* a, float* out) {
  each_row(how.rows, how.columns, 8, [&](size_t row) {
    const size_t seen = visible(how, row);
    const float* from = a + row * how.columns;
    float* to = out + row * how.columns;
    const Vec largest = splat(reduce_piece<Max>(from, seen)), scale = splat(how.scale);
    Vec sum = {};
    each_vector(seen, [&](size_t i, size_t count) {
      const Vec e = only(exp((load_some(from + i, count) - largest) * scale), count);
      store_some(to + i, e, count);
      sum += e;
    });
    const Vec inverse = splat(1.0f / join_lanes<Sum>(sum));
    each_vector(seen, [&](size_t i, size_t count) { store_some(to + i, load_some(to + i, count) * inverse, count); });
    each_vector(how.columns - seen, [&](size_t i, size_t count) { store_some(to + seen + i, Vec{}, count); });
  });
}

static void softmax_gradient(const SoftmaxRows& how, const float* probabilities, const float* grad, float* out) {
  each_row(how.rows, how.columns, 2, [&](size_t row) {
    const size_t seen = visible(how, row), at = row * how.columns;
    const float *p = probabilities + at, *g = grad + at;
    float* to = out + at;
    Vec sum = {};
    each_vector(seen, [&](size_t i, size_t count) { sum += load_some(p + i, count) * load_some(g + i, count); });
    const Vec mean = splat(join_lanes<Sum>(sum)), scale = splat(how.scale);
    each_vector(seen, [&](size_t i, size_t count) {
      store_some(to + i, load_some(p + i, count) * (load_some(g + i, count) - mean) * scale, count);
    });
    each_vector(how.columns - seen, [&](size_t i, size_t count) { store_some(to + seen + i, Vec{}, count); });
  });
}

static void cross_entropy(const float* logits, const float* labels, float* losses, float* log_sums, size_t rows,
                          size_t columns) {
  each_row(rows, columns, 8, [=](size_t row) {
    const float* from = logits + row * columns;
    const float largest = reduce_piece<Max>(from, columns);
    const Vec shift = splat(largest);
    Vec sum = {};
    each_vector(columns, [&](size_t i, size_t count) { sum += only(exp(load_some(from + i, count) - shift), count); });
    const float log_sum = log(splat(join_lanes<Sum>(sum)))[0];
    // Less the largest first: it and the label's logit may be huge, their difference not.
    losses[row] = (largest - from[static_cast<size_t>(labels[row])]) + log_sum;
    log_sums[row] = largest + log_sum;
  });
}

static void cross_entropy_gradient(const float* logits, const float* labels, const float* log_sums, float scale,
                                   float* out, size_t rows, size_t columns) {
  each_row(rows, columns, 6, [=](size_t row) {
    const float* from = logits + row * columns;
    float* to = out + row * columns;
    const Vec shift = splat(log_sums[row]), factor = splat(scale);
    each_vector(columns, [&](size_t i, size_t count) {
      store_some(to + i, exp(load_some(from + i, count) - shift) * factor, count);
    });
    to[static_cast<size_t>(labels[row])] -= scale;
  });
}

static void layer_norm(const float* x, const float* weight, const float* bias, float eps, float* out, float* means,
                       float* scales, size_t rows, size_t columns) {
  each_row(rows, columns, 4, [=](size_t row) {
    const float* from = x + row * columns;
    float* to = out + row * columns;
    const float size = static_cast<float>(columns), mean = reduce_piece<Sum>(from, columns) / size;
    const Vec middle = splat(mean);
    Vec squares = {};
    each_vector(columns, [&](size_t i, size_t count) {
      const Vec centered = only(load_some(from + i, count) - middle, count);
      squares += centered * centered;
    });
    const float scale = 1.0f / __builtin_sqrtf(join_lanes<Sum>(squares) / size + eps);
    const Vec factor = splat(scale);
    each_vector(columns, [&](size_t i, size_t count) {
      const Vec normal = (load_some(from + i, count) - middle) * factor;
      store_some(to + i, normal * load_some(weight + i, count) + load_some(bias + i, count), count);
    });
    means[row] = mean;
    scales[row] = scale;
  });
}

// Rows whose contributions to the gradients of weight and bias are summed apart, so that sums depend on shapes alone.
constexpr size_t kBandRows = 64, kMostBands = 32;

inline size_t band_rows(size_t rows) { return larger(kBandRows, ceil_div(rows, kMostBands)); }

static size_t layer_norm_scratch(size_t rows, size_t columns) { return ceil_div(rows, band_rows(rows)) * 2 * columns; }

static void layer_norm_gradient(const float* grad, const float* x, const float* weight, const float* means,
                                const float* scales, float* by_x, float* by_weight, float* by_bias, size_t rows,
                                size_t columns, float* scratch) {
  const size_t band = band_rows(rows), bands = ceil_div(rows, band);
  const float size = static_cast<float>(columns);
  parallel_chunks(bands, 1, threads_for(rows * columns * 4, size_t{1} << 17), [=](size_t first, size_t last) {
    for (size_t index = first; index < last; ++index) {
      float* const weights = scratch + index * 2 * columns;
      float* const biases = weights + columns;
      __builtin_memset(weights, 0, 2 * columns * sizeof(float));
      for (size_t row = index * band; row < smaller(rows, (index + 1) * band); ++row) {
        const float *from = x + row * columns, *g = grad + row * columns;
        float* to = by_x + row * columns;
        const Vec mean = splat(means[row]), scale = splat(scales[row]);
        Vec sum = {}, product = {};
        each_vector(columns, [&](size_t i, size_t count) {
          const Vec passed = load_some(g + i, count) * load_some(weight + i, count);
          sum += passed;
          product += passed * ((load_some(from + i, count) - mean) * scale);
        });
        const Vec level = splat(join_lanes<Sum>(sum) / size), slope = splat(join_lanes<Sum>(product) / size);
        each_vector(columns, [&](size_t i, size_t count) {
          const Vec normal = (load_some(from + i, count) - mean) * scale, incoming = load_some(g + i, count);
          const Vec passed = incoming * load_some(weight + i, count);
          store_some(to + i, (passed - level - normal * slope) * scale, count);
          store_some(weights + i, load_some(weights + i, count) + incoming * normal, count);
          store_some(biases + i, load_some(biases + i, count) + incoming, count);
        });
      }
    }
  });
  if (columns > 0) {
    reduce_columns<Sum>(scratch, by_weight, bands, 2 * columns, columns);
    reduce_columns<Sum>(scratch + columns, by_bias, bands, 2 * columns, columns);
  }
}

static void gather(const float* table, const float* ids, float* out, size_t rows, size_t columns) {
  each_row(rows, columns, 1, [=](size_t row) {
    copy_run(table + static_cast<size_t>(ids[row]) * columns, out + row * columns, columns, false);
  });
}

static void scatter_add(const float* a, const float* ids, float* table, size_t rows, size_t columns) {
  // Threads have columns of their own: each adds rows in their order, whatever ids there are twice.
  const size_t block = round_up(larger(64, ceil_div(columns, 16)), kLanes);
  parallel_chunks(columns, block, threads_for(rows * columns, size_t{1} << 17), [=](size_t begin, size_t end) {
    for (size_t row = 0; row < rows; ++row) {
      const float* from = a + row * columns + begin;
      float* to = table + static_cast<size_t>(ids[row]) * columns + begin;
      each_vector(end - begin, [=](size_t i, size_t count) {
        store_some(to + i, load_some(to + i, count) + load_some(from + i, count), count);
      });
    }
  });
}

}  // namespace needle::fast::NEEDLE_ISA
