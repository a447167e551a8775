// What one core can do at most: multiply-adds on vector registers, with no memory in between.

#include <chrono>
#include <cstddef>

#include "matmul_ladder.h"

namespace {

// A multiply-add takes about 4 cycles, and two may begin in each: with fewer sums under way, some would wait.
constexpr size_t kSums = 12;
constexpr size_t kTurns = 1 << 16;

Vector sums[kSums];

}  // namespace

double MachinePeak(double seconds) {
  using Clock = std::chrono::steady_clock;
  // All different and unknown to the compiler, or it would do the same work once.
  volatile float start = 1.0f, scale = 0.5f;
  for (size_t which = 0; which < kSums; ++which) {
    sums[which] = Vector{} + start * static_cast<float>(which + 1);
  }
  const Vector factor = Vector{} + scale, term = Vector{} + start;
  double best = 0.0;
  const auto began = Clock::now();
  double elapsed = 0.0;
  while (elapsed < seconds || best == 0.0) {
    Vector local[kSums];
    for (size_t which = 0; which < kSums; ++which) {
      local[which] = sums[which];
    }
    const auto before = Clock::now();
    for (size_t turn = 0; turn < kTurns; ++turn) {
      for (size_t which = 0; which < kSums; ++which) {
        local[which] = local[which] * factor + term;
      }
    }
    const auto after = Clock::now();
    for (size_t which = 0; which < kSums; ++which) {
      sums[which] = local[which];
    }
    const double took = std::chrono::duration<double>(after - before).count();
    const double speed = took > 0.0 ? 2.0 * kLanes * kSums * kTurns / took : 0.0;
    best = speed > best ? speed : best;
    elapsed = std::chrono::duration<double>(after - began).count();
  }
  return best;
}
