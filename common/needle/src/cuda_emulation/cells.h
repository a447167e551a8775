// What is remembered of each 4 bytes of memory that kernels share: who wrote and who read them last, and whether
// anybody ever wrote them.
//
// Of writes it is enough to know the last one, since every later access that is no race comes after it. Of reads, and
// of atomic operations, there may be many that come after one another in no order: a set, in the least room that still
// tells exactly whether another access comes after all of them.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "clocks.h"

namespace cuda_emulation {

/// An access that may race with a later one.
struct Event {
  std::uint32_t block;        // of the grid
  std::uint32_t place;        // where in the code, from the module's beginning on
  std::uint32_t thread : 10;  // of the block
  std::uint32_t time : 22;    // of its lane
};
constexpr std::uint32_t kLastTime = (1u << 22) - 1;

/// How much of a set of accesses its event stands for.
enum class Of : std::uint8_t {
  kNobody,
  kLanes,       // lanes of one warp at one time: `more` has their bits
  kMixedLanes,  // lanes of one warp at several times, which its Watcher keeps
  kWarps,       // of several warps, since the last block barrier: `more` has another's thread and place
  kBlocks,      // of several blocks
};

struct Set {
  Event event;
  std::uint32_t more;
};

/// Atomic operations are few: where there are any, they are kept beside the cell.
struct Atomics {
  Set set;
  Of of;
};

struct Cell {
  std::atomic<std::uint32_t> state;  // its bits are below
  Event write;                       // if kHasWrite
  Set reads;
};

// Bits of a cell's state. The first four, one for each byte: somebody has written it. Of whom the reads are. Of which
// launch (global memory) or block (shared memory) all but the first four is.
constexpr std::uint32_t kWritten = 0xf, kHasWrite = 0x10, kSplit = 0x20, kHasAtomics = 0x40, kLocked = 0x80;
constexpr int kReadsShift = 8, kEpochShift = 11;
constexpr std::uint32_t kReadsMask = 7u << kReadsShift, kEpochMask = ~0u << kEpochShift;

inline Of reads_of(std::uint32_t state) { return static_cast<Of>((state & kReadsMask) >> kReadsShift); }

inline std::uint32_t with_reads_of(std::uint32_t state, Of of) {
  return (state & ~kReadsMask) | static_cast<std::uint32_t>(of) << kReadsShift;
}

enum class AccessKind : std::uint8_t { kRead, kWrite, kAtomic };

/// What an access races with: the other one.
struct Conflict {
  AccessKind kind;
  Event event;
  bool known;  // who did it; otherwise `event` tells where, and somebody else did it there too
};

/// The thread that accesses memory, and what it knows of the others.
struct Accessor {
  std::uint32_t block = 0, thread = 0, warp = 0, lane = 0;
  std::uint32_t time = 0, floor = 0;
  const WarpClocks* clocks = nullptr;
  // Of sets of kMixedLanes, the time of each lane, 0 for those that are not in it.
  std::map<const Set*, std::array<std::uint32_t, 32>>* mixed = nullptr;
  // Whether another block's access is known to come before, as `of` knows.
  bool (*published)(const void* of, const Event& event) = nullptr;
  const void* of = nullptr;
};

/// Notes an access to a cell that nobody else has at the moment, and whose epoch is this one. `state` is the cell's,
/// and becomes the new one, which is not stored. Returns whether the access races, and with what.
bool touch(Cell* cell, std::uint32_t* state, Atomics* atomics, AccessKind kind, std::uint32_t place, const Accessor& me,
           Conflict* conflict);

/// The same for what is most frequent, in fewer steps. Returns whether that was it, and nothing is left to do.
inline bool touch_quickly(Cell* cell, std::uint32_t* state, AccessKind kind, std::uint32_t place, const Accessor& me) {
  const Of of = reads_of(*state);
  if ((*state & kHasAtomics) != 0 || kind == AccessKind::kAtomic) {
    return false;
  }
  if ((*state & kHasWrite) != 0 &&
      (cell->write.block != me.block || (cell->write.time > me.floor && cell->write.thread != me.thread))) {
    return false;
  }
  Set& reads = cell->reads;
  if (of != Of::kNobody && reads.event.block != me.block) {
    return false;
  }
  const bool superseded =
      of == Of::kNobody || (of <= Of::kWarps && of != Of::kMixedLanes && reads.event.time <= me.floor);
  const std::uint32_t own = 1u << me.lane;
  if (kind == AccessKind::kWrite) {
    if (!superseded && (of != Of::kLanes || reads.event.thread / 32 != me.warp || reads.more != own)) {
      return false;
    }
    cell->write = {me.block, place, me.thread, me.time};
    *state = with_reads_of(*state, Of::kNobody) | kHasWrite;
    return true;
  }
  if (superseded) {
    reads = {{me.block, place, me.thread, me.time}, own};
    *state = with_reads_of(*state, Of::kLanes);
    return true;
  }
  if (of == Of::kWarps) {
    return true;
  }
  if (of == Of::kLanes && reads.event.time == me.time && reads.event.thread / 32 == me.warp) {
    reads.event.place = place;
    reads.event.thread = me.thread;
    reads.more |= own;
    return true;
  }
  return false;
}

}  // namespace cuda_emulation
