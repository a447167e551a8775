// The functions that code compiled with -fsanitize=thread calls before each access to memory. Their names and
// parameters are the compilers'; the runtime library that usually has them is not linked.
//
// Outside of kernels, where nobody watches, they return at once.

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "watch.h"

namespace {

using cuda_emulation::Watch;
using cuda_emulation::watching;

using Way = Watch::Way;

constexpr Way kRead{cuda_emulation::AccessKind::kRead, true, true};
constexpr Way kWrite{cuda_emulation::AccessKind::kWrite, false, true};
constexpr Way kUpdate{cuda_emulation::AccessKind::kAtomic, true, true};
constexpr Way kStore{cuda_emulation::AccessKind::kAtomic, false, true};
// Of structures, which have the alignment of their members.
constexpr Way kReadPart{cuda_emulation::AccessKind::kRead, true, false};
constexpr Way kWritePart{cuda_emulation::AccessKind::kWrite, false, false};

inline __attribute__((always_inline)) void seen(const volatile void* address, std::size_t size, Way way,
                                                const void* pc) {
  Watch* watch = watching;
  if (watch != nullptr && !watch->on_own_stack(const_cast<const void*>(address))) {
    watch->see(const_cast<const void*>(address), static_cast<std::uint32_t>(size), way, pc);
  }
}

/// Of as many bytes as a call says: none at all is no access. What begins in no array is a launch's arguments, copied.
inline __attribute__((always_inline)) void seen_range(const void* address, std::size_t size, Way way, const void* pc) {
  Watch* watch = watching;
  if (size > 0 && watch != nullptr && watch->is_data(address)) {
    seen(address, std::min<std::size_t>(size, UINT32_MAX), way, pc);
  }
}

inline __attribute__((always_inline)) void seen_word(const void* address, cuda_emulation::AccessKind kind,
                                                     const void* pc) {
  Watch* watch = watching;
  if (watch != nullptr && !watch->on_own_stack(address)) {
    watch->see_word(address, kind, pc);
  }
}

}  // namespace

namespace cuda_emulation {

void atomic_access(const void* address, std::size_t size, bool reads, const void* pc) {
  seen(address, size, reads ? kUpdate : kStore, pc);
}

}  // namespace cuda_emulation

#define HERE __builtin_return_address(0)

// Those of 4 bytes have a way of their own.
#define SEEN(name, size, way) \
  void __tsan_##name##size(void* address) { seen(address, size, way, HERE); }
#define SEEN_WORD(name, kind) \
  void __tsan_##name##4(void* address) { seen_word(address, cuda_emulation::AccessKind::kind, HERE); }

#define READS_AND_WRITES(size)       \
  SEEN(read, size, kRead)            \
  SEEN(write, size, kWrite)          \
  SEEN(volatile_read, size, kRead)   \
  SEEN(volatile_write, size, kWrite) \
  UNALIGNED(size)

#define UNALIGNED(size)                            \
  SEEN(unaligned_read, size, kReadPart)            \
  SEEN(unaligned_write, size, kWritePart)          \
  SEEN(unaligned_volatile_read, size, kReadPart)   \
  SEEN(unaligned_volatile_write, size, kWritePart) \
  READ_WRITE(read_write, size, kRead, kWrite)      \
  READ_WRITE(unaligned_read_write, size, kReadPart, kWritePart)

#define READ_WRITE(name, size, first, second) \
  void __tsan_##name##size(void* address) {   \
    seen(address, size, first, HERE);         \
    seen(address, size, second, HERE);        \
  }

#define ATOMIC_UPDATE(bits, T, name, operation)                       \
  T __tsan_atomic##bits##_##name(volatile T* address, T value, int) { \
    seen(address, sizeof(T), kUpdate, HERE);                          \
    return __atomic_##operation(address, value, __ATOMIC_SEQ_CST);    \
  }

#define ATOMICS(bits, T)                                                                                     \
  T __tsan_atomic##bits##_load(const volatile T* address, int) {                                             \
    seen(address, sizeof(T), kUpdate, HERE);                                                                 \
    return __atomic_load_n(address, __ATOMIC_SEQ_CST);                                                       \
  }                                                                                                          \
  void __tsan_atomic##bits##_store(volatile T* address, T value, int) {                                      \
    seen(address, sizeof(T), kStore, HERE);                                                                  \
    __atomic_store_n(address, value, __ATOMIC_SEQ_CST);                                                      \
  }                                                                                                          \
  ATOMIC_UPDATE(bits, T, exchange, exchange_n)                                                               \
  ATOMIC_UPDATE(bits, T, fetch_add, fetch_add)                                                               \
  ATOMIC_UPDATE(bits, T, fetch_sub, fetch_sub)                                                               \
  ATOMIC_UPDATE(bits, T, fetch_and, fetch_and)                                                               \
  ATOMIC_UPDATE(bits, T, fetch_or, fetch_or)                                                                 \
  ATOMIC_UPDATE(bits, T, fetch_xor, fetch_xor)                                                               \
  ATOMIC_UPDATE(bits, T, fetch_nand, fetch_nand)                                                             \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile T* address, T* expected, T value, int, int) {   \
    seen(address, sizeof(T), kUpdate, HERE);                                                                 \
    return __atomic_compare_exchange_n(address, expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
  }                                                                                                          \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile T* address, T* expected, T value, int, int) {     \
    seen(address, sizeof(T), kUpdate, HERE);                                                                 \
    return __atomic_compare_exchange_n(address, expected, value, true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);  \
  }                                                                                                          \
  T __tsan_atomic##bits##_compare_exchange_val(volatile T* address, T expected, T value, int, int) {         \
    seen(address, sizeof(T), kUpdate, HERE);                                                                 \
    __atomic_compare_exchange_n(address, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);       \
    return expected;                                                                                         \
  }

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}
// Where an object's table of virtual functions is set or looked up: by constructors and virtual calls.
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}

READS_AND_WRITES(1)
READS_AND_WRITES(2)
SEEN_WORD(read, kRead)
SEEN_WORD(write, kWrite)
SEEN_WORD(volatile_read, kRead)
SEEN_WORD(volatile_write, kWrite)
UNALIGNED(4)
READS_AND_WRITES(8)
READS_AND_WRITES(16)

void __tsan_read_range(void* address, unsigned long size) { seen(address, size, kReadPart, HERE); }
void __tsan_write_range(void* address, unsigned long size) { seen(address, size, kWritePart, HERE); }

ATOMICS(8, std::uint8_t)
ATOMICS(16, std::uint16_t)
ATOMICS(32, std::uint32_t)
ATOMICS(64, std::uint64_t)
void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
void __tsan_atomic_signal_fence(int) {}

// By clang since 15; by all others, see copies.h.
void* __tsan_memcpy(void* to, const void* from, std::size_t size) {
  seen_range(from, size, kReadPart, HERE);
  seen_range(to, size, kWritePart, HERE);
  return std::memcpy(to, from, size);
}
void* __tsan_memmove(void* to, const void* from, std::size_t size) {
  seen_range(from, size, kReadPart, HERE);
  seen_range(to, size, kWritePart, HERE);
  return std::memmove(to, from, size);
}
void* __tsan_memset(void* to, int value, std::size_t size) {
  seen_range(to, size, kWritePart, HERE);
  return std::memset(to, value, size);
}

}  // extern "C"
