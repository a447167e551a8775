#include "guards.h"

#include <cstdint>
#include <cstring>

#include "errors.h"
#include "fiber.h"

#ifdef CUDA_EMULATION_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace cuda_emulation {

#ifdef CUDA_EMULATION_ASAN

void guard(char* memory, std::size_t size) {
  __asan_poison_memory_region(memory - kGuardBefore, kGuardBefore);
  __asan_poison_memory_region(memory + size, kGuardBehind);
}

void unguard(char* memory, std::size_t size) {
  __asan_unpoison_memory_region(memory - kGuardBefore, kGuardBefore + size + kGuardBehind);
}

std::string written_beside(const char*, std::size_t) { return ""; }

#else

namespace {

/// What lies at an address that is a multiple of 4. It is another NaN everywhere, and a signalling one, which becomes a
/// quiet one in every computation: so neither a copy of what lies elsewhere nor its double looks like this.
std::uint32_t guard_at(std::uintptr_t address) {
  return 0x7f800001u | (static_cast<std::uint32_t>(address >> 2) * 2654435761u & 0x3ffffeu);
}

/// The part of it in one byte.
unsigned char guard_byte(const char* place) {
  const auto address = reinterpret_cast<std::uintptr_t>(place);
  const std::uint32_t word = guard_at(address);
  unsigned char bytes[4];
  std::memcpy(bytes, &word, 4);
  return bytes[address % 4];
}

bool untouched(const char* place) { return static_cast<unsigned char>(*place) == guard_byte(place); }

/// By words where it can, since every launch asks. `end` is a multiple of 4.
bool untouched(const char* begin, const char* end) {
  for (; reinterpret_cast<std::uintptr_t>(begin) % 4 != 0; ++begin) {
    if (!untouched(begin)) {
      return false;
    }
  }
  std::uint32_t differences = 0;
  for (; begin < end; begin += 4) {
    std::uint32_t word;
    std::memcpy(&word, begin, 4);
    differences |= word ^ guard_at(reinterpret_cast<std::uintptr_t>(begin));
  }
  return differences == 0;
}

/// Where the guard behind an allocation ends: at a multiple of 4.
const char* end_of_guard(const char* memory, std::size_t size) {
  return memory + (size + 3) / 4 * 4 + kGuardBehind - 4;
}

void fill(char* begin, const char* end) {
  for (; begin < end; ++begin) {
    *begin = static_cast<char>(guard_byte(begin));
  }
}

}  // namespace

void guard(char* memory, std::size_t size) {
  fill(memory - kGuardBefore, memory);
  fill(memory + size, end_of_guard(memory, size));
}

void unguard(char*, std::size_t) {}

std::string written_beside(const char* memory, std::size_t size) {
  const char *end = memory + size, *last = end_of_guard(memory, size);
  if (untouched(end, last) && untouched(memory - kGuardBefore, memory)) {
    return "";
  }
  const std::string whose = " of an allocation of " + bytes_text(size);
  for (const char* place = end; place < last; ++place) {
    if (!untouched(place)) {
      const std::size_t behind = static_cast<std::size_t>(place - end) / 4 * 4;
      return "wrote " + (behind == 0 ? std::string("right behind the end") : bytes_text(behind) + " behind the end") +
             whose;
    }
  }
  const char* place = memory - 1;
  while (untouched(place)) {
    --place;
  }
  return "wrote " + bytes_text(static_cast<std::size_t>(memory - place + 3) / 4 * 4) + " before the beginning" + whose;
}

#endif

}  // namespace cuda_emulation
