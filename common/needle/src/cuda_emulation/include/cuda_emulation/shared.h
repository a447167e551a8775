// Shared memory. The translation turns
//
//     __shared__ float tile[16][17];              into a type, a SharedDeclaration and a reference from static_shared
//     extern __shared__ float buffer[];           into a pointer from dynamic_shared
//
// A block has its own, filled with numbers that are NaN as half, float and double when the block begins.

#pragma once

#include <cstddef>

namespace cuda_emulation {

/// A `__shared__` variable in the source; in templates, one of each instantiation. Its address tells it from others.
struct SharedDeclaration {
  const char* name;
  const char* file;
  int line;
};

/// Where the current block has a variable of so many bytes.
void* shared_variable(const SharedDeclaration& declaration, std::size_t size);

/// Where the bytes are that the launch gave the current block: `<<<grid, block, bytes>>>`.
void* shared_of_launch(const SharedDeclaration& declaration);

template <typename T>
T& static_shared(const SharedDeclaration& declaration) {
  return *static_cast<T*>(shared_variable(declaration, sizeof(T)));
}

template <typename T>
T* dynamic_shared(const SharedDeclaration& declaration) {
  return static_cast<T*>(shared_of_launch(declaration));
}

}  // namespace cuda_emulation
