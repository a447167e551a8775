// What one request of a warp costs: its lanes' accesses of one instruction, which the memory answers together.
//
// addresses: of the 32 lanes; those count whose bit is set in `active`. size: the bytes of each lane's access.

#pragma once

#include <cstdint>

namespace cuda_emulation::traffic {

constexpr unsigned kLanes = 32;

/// The lowest bits, so many: all 32 for 32 and more.
constexpr std::uint32_t low_bits(std::uint64_t count) {
  return count >= 32 ? 0xffffffffu : (std::uint32_t{1} << count) - 1;
}

/// Global memory moves in sectors of 32 bytes: those that the lanes touch any byte of, and as many as would hold the
/// bytes that they touch if these lay side by side.
struct Sectors {
  unsigned touched, ideal;
};
Sectors sectors_of(const std::uintptr_t* addresses, std::uint32_t active, std::uint32_t size);

/// The turns that a request to shared memory takes beyond those that any such request needs. In one turn each of the 32
/// banks gives one word of 4 bytes, to as many lanes as want it. If a lane accesses 8 bytes, half a warp is served at a
/// time; if 16, a quarter.
unsigned bank_conflicts_of(const std::uintptr_t* addresses, std::uint32_t active, std::uint32_t size);

}  // namespace cuda_emulation::traffic
