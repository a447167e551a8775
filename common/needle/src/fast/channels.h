// Batch normalisation: statistics for each channel of (outer, channels, inner), as in images (n, channels, pixels), or
// in a matrix whose columns are the channels (inner = 1).
//
// A block is what one task takes: one channel, whose vectors run along the pixels; or, where channels are neighbours in
// memory, one vector of channels, which then runs along the rows.

#pragma once

#include "power.h"
#include "rows.h"

namespace needle::fast::NEEDLE_ISA {

struct ChannelRuns {
  const Channels& size;
  size_t channel;

  static size_t blocks(const Channels& size) { return size.channels; }
  ChannelRuns(const Channels& size, size_t block) : size(size), channel(block) {}

  /// What belongs to the block's channel, in every lane.
  NEEDLE_INLINE Vec of_channel(const float* values) const { return splat(values[channel]); }
  NEEDLE_INLINE void put(float* values, Vec value) const { values[channel] = value[0]; }
  NEEDLE_INLINE Vec total(Vec sums) const { return splat(join_lanes<Sum>(sums)); }
  /// f(at, count) for all vectors; `group` after some of them.
  template <typename F, typename Group>
  NEEDLE_INLINE void each(const F& f, const Group& group) const {
    for (size_t o = 0; o < size.outer; ++o) {
      const size_t at = (o * size.channels + channel) * size.inner;
      each_vector(size.inner, [&](size_t i, size_t count) { f(at + i, count); });
      group();
    }
  }
};

struct ChannelColumns {
  const Channels& size;
  size_t left, width;

  static size_t blocks(const Channels& size) { return ceil_div(size.channels, kLanes); }
  ChannelColumns(const Channels& size, size_t block)
      : size(size), left(block * kLanes), width(smaller(kLanes, size.channels - left)) {}

  NEEDLE_INLINE Vec of_channel(const float* values) const { return load_some(values + left, width); }
  NEEDLE_INLINE void put(float* values, Vec value) const { store_some(values + left, value, width); }
  NEEDLE_INLINE Vec total(Vec sums) const { return sums; }
  template <typename F, typename Group>
  NEEDLE_INLINE void each(const F& f, const Group& group) const {
    for (size_t o = 0; o < size.outer; ++o) {
      f(o * size.channels + left, width);
      if (o % 64 == 63) {
        group();
      }
    }
    group();
  }
};

/// Two sums over a block, of what f(at, count) adds to its arguments: first within a group, then over groups.
template <typename Block, typename F>
NEEDLE_INLINE void sum_block(const Block& block, Vec* first, Vec* second, const F& f) {
  Vec sums[2] = {}, parts[2] = {};
  block.each([&](size_t at, size_t count) { f(at, count, parts[0], parts[1]); },
             [&] {
               sums[0] += parts[0];
               sums[1] += parts[1];
               parts[0] = parts[1] = Vec{};
             });
  *first = block.total(sums[0]);
  *second = block.total(sums[1]);
}

template <typename Block>
inline void each_block(const Channels& size, size_t cost, void (*work)(const void*, const Block&),
                       const void* context) {
  const size_t elements = size.outer * size.channels * size.inner;
  parallel_chunks(Block::blocks(size), 1, threads_for(elements * cost, size_t{1} << 17), [&](size_t begin, size_t end) {
    for (size_t index = begin; index < end; ++index) {
      work(context, Block(size, index));
    }
  });
}

template <typename Work>
inline void each_channel(const Channels& size, size_t cost, const Work& work) {
  const auto run = [](const void* given, const auto& block) { (*static_cast<const Work*>(given))(block); };
  if (size.inner == 1) {
    each_block<ChannelColumns>(size, cost, run, &work);
  } else {
    each_block<ChannelRuns>(size, cost, run, &work);
  }
}

static void batch_norm(const Channels& size, const float* x, const float* weight, const float* bias, float eps,
                       float* out, float* means, float* variances) {
  const Vec one = splat(1.0f), examples = splat(static_cast<float>(size.outer * size.inner));
  each_channel(size, 4, [&](const auto& block) {
    Vec mean, variance, unused;
    sum_block(block, &mean, &unused, [=](size_t at, size_t count, Vec& sum, Vec&) { sum += load_some(x + at, count); });
    mean = mean / examples;
    sum_block(block, &variance, &unused, [=](size_t at, size_t count, Vec& sum, Vec&) {
      const Vec centered = only(load_some(x + at, count) - mean, count);
      sum += centered * centered;
    });
    variance = variance / examples;
    block.put(means, mean);
    block.put(variances, variance);
    const Vec factor = block.of_channel(weight) * (one / square_root(variance + eps)), shift = block.of_channel(bias);
    block.each([=](size_t at,
                   size_t count) { store_some(out + at, (load_some(x + at, count) - mean) * factor + shift, count); },
               [] {});
  });
}

static void batch_norm_gradient(const Channels& size, const float* grad, const float* x, const float* weight,
                                const float* means, const float* variances, float eps, float* by_x, float* by_weight,
                                float* by_bias) {
  const Vec one = splat(1.0f), examples = splat(static_cast<float>(size.outer * size.inner));
  each_channel(size, 4, [&](const auto& block) {
    const Vec mean = block.of_channel(means), scale = one / square_root(block.of_channel(variances) + eps);
    Vec sum, product;
    sum_block(block, &sum, &product, [=](size_t at, size_t count, Vec& total, Vec& slope) {
      const Vec incoming = load_some(grad + at, count);
      total += incoming;
      slope += incoming * (load_some(x + at, count) - mean);
    });
    product = product * scale;
    block.put(by_weight, product);
    block.put(by_bias, sum);
    const Vec factor = block.of_channel(weight) * scale, level = sum / examples, slope = product * scale / examples;
    block.each(
        [=](size_t at, size_t count) {
          const Vec centered = load_some(x + at, count) - mean;
          store_some(by_x + at, (load_some(grad + at, count) - level - centered * slope) * factor, count);
        },
        [] {});
  });
}

}  // namespace needle::fast::NEEDLE_ISA
