// Errors of the emulation: what CUDA remembers for cudaGetLastError, with words of its own.

#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

#include "cuda_emulation/host_api.h"

namespace cuda_emulation {

/// A kernel did what is wrong on any GPU. Thrown inside it by the runtime, and caught there.
class KernelMistake : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Remembers an error and its words for this host thread. Returns the code.
cudaError_t fail(cudaError_t code, const std::string& message);

/// "kernels.cu:12": the file without its folders.
std::string place_text(const char* file, int line);

/// "(1, 2, 3)"
std::string text(const uint3& index);

/// "1,024 bytes": with the thousands apart.
std::string bytes_text(std::size_t bytes);

}  // namespace cuda_emulation
