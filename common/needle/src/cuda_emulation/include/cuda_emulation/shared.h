// Shared memory. The translation turns
//
//     __shared__ float tile[16][17];              into a type, a SharedDeclaration and a reference from static_shared
//     extern __shared__ float buffer[];           into a pointer from dynamic_shared
//
// A block has its own, filled with numbers that are NaN as half, float and double when the block begins.

#pragma once

#include <cstddef>
#include <type_traits>

namespace cuda_emulation {

/// A `__shared__` variable in the source; in templates, one of each instantiation. Its address tells it from others.
struct SharedDeclaration {
  const char* name;
  const char* file;
  int line;
};

/// How a variable of shared memory is counted through: elements of so many bytes, along so many axes. 0: not known.
struct SharedShape {
  std::size_t element;
  std::size_t axes;
  std::size_t extents[3];
};

template <typename T>
constexpr SharedShape shared_shape() {
  using Element = std::remove_extent_t<std::remove_extent_t<std::remove_extent_t<T>>>;
  return {sizeof(Element),
          std::rank_v<T> < 3 ? std::rank_v<T> : 3,
          {std::extent_v<T, 0>, std::extent_v<T, 1>, std::extent_v<T, 2>}};
}

/// Where the current block has a variable of so many bytes.
void* shared_variable(const SharedDeclaration& declaration, std::size_t size, const SharedShape& shape);

/// Where the bytes are that the launch gave the current block: `<<<grid, block, bytes>>>`.
void* shared_of_launch(const SharedDeclaration& declaration, const SharedShape& shape);

template <typename T>
T& static_shared(const SharedDeclaration& declaration) {
  return *static_cast<T*>(shared_variable(declaration, sizeof(T), shared_shape<T>()));
}

template <typename T>
T* dynamic_shared(const SharedDeclaration& declaration) {
  return static_cast<T*>(shared_of_launch(declaration, shared_shape<T[]>()));
}

}  // namespace cuda_emulation
