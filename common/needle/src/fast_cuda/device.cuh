// What the fast kernels have in common: the size of the GPU, of launches, and division by numbers known beforehand.

#pragma once

#include "../ndarray_backend_cuda.cuh"

namespace needle {
namespace cuda {

/// How many multiprocessors the GPU has: a launch of fewer blocks leaves some idle.
inline size_t Multiprocessors() {
  static const size_t count = [] {
    int found = 0;
    Check(cudaDeviceGetAttribute(&found, cudaDevAttrMultiProcessorCount, 0), "cudaDeviceGetAttribute");
    return static_cast<size_t>(found);
  }();
  return count;
}

inline size_t CeilDivide(size_t number, size_t divisor) { return number == 0 ? 0 : (number - 1) / divisor + 1; }

__device__ inline size_t GlobalThread() { return static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; }

/// Division of numbers below 2^31 by a divisor from 1 to 2^31 - 1 as a multiplication and a shift (Granlund and
/// Montgomery, "Division by invariant integers using multiplication", 1994): a GPU has no instruction that divides.
class Divide32 {
 public:
  using Index = uint32_t;

  Divide32() : Divide32(1) {}
  explicit Divide32(size_t divisor) : divisor_(static_cast<uint32_t>(divisor)), shift_(0) {
    while ((uint64_t{1} << shift_) < divisor_) {
      ++shift_;
    }
    multiplier_ = static_cast<uint32_t>(((uint64_t{1} << 32) * ((uint64_t{1} << shift_) - divisor_)) / divisor_ + 1);
  }

  /// Returns the remainder, and divides `number`.
  __device__ Index Split(Index* number) const {
    const Index quotient = (__umulhi(*number, multiplier_) + *number) >> shift_;
    const Index remainder = *number - quotient * divisor_;
    *number = quotient;
    return remainder;
  }

 private:
  uint32_t divisor_, multiplier_, shift_;
};

/// The same for any number, at its price.
class Divide64 {
 public:
  using Index = uint64_t;

  Divide64() : Divide64(1) {}
  explicit Divide64(size_t divisor) : divisor_(divisor) {}

  __device__ Index Split(Index* number) const {
    const Index remainder = *number % divisor_;
    *number /= divisor_;
    return remainder;
  }

 private:
  uint64_t divisor_;
};

}  // namespace cuda
}  // namespace needle
