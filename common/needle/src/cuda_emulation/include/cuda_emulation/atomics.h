// Atomic operations on global and shared memory: what another block or thread does comes before or after, never
// between.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

// The operations are calls that nobody watches, of which each tells once where it is called.
#if defined(__clang__)  // which calls for atomic operations in spite of no_sanitize
#define CUDA_EMULATION_UNWATCHED __attribute__((noinline, disable_sanitizer_instrumentation))
#else
#define CUDA_EMULATION_UNWATCHED __attribute__((noinline, no_sanitize("thread")))
#endif
#define CUDA_EMULATION_CALLER __builtin_return_address(0)

namespace cuda_emulation {

/// Tells those who watch of an atomic operation, where `pc` is the place in the source that its caller returns to.
/// `reads`: what was there before counts.
void atomic_access(const void* address, std::size_t size, bool reads, const void* pc);

// Where other accesses are not told, as under AddressSanitizer, these alone would mislead.
#if defined(__SANITIZE_THREAD__)
#define CUDA_EMULATION_WATCHED true
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CUDA_EMULATION_WATCHED true
#endif
#endif
#if !defined(CUDA_EMULATION_WATCHED)
#define CUDA_EMULATION_WATCHED false
#endif

/// Replaces *address by change(*address). Returns what was there before.
template <typename T, typename Change>
CUDA_EMULATION_UNWATCHED T atomically(T* address, const void* pc, Change change, bool reads = true) {
  static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8 || sizeof(T) == 2),
                "CUDA's atomic operations are on numbers of 2, 4 or 8 bytes");
  if (CUDA_EMULATION_WATCHED) {
    atomic_access(address, sizeof(T), reads, pc);
  }
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
CUDA_EMULATION_UNWATCHED T atomicAdd(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, CUDA_EMULATION_CALLER,
                                      [=](T before) { return static_cast<T>(before + value); });
}
template <typename T>
CUDA_EMULATION_UNWATCHED T atomicSub(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, CUDA_EMULATION_CALLER,
                                      [=](T before) { return static_cast<T>(before - value); });
}
template <typename T>
CUDA_EMULATION_UNWATCHED T atomicExch(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, CUDA_EMULATION_CALLER, [=](T) { return value; }, false);
}
template <typename T>
CUDA_EMULATION_UNWATCHED T atomicMin(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, CUDA_EMULATION_CALLER,
                                      [=](T before) { return value < before ? value : before; });
}
template <typename T>
CUDA_EMULATION_UNWATCHED T atomicMax(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, CUDA_EMULATION_CALLER,
                                      [=](T before) { return before < value ? value : before; });
}
template <typename T>
CUDA_EMULATION_UNWATCHED T atomicAnd(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, CUDA_EMULATION_CALLER, [=](T before) { return before & value; });
}
template <typename T>
CUDA_EMULATION_UNWATCHED T atomicOr(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, CUDA_EMULATION_CALLER, [=](T before) { return before | value; });
}
template <typename T>
CUDA_EMULATION_UNWATCHED T atomicXor(T* address, ::cuda_emulation::Same<T> value) {
  return ::cuda_emulation::atomically(address, CUDA_EMULATION_CALLER, [=](T before) { return before ^ value; });
}
CUDA_EMULATION_UNWATCHED inline unsigned atomicInc(unsigned* address, unsigned last) {
  return ::cuda_emulation::atomically(address, CUDA_EMULATION_CALLER,
                                      [=](unsigned before) { return before >= last ? 0 : before + 1; });
}
CUDA_EMULATION_UNWATCHED inline unsigned atomicDec(unsigned* address, unsigned last) {
  return ::cuda_emulation::atomically(address, CUDA_EMULATION_CALLER, [=](unsigned before) {
    return before == 0 || before > last ? last : before - 1;
  });
}
template <typename T>
CUDA_EMULATION_UNWATCHED T atomicCAS(T* address, ::cuda_emulation::Same<T> expected, ::cuda_emulation::Same<T> value) {
  static_assert(std::is_integral_v<T>, "atomicCAS compares integers: __float_as_int makes one of a float");
  if (CUDA_EMULATION_WATCHED) {
    ::cuda_emulation::atomic_access(address, sizeof(T), true, CUDA_EMULATION_CALLER);
  }
  T before = expected;
  __atomic_compare_exchange(address, &before, &value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return before;
}
