// Elementwise kernels: one loop for the whole family, with the function as a template parameter.

#pragma once

#include "kernels.h"
#include "parallel.h"
#include "transcendental.h"
#include "vec.h"

namespace needle::fast::NEEDLE_ISA {

// A chunk is what one thread takes at a time: it and its operands fit into a second-level cache.
constexpr size_t kChunk = size_t{1} << 15;
// From here on, outputs are streamed past the caches: nobody would find them there anyway.
constexpr size_t kStreamFrom = size_t{1} << 22;

/// out[i] = f(i) for vectors that start at i; f loads its own operands. `cost` is about how many vector operations f
/// is: costly functions are worth threads sooner.
template <typename Load, typename LoadPart>
inline void map(float* out, size_t size, size_t cost, const Load& at, const LoadPart& part) {
  const bool streaming = size >= kStreamFrom && aligned(out);
  parallel_chunks(size, kChunk, threads_for(size * cost, size_t{1} << 17), [&](size_t begin, size_t end) {
    const size_t whole = begin + (end - begin) / kLanes * kLanes;
    if (streaming) {
      NEEDLE_UNROLL_SOME
      for (size_t i = begin; i < whole; i += kLanes) {
        stream(out + i, at(i));
      }
      stream_done();
    } else {
      NEEDLE_UNROLL_SOME
      for (size_t i = begin; i < whole; i += kLanes) {
        store(out + i, at(i));
      }
    }
    if (whole < end) {
      store_part(out + whole, part(whole, end - whole), end - whole);
    }
  });
}

template <typename F>
inline void map1(const float* a, float* out, size_t size, size_t cost, F f) {
  map(
      out, size, cost, [=](size_t i) { return f(load(a + i)); },
      [=](size_t i, size_t count) { return f(load_part(a + i, count)); });
}

template <typename F>
inline void map2(const float* a, const float* b, float* out, size_t size, F f) {
  map(
      out, size, 2, [=](size_t i) { return f(load(a + i), load(b + i)); },
      [=](size_t i, size_t count) { return f(load_part(a + i, count), load_part(b + i, count)); });
}

/// The larger one; NaN where either is NaN, as np.maximum. (x > y fails for both, so a NaN in x is asked for.)
inline Vec maximum(Vec x, Vec y) { return ((x > y) | (x != x)) ? x : y; }

/// Calls use(f) with the function of two vectors that `op` names.
template <typename Use>
inline void with_binary(Binary op, const Use& use) {
  const Vec one = splat(1.0f), zero = splat(0.0f);
  switch (op) {
    case Binary::add:
      return use([](Vec x, Vec y) { return x + y; });
    case Binary::mul:
      return use([](Vec x, Vec y) { return x * y; });
    case Binary::div:
      return use([](Vec x, Vec y) { return x / y; });
    case Binary::maximum:
      return use([](Vec x, Vec y) { return maximum(x, y); });
    case Binary::eq:
      return use([=](Vec x, Vec y) { return x == y ? one : zero; });
    case Binary::ge:
      return use([=](Vec x, Vec y) { return x >= y ? one : zero; });
  }
}

static void fill(float* out, float value, size_t size) {
  const Vec all = splat(value);
  map(out, size, 1, [=](size_t) { return all; }, [=](size_t, size_t) { return all; });
}

static void binary(Binary op, const float* a, const float* b, float* out, size_t size) {
  with_binary(op, [=](auto f) { map2(a, b, out, size, f); });
}

static void scalar(Binary op, const float* a, float value, float* out, size_t size) {
  const Vec y = splat(value);
  with_binary(op, [=](auto f) { map1(a, out, size, 1, [=](Vec x) { return f(x, y); }); });
}

static void unary(Unary op, const float* a, float* out, size_t size) {
  switch (op) {
    case Unary::log:
      return map1(a, out, size, 8, [](Vec x) { return log(x); });
    case Unary::exp:
      return map1(a, out, size, 8, [](Vec x) { return exp(x); });
    case Unary::tanh:
      return map1(a, out, size, 8, [](Vec x) { return tanh(x); });
  }
}

}  // namespace needle::fast::NEEDLE_ISA
