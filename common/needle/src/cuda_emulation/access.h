// Each load and store of a kernel, as the compiler tells it: kernels are compiled with -fsanitize=thread, which calls a
// function before every access to memory, and access.cc has those functions. What watches and counts stands on this.

#pragma once

#include <cstdint>

namespace cuda_emulation {

/// Whose memory is accessed; the stack of a thread never comes here.
enum class Space : std::uint8_t { kGlobal, kShared };

/// One thread's load or store, of `size` bytes: 1, 2, 4, 8, 16, or more where a structure is copied.
struct Access {
  const void* address;
  std::uint32_t size;
  bool write;  // an atomic operation both reads and writes: this is true
  bool atomic;
  Space space;
  const void* pc;  // where the code goes on after the call: its place in the source is the call's

  // The thread: its number in the block, and where that is in its warp.
  std::uint32_t thread, warp, lane;
  std::uint64_t block;  // its number in the grid
};

}  // namespace cuda_emulation
