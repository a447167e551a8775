// Numbers that follow from a seed, made faster than they could be sent: what timed work is done on.

#pragma once

#include <cstddef>
#include <cstdint>

namespace needle {

/// Fill `numbers` with multiples of 2^-23 from -1 to 1 - 2^-23, with as many digits as float32 has, so that arithmetic
/// of less precision shows. The judge makes the same from the same seed.
inline void fill_fresh(float* numbers, size_t count, uint64_t seed) {
  for (size_t first = 0; first < count; first += 2) {
    uint64_t word = seed + (first / 2) * 0x9E3779B97F4A7C15u;  // splitmix64
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    word ^= word >> 31;
    for (size_t place = first; place < count && place < first + 2; ++place) {
      numbers[place] = static_cast<float>(static_cast<int32_t>(word & 0xffffff) - 0x800000) / 8388608.0f;
      word >>= 32;
    }
  }
}

}  // namespace needle
