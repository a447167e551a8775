// The array that the kernels' bindings hand around: flat, aligned memory from the caching allocator.

#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "allocator.h"

namespace needle::fast {

/// Memory for `size` floats, not set, at an address that kAlignment divides.
struct Array {
  /// Throws std::bad_alloc if there is no memory for it.
  explicit Array(size_t size) : ptr(static_cast<float*>(allocate(bytes(size)))), size(size) {}
  ~Array() { release(ptr, bytes(size)); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  float* const ptr;
  const size_t size;  // in elements

 private:
  static size_t bytes(size_t size) {
    if (size > PTRDIFF_MAX / sizeof(float)) {
      throw std::bad_alloc();
    }
    return size * sizeof(float);
  }
};

}  // namespace needle::fast
