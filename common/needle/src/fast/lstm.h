// A layer of long short-term memory over a whole sequence: what the steps have to do one after the other.
//
// The product of the inputs with their weights is one for all steps, computed before; here, a step adds the product of
// the last state with the recurrent weights, which are packed once for all steps, and applies the gates. A task has
// some units: their four gates' columns, and then their states, so that what it computes stays in the first-level
// cache.

#pragma once

#include "gemm.h"
#include "rows.h"

namespace needle::fast::NEEDLE_ISA {

/// 1 / (1 + exp(-x)) as (1 + tanh(x / 2)) / 2, which does not overflow.
NEEDLE_INLINE Vec sigmoid(Vec x) { return tanh(x * 0.5f) * 0.5f + 0.5f; }

static size_t lstm_scratch(const Lstm& size) {
  const size_t units = round_up(size.units, kTileColumns);
  return 4 * size.units * units + 3 * size.batch * size.units + 64;
}

/// to (batch, columns) = from (batch, depth) @ panel, or added to what is there; rows of `to` are `stride` apart.
inline void times_panel(const float* from, size_t batch, size_t depth, const float* panel, float* to, size_t columns,
                        size_t stride, bool accumulates) {
  for (size_t row = 0; row < batch; row += kTileRows) {
    const size_t rows = smaller(kTileRows, batch - row);
    for (size_t k = 0; k < depth; k += kDepth) {
      tile(rows, columns, smaller(kDepth, depth - k), RowsOfA(from + row * depth + k, static_cast<ptrdiff_t>(depth)),
           panel + k * kTileColumns, kTileColumns, EvenRows{to + row * stride, stride}, accumulates || k > 0);
    }
  }
}

static void lstm(const Lstm& size, const float* weight, const float* h0, const float* c0, float* gates, float* hidden,
                 float* cells, float* scratch) {
  const size_t units = size.units, wide = 4 * units, blocks = ceil_div(units, kTileColumns), batch = size.batch;
  const int team = threads_for(batch * units * wide, size_t{1} << 18);
  parallel_chunks(4 * blocks, 4, team, [=](size_t begin, size_t end) {
    for (size_t index = begin; index < end; ++index) {
      const size_t left = index % blocks * kTileColumns, gate = index / blocks;
      pack_panel<kTileColumns>(weight + gate * units + left, static_cast<ptrdiff_t>(wide), 1, units,
                               smaller(kTileColumns, units - left), scratch + index * units * kTileColumns);
    }
  });
  for (size_t step = 0; step < size.steps; ++step) {
    const float* const h = step == 0 ? h0 : hidden + (step - 1) * batch * units;
    const float* const c = step == 0 ? c0 : cells + (step - 1) * batch * units;
    float* const now = gates + step * batch * wide;
    float* const h_now = hidden + step * batch * units;
    float* const c_now = cells + step * batch * units;
    parallel_chunks(blocks, 1, team, [=](size_t begin, size_t end) {
      for (size_t block = begin; block < end; ++block) {
        const size_t left = block * kTileColumns, width = smaller(kTileColumns, units - left);
        for (size_t gate = 0; gate < 4; ++gate) {
          times_panel(h, batch, units, scratch + (gate * blocks + block) * units * kTileColumns,
                      now + gate * units + left, width, wide, true);
        }
        for (size_t row = 0; row < batch; ++row) {
          float* const at = now + row * wide + left;
          const size_t place = row * units + left;
          each_vector(width, [=](size_t j, size_t count) {
            const Vec i = sigmoid(load_some(at + j, count)), f = sigmoid(load_some(at + units + j, count));
            const Vec g = tanh(load_some(at + 2 * units + j, count));
            const Vec o = sigmoid(load_some(at + 3 * units + j, count));
            const Vec cell = f * load_some(c + place + j, count) + i * g;
            store_some(at + j, i, count);
            store_some(at + units + j, f, count);
            store_some(at + 2 * units + j, g, count);
            store_some(at + 3 * units + j, o, count);
            store_some(c_now + place + j, cell, count);
            store_some(h_now + place + j, o * tanh(cell), count);
          });
        }
      }
    });
  }
}

static void lstm_gradient(const Lstm& size, const float* weight, const float* c0, const float* gates,
                          const float* cells, const float* by_hidden, float* by_h, float* by_c, float* by_gates,
                          float* scratch) {
  const size_t units = size.units, wide = 4 * units, blocks = ceil_div(units, kTileColumns), batch = size.batch;
  const int team = threads_for(batch * units * wide, size_t{1} << 18);
  parallel_chunks(blocks, 1, team, [=](size_t begin, size_t end) {
    for (size_t block = begin; block < end; ++block) {
      const size_t left = block * kTileColumns;
      pack_panel<kTileColumns>(weight + left * wide, 1, static_cast<ptrdiff_t>(wide), wide,
                               smaller(kTileColumns, units - left), scratch + block * wide * kTileColumns);
    }
  });
  for (size_t step = size.steps; step-- > 0;) {
    const float* const c = step == 0 ? c0 : cells + (step - 1) * batch * units;
    const float* const now = gates + step * batch * wide;
    const float* const c_now = cells + step * batch * units;
    const float* const incoming = by_hidden + step * batch * units;
    float* const to = by_gates + step * batch * wide;
    for (size_t row = 0; row < batch; ++row) {
      const float* const at = now + row * wide;
      float* const out = to + row * wide;
      const size_t place = row * units;
      each_vector(units, [=](size_t j, size_t count) {
        const Vec i = load_some(at + j, count), f = load_some(at + units + j, count);
        const Vec g = load_some(at + 2 * units + j, count), o = load_some(at + 3 * units + j, count);
        const Vec bent = tanh(load_some(c_now + place + j, count));
        const Vec dh = load_some(incoming + place + j, count) + load_some(by_h + place + j, count);
        const Vec dc = load_some(by_c + place + j, count) + dh * o * (1.0f - bent * bent);
        store_some(out + j, dc * g * i * (1.0f - i), count);
        store_some(out + units + j, dc * load_some(c + place + j, count) * f * (1.0f - f), count);
        store_some(out + 2 * units + j, dc * i * (1.0f - g * g), count);
        store_some(out + 3 * units + j, dh * bent * o * (1.0f - o), count);
        store_some(by_c + place + j, dc * f, count);
      });
    }
    parallel_chunks(blocks, 1, team, [=](size_t begin, size_t end) {
      for (size_t block = begin; block < end; ++block) {
        const size_t left = block * kTileColumns;
        times_panel(to, batch, wide, scratch + block * wide * kTileColumns, by_h + left,
                    smaller(kTileColumns, units - left), units, false);
      }
    });
  }
}

}  // namespace needle::fast::NEEDLE_ISA
