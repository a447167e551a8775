// Numbers that follow from a seed, made faster than they could be sent: what timed work is done on.

#pragma once

#include <cstddef>
#include <cstdint>

namespace needle {

/// Fill `numbers` with multiples of 1/8 from -1 to 7/8. The judge makes the same from the same seed.
///
/// They have so few digits that float32 holds every sum of products of up to 2^18 of them exactly: whatever order a
/// program adds in, there is one right result, to the last bit.
inline void fill_fresh(float* numbers, size_t count, uint64_t seed) {
  for (size_t first = 0; first < count; first += 8) {
    uint64_t word = seed + (first / 8) * 0x9E3779B97F4A7C15u;  // splitmix64
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    word ^= word >> 31;
    for (size_t place = first; place < count && place < first + 8; ++place) {
      numbers[place] = 0.125f * static_cast<float>(static_cast<int>(word & 15) - 8);
      word >>= 8;
    }
  }
}

}  // namespace needle
