// The memory of the emulated device: every allocation is known, so that a pointer of the host's, one into freed memory
// and a write beyond an end are told by name.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace cuda_emulation {

class Shadow;

/// What is wrong with `size` bytes at an address, as "0x7f0000001000 is memory of the host"; empty if they are the
/// device's. One past an allocation's end is its own, for 0 bytes.
std::string why_not_on_device(const void* address, std::size_t size);

/// Whether an address lies in an allocation, in which, and what is remembered of it.
bool find_allocation(const void* address, std::uintptr_t* begin, std::size_t* size, std::shared_ptr<Shadow>* shadow);

/// What was written beyond the ends of the allocation that has an address, if anything was.
std::string overrun(const void* address);

}  // namespace cuda_emulation
