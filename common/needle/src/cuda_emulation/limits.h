// What a launch may ask for at most: what every GPU since Turing gives.

#pragma once

#include <cstddef>

namespace cuda_emulation {

constexpr unsigned kMostThreads = 1024;  // of a block
constexpr unsigned kMostBlockDim[3] = {1024, 1024, 64};
constexpr unsigned kMostGridDim[3] = {0x7fffffff, 65535, 65535};
constexpr std::size_t kMostShared = 48 * 1024;  // bytes, of a block

}  // namespace cuda_emulation
