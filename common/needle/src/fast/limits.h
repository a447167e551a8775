// What this machine can do at all, for the benchmarks to compare with.

#pragma once

#include "elementwise.h"

namespace needle::fast::NEEDLE_ISA {

/// Multiply-adds in registers only, enough of them independent to hide their latency; on every thread.
static double fma_loop(size_t iterations) {
  constexpr size_t kChains = kVectorBytes == 16 ? 12 : 14, kPieces = 16;
  const size_t pieces = kPieces * static_cast<size_t>(threads());
  parallel_chunks(pieces, 1, threads(), [=](size_t begin, size_t end) {
    Vec chains[kChains];
    const Vec factor = splat(0.999f), term = splat(0.001f);
    NEEDLE_UNROLL
    for (size_t chain = 0; chain < kChains; ++chain) {
      chains[chain] = splat(static_cast<float>(chain));
    }
    for (size_t iteration = 0; iteration < (end - begin) * iterations; ++iteration) {
      NEEDLE_UNROLL
      for (size_t chain = 0; chain < kChains; ++chain) {
        chains[chain] = chains[chain] * factor + term;
      }
    }
    // The compiler must believe that every lane is looked at, or it would compute only one.
    __asm__ volatile("" : : "r"(&chains) : "memory");
  });
  return 2.0 * static_cast<double>(kChains * kLanes) * static_cast<double>(iterations * pieces);
}

static void triad(const float* a, const float* b, float value, float* out, size_t size, bool streaming) {
  const size_t whole = size / kLanes * kLanes;
  parallel_chunks(whole, kChunk, threads_for(size, size_t{1} << 16), [=](size_t begin, size_t end) {
    if (streaming && aligned(out)) {
      NEEDLE_UNROLL_SOME
      for (size_t i = begin; i < end; i += kLanes) {
        stream(out + i, load(a + i) + value * load(b + i));
      }
      stream_done();
    } else {
      NEEDLE_UNROLL_SOME
      for (size_t i = begin; i < end; i += kLanes) {
        store(out + i, load(a + i) + value * load(b + i));
      }
    }
  });
  for (size_t i = whole; i < size; ++i) {
    out[i] = a[i] + value * b[i];
  }
}

}  // namespace needle::fast::NEEDLE_ISA
