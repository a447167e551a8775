// Where threads wait for each other: the barriers of a block, and what a warp of 32 threads does together.
//
// A defaulted `file` and `line` are those of the call: they tell barriers apart, and stand in messages.

#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "thread.h"

#define CUDA_EMULATION_HERE const char *file = __builtin_FILE(), int line = __builtin_LINE()

namespace cuda_emulation {

/// A call at which threads wait: its function's name, and where it stands.
struct Site {
  const char* what;
  const char* file;
  int line;
};

enum class BlockOperation { kNone, kCount, kAnd, kOr };

/// Waits for all threads of the block. Returns what the operation makes of all their predicates.
int block_barrier(const Site& site, BlockOperation operation, int predicate);

enum class WarpOperation {
  kSync,
  kShuffle,   // the value of the lane `argument`
  kBallot,    // the lanes whose value is not 0
  kMatchAny,  // the lanes that have this lane's value
  kMatchAll,  // all lanes, or 0 if two values differ
  kAdd,
  kMin,
  kMax,
  kMinSigned,
  kMaxSigned,
  kAnd,
  kOr,
  kXor,
};

/// Waits for the lanes in `mask` that have not ended, and computes what the operation makes of their values.
std::uint64_t warp_operation(const Site& site, WarpOperation operation, unsigned mask, std::uint64_t value,
                             int argument);

/// The current thread's place in its warp.
int lane();

/// The lanes of the current warp that have not ended.
unsigned lanes_alive();

/// Lets nobody see what comes after before what came before.
void fence();

/// Ends the kernel with an error.
[[noreturn]] void trap(const Site& site);

template <typename T>
T shuffle(const Site& site, unsigned mask, T value, int source) {
  static_assert(std::is_arithmetic_v<T>, "shuffles exchange numbers: exchange the parts of a structure one by one");
  static_assert(sizeof(T) <= 8, "shuffles exchange at most 8 bytes");
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = warp_operation(site, WarpOperation::kShuffle, mask, bits, source & 31);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

template <typename T>
T warp_reduction(const Site& site, WarpOperation operation, unsigned mask, T value) {
  return static_cast<T>(warp_operation(site, operation, mask, static_cast<std::uint64_t>(value), 0));
}

template <typename T>
std::uint64_t bits_of(T value) {
  static_assert(sizeof(T) <= 8, "at most 8 bytes are compared");
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}

}  // namespace cuda_emulation

// ---- barriers of a block ----

inline void __syncthreads(CUDA_EMULATION_HERE) {
  ::cuda_emulation::block_barrier({"__syncthreads", file, line}, ::cuda_emulation::BlockOperation::kNone, 0);
}
inline int __syncthreads_count(int predicate, CUDA_EMULATION_HERE) {
  return ::cuda_emulation::block_barrier({"__syncthreads_count", file, line}, ::cuda_emulation::BlockOperation::kCount,
                                         predicate);
}
inline int __syncthreads_and(int predicate, CUDA_EMULATION_HERE) {
  return ::cuda_emulation::block_barrier({"__syncthreads_and", file, line}, ::cuda_emulation::BlockOperation::kAnd,
                                         predicate);
}
inline int __syncthreads_or(int predicate, CUDA_EMULATION_HERE) {
  return ::cuda_emulation::block_barrier({"__syncthreads_or", file, line}, ::cuda_emulation::BlockOperation::kOr,
                                         predicate);
}

[[noreturn]] inline void __trap(CUDA_EMULATION_HERE) { ::cuda_emulation::trap({"__trap", file, line}); }

inline void __threadfence() { ::cuda_emulation::fence(); }
inline void __threadfence_block() { ::cuda_emulation::fence(); }
inline void __threadfence_system() { ::cuda_emulation::fence(); }

// ---- warps ----

inline void __syncwarp(unsigned mask = 0xffffffffu, CUDA_EMULATION_HERE) {
  ::cuda_emulation::warp_operation({"__syncwarp", file, line}, ::cuda_emulation::WarpOperation::kSync, mask, 0, 0);
}

inline unsigned __activemask() { return ::cuda_emulation::lanes_alive(); }

// The lane that a shuffle reads lies in the same group of `width` lanes; where there is none, a thread reads its own.
template <typename T>
T __shfl_sync(unsigned mask, T value, int source, int width = warpSize, CUDA_EMULATION_HERE) {
  const int own = ::cuda_emulation::lane();
  return ::cuda_emulation::shuffle({"__shfl_sync", file, line}, mask, value,
                                   (own & ~(width - 1)) | (source & (width - 1)));
}
template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = warpSize, CUDA_EMULATION_HERE) {
  const int own = ::cuda_emulation::lane(), source = own - static_cast<int>(delta);
  return ::cuda_emulation::shuffle({"__shfl_up_sync", file, line}, mask, value,
                                   source < (own & ~(width - 1)) ? own : source);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = warpSize, CUDA_EMULATION_HERE) {
  const int own = ::cuda_emulation::lane(), source = own + static_cast<int>(delta);
  return ::cuda_emulation::shuffle({"__shfl_down_sync", file, line}, mask, value,
                                   source > (own | (width - 1)) ? own : source);
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = warpSize, CUDA_EMULATION_HERE) {
  // Into a later group the exchange does not go; into an earlier one it does.
  const int own = ::cuda_emulation::lane(), source = own ^ lane_mask;
  return ::cuda_emulation::shuffle({"__shfl_xor_sync", file, line}, mask, value,
                                   source > (own | (width - 1)) ? own : source);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, CUDA_EMULATION_HERE) {
  return static_cast<unsigned>(::cuda_emulation::warp_operation(
      {"__ballot_sync", file, line}, ::cuda_emulation::WarpOperation::kBallot, mask, predicate != 0, 0));
}
inline int __any_sync(unsigned mask, int predicate, CUDA_EMULATION_HERE) {
  return ::cuda_emulation::warp_operation({"__any_sync", file, line}, ::cuda_emulation::WarpOperation::kBallot, mask,
                                          predicate != 0, 0) != 0;
}
inline int __all_sync(unsigned mask, int predicate, CUDA_EMULATION_HERE) {
  return ::cuda_emulation::warp_operation({"__all_sync", file, line}, ::cuda_emulation::WarpOperation::kBallot, mask,
                                          predicate == 0, 0) == 0;
}
template <typename T>
unsigned __match_any_sync(unsigned mask, T value, CUDA_EMULATION_HERE) {
  return static_cast<unsigned>(::cuda_emulation::warp_operation({"__match_any_sync", file, line},
                                                                ::cuda_emulation::WarpOperation::kMatchAny, mask,
                                                                ::cuda_emulation::bits_of(value), 0));
}
template <typename T>
unsigned __match_all_sync(unsigned mask, T value, int* all, CUDA_EMULATION_HERE) {
  const auto lanes = static_cast<unsigned>(::cuda_emulation::warp_operation({"__match_all_sync", file, line},
                                                                            ::cuda_emulation::WarpOperation::kMatchAll,
                                                                            mask, ::cuda_emulation::bits_of(value), 0));
  *all = lanes != 0;
  return lanes;
}

#define CUDA_EMULATION_REDUCTION(name, T, operation)                                                               \
  inline T name(unsigned mask, T value, CUDA_EMULATION_HERE) {                                                     \
    return ::cuda_emulation::warp_reduction({#name, file, line}, ::cuda_emulation::WarpOperation::operation, mask, \
                                            value);                                                                \
  }
CUDA_EMULATION_REDUCTION(__reduce_add_sync, unsigned, kAdd)
CUDA_EMULATION_REDUCTION(__reduce_add_sync, int, kAdd)
CUDA_EMULATION_REDUCTION(__reduce_min_sync, unsigned, kMin)
CUDA_EMULATION_REDUCTION(__reduce_min_sync, int, kMinSigned)
CUDA_EMULATION_REDUCTION(__reduce_max_sync, unsigned, kMax)
CUDA_EMULATION_REDUCTION(__reduce_max_sync, int, kMaxSigned)
CUDA_EMULATION_REDUCTION(__reduce_and_sync, unsigned, kAnd)
CUDA_EMULATION_REDUCTION(__reduce_or_sync, unsigned, kOr)
CUDA_EMULATION_REDUCTION(__reduce_xor_sync, unsigned, kXor)
#undef CUDA_EMULATION_REDUCTION
