// Atomic operations on global and shared memory: what another block or thread does comes before or after, never
// between.

#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace cuda_emulation {

/// Replaces *address by change(*address). Returns what was there before.
template <typename T, typename Change>
T atomically(T* address, Change change) {
  static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8 || sizeof(T) == 2),
                "CUDA's atomic operations are on numbers of 2, 4 or 8 bytes");
  T before, after;
  __atomic_load(address, &before, __ATOMIC_SEQ_CST);
  do {
    after = change(before);
  } while (!__atomic_compare_exchange(address, &before, &after, true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
  return before;
}

/// T, where it shall not be deduced: atomicAdd(&sum, 1) adds to a float as well.
template <typename T>
using Same = std::common_type_t<T>;

}  // namespace cuda_emulation

template <typename T>
T atomicAdd(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, [=](T before) { return static_cast<T>(before + value); });
}
template <typename T>
T atomicSub(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, [=](T before) { return static_cast<T>(before - value); });
}
template <typename T>
T atomicExch(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, [=](T) { return value; });
}
template <typename T>
T atomicMin(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, [=](T before) { return value < before ? value : before; });
}
template <typename T>
T atomicMax(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, [=](T before) { return before < value ? value : before; });
}
template <typename T>
T atomicAnd(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, [=](T before) { return before & value; });
}
template <typename T>
T atomicOr(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, [=](T before) { return before | value; });
}
template <typename T>
T atomicXor(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, [=](T before) { return before ^ value; });
}
inline unsigned atomicInc(unsigned* address, unsigned last) {
  return ::cuda_emulation::atomically(address, [=](unsigned before) { return before >= last ? 0 : before + 1; });
}
inline unsigned atomicDec(unsigned* address, unsigned last) {
  return ::cuda_emulation::atomically(
      address, [=](unsigned before) { return before == 0 || before > last ? last : before - 1; });
}
template <typename T>
T atomicCAS(T* address, ::cuda_emulation::Same<T> expected, ::cuda_emulation::Same<T> value) {
  static_assert(std::is_integral_v<T>, "atomicCAS compares integers: __float_as_int makes one of a float");
  T before = expected;
  __atomic_compare_exchange(address, &before, &value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return before;
}
