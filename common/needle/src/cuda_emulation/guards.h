// What lies around an allocation of the device, so that reading and writing beyond its ends shows.
//
// Numbers that are NaN, which are looked at after every kernel; where AddressSanitizer watches, memory that it lets
// nobody touch. Behind an allocation there is room for all of a block that forgets to compare its index with the size.

#pragma once

#include <cstddef>
#include <string>

namespace cuda_emulation {

constexpr std::size_t kGuardBefore = 256, kGuardBehind = 4096;  // bytes

/// Guards the kGuardBefore bytes before `size` bytes of memory, and at most kGuardBehind behind them.
void guard(char* memory, std::size_t size);

/// Lets them go.
void unguard(char* memory, std::size_t size);

/// "wrote 8 bytes behind the end of an allocation of 32 bytes"; empty if nobody did, or AddressSanitizer tells.
std::string written_beside(const char* memory, std::size_t size);

}  // namespace cuda_emulation
