// Where in the source a place in the code is.

#pragma once

#include <cstdint>
#include <string>

namespace cuda_emulation {

/// Where the module begins that this is part of, a library in memory.
extern const std::uintptr_t module_base __attribute__((visibility("hidden")));

/// The distance of code from there.
inline std::uint32_t offset_in_module(const void* pc) {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(pc) - module_base);
}

/// "matmul.cu:41: `tile[row][column] = 0;`" for the call that returns to an offset in the module: the file without its
/// folders, and the line's words, if the file can be read. Where lines are not known, the function's name, or "".
std::string source_text(std::uint32_t offset);

/// Whether the line is known of that call.
bool in_source(std::uint32_t offset);

/// The memory that a module's own variables are in.
struct Segment {
  std::uintptr_t begin;
  std::size_t size;
  bool writable;
};

/// The segment of the module that an address lies in. Returns whether there is one.
bool segment_of(const void* address, Segment* found);

}  // namespace cuda_emulation
