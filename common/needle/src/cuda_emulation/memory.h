// The memory of the emulated device: every allocation is known, so that a pointer of the host's, one into freed memory
// and a write beyond an end are told by name.

#pragma once

#include <cstddef>
#include <string>

namespace cuda_emulation {

/// What is wrong with `size` bytes at an address, as "0x7f0000001000 is memory of the host"; empty if they are the
/// device's. One past an allocation's end is its own, for 0 bytes.
std::string why_not_on_device(const void* address, std::size_t size);

/// What was written beyond the ends of the allocation that has an address, if anything was.
std::string overrun(const void* address);

}  // namespace cuda_emulation
