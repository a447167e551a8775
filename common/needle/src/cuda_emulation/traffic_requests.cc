#include "traffic_requests.h"

#include <algorithm>
#include <cstddef>

namespace cuda_emulation::traffic {

namespace {

constexpr std::uintptr_t kSector = 32, kWord = 4;  // bytes
constexpr std::uint32_t kMostBytes = 16;           // of one lane's access
constexpr unsigned kBanks = 32;

}  // namespace

Sectors sectors_of(const std::uintptr_t* addresses, std::uint32_t active, std::uint32_t size) {
  struct Sector {
    std::uintptr_t number;
    std::uint32_t bytes;  // that are touched
  };
  Sector sectors[2 * kLanes];  // at most 16 bytes lie in one, or in two if they are not aligned
  std::size_t count = 0, latest = 0;
  for (std::uint32_t rest = active; rest != 0; rest &= rest - 1) {
    std::uintptr_t address = addresses[__builtin_ctz(rest)];
    const std::uintptr_t end = address + std::min(size, kMostBytes);
    while (address < end) {
      const std::uintptr_t number = address / kSector, next = std::min(end, (number + 1) * kSector);
      // Most often it is the sector of the lane before.
      if (count == 0 || sectors[latest].number != number) {
        latest = 0;
        while (latest < count && sectors[latest].number != number) {
          ++latest;
        }
        if (latest == count) {
          sectors[count++] = {number, 0};
        }
      }
      sectors[latest].bytes |= low_bits(next - address) << address % kSector;
      address = next;
    }
  }
  unsigned bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bytes += __builtin_popcount(sectors[i].bytes);
  }
  return {static_cast<unsigned>(count), static_cast<unsigned>((bytes + kSector - 1) / kSector)};
}

unsigned bank_conflicts_of(const std::uintptr_t* addresses, std::uint32_t active, std::uint32_t size) {
  const unsigned together = size <= 4 ? 32 : size <= 8 ? 16 : 8;  // lanes that are served at a time
  unsigned conflicts = 0;
  for (unsigned first = 0; first < kLanes; first += together) {
    std::uint32_t lanes = active >> first & low_bits(together);
    if (lanes == 0) {
      continue;
    }
    std::uintptr_t words[kBanks][kLanes];  // that each bank has to give: of one lane, at most one in each bank
    unsigned counts[kBanks] = {}, turns = 1;
    for (; lanes != 0; lanes &= lanes - 1) {
      const std::uintptr_t address = addresses[first + __builtin_ctz(lanes)];
      const std::uintptr_t last = (address + std::min(size, kMostBytes) - 1) / kWord;
      for (std::uintptr_t word = address / kWord; word <= last; ++word) {
        const unsigned bank = word % kBanks;
        std::uintptr_t* const known = words[bank];
        if (std::find(known, known + counts[bank], word) == known + counts[bank]) {
          known[counts[bank]++] = word;
          turns = std::max(turns, counts[bank]);
        }
      }
    }
    conflicts += turns - 1;
  }
  return conflicts;
}

}  // namespace cuda_emulation::traffic
