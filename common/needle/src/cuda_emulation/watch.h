// What one OS thread sees of the kernels it runs: every load and store of their threads passes here, and is checked.
//
// Is the address memory that kernels may use (watch_memory.cc)? Does anything come between this access and another
// thread's (cells.h)? Has anybody ever written what is read? A thread that fails is given up at that very access, with
// its place in the source. NEEDLE_CUDA_WATCH=off leaves the checks out.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "access.h"
#include "cells.h"
#include "clocks.h"
#include "cuda_emulation/launch.h"
#include "publications.h"
#include "shadow.h"
#include "shared_memory.h"

namespace cuda_emulation {

class BlockRunner;

/// A stretch of memory that kernels may use, and what is remembered of it.
struct Region {
  std::uintptr_t begin = 0;
  std::size_t size = 0;
  Shadow* shadow = nullptr;  // nullptr: nothing is, as of constants
  bool writable = true;
  std::shared_ptr<Shadow> keeps;
};

class Watch {
 public:
  explicit Watch(BlockRunner* runner);

  // ---- what happens to the threads ----

  void launch_begins(const Launch& launch, std::uint32_t epoch, unsigned threads, Publications* publications);
  void launch_ends();
  void block_begins(std::uint64_t block, SharedMemory* shared);
  void thread_runs(std::uint32_t thread, const char* stack, std::size_t stack_size);
  void block_meets();
  void fence() { fenced_ = true; }
  void lanes_meet(unsigned warp, unsigned lanes, bool whole) { clocks_[warp].meet(lanes, whole); }

  // ---- what they do ----

  bool on_own_stack(const void* address) const {
    return reinterpret_cast<std::uintptr_t>(address) - stack_ < stack_size_;
  }

  /// How an access is made. `reads`: what was there counts. `aligned`: to its size, as GPUs need it.
  struct Way {
    AccessKind kind;
    bool reads, aligned;
  };

  /// The thread that runs loads or stores; `pc` is where it goes on.
  void see(const void* address, std::uint32_t size, Way way, const void* pc);

  /// The same for 4 bytes that are read or written in no special way, as most are: in fewer steps, where they suffice.
  void see_word(const void* address, AccessKind kind, const void* pc);

  /// Whether an address lies in shared memory or in an array of the device.
  bool is_data(const void* address) const;

  /// Whether no access was seen since this was asked last.
  bool stands_still() {
    const bool same = seen_ == seen_before_;
    seen_before_ = seen_;
    return same;
  }

  /// Whether the thread that runs, or its block, has run for too long. Asks the clock.
  bool too_long();
  std::string too_long_text() const;

 private:
  struct Site {
    const char* address;
    std::uint32_t size;
    AccessKind kind;
    bool reads;
    std::uint32_t place;
  };

  bool find_known_region(std::uintptr_t place);
  bool find_region(std::uintptr_t place);
  bool find_shared(std::uintptr_t place, std::uint32_t size);
  [[noreturn]] void outside_shared(const Site& site);
  [[noreturn]] void outside_global(const Site& site);
  [[noreturn]] void unwritten(const Site& site, Space space);
  [[noreturn]] void races(const Site& site, Space space, const Conflict& conflict);
  [[noreturn]] void give_up(const std::string& what);
  void check(const Site& site, Space space);
  bool touch_parts(Cell* cell, std::uint32_t* state, Shadow* shadow, std::size_t index, std::uint32_t bytes,
                   const Site& site, Conflict* conflict);
  void copy_times(const Set* from, const Set* to);
  bool was_inside(std::uintptr_t place, std::uint32_t size);
  bool check_quickly(std::uintptr_t place, AccessKind kind, std::uint32_t code);
  std::string thread_text(const Event& event) const;
  std::string name_of(const Site& site, Space space) const;

  void operate(std::uintptr_t place);
  bool published(const Event& event) const;

  /// An atomic operation of this block that others' came before.
  struct Acquired {
    std::uint64_t turn;
    std::uint32_t thread, time;
  };

  BlockRunner* runner_;
  Publications* publications_ = nullptr;
  bool fenced_ = false;  // a thread of the block has come to a __threadfence
  std::map<std::uintptr_t, Acquired> acquired_;
  const Launch* launch_ = nullptr;
  std::uintptr_t stack_ = 0, shared_ = 0;
  std::size_t stack_size_ = 0, shared_size_ = 0;
  SharedMemory* memory_ = nullptr;
  std::uint64_t block_ = 0;
  bool checks_, ordered_ = true;  // ordered_: time has not run out, so that races can be told
  Accessor me_;
  std::vector<WarpClocks> clocks_;
  std::map<const Set*, std::array<std::uint32_t, 32>> mixed_;

  Shadow shared_shadow_;
  Cell* shared_cells_ = nullptr;
  Region variable_;                 // of shared memory, the last one accessed
  std::array<Region, 8> regions_;   // of global memory, the last ones accessed
  const Region* region_ = nullptr;  // the last one of them
  unsigned next_region_ = 0;
  std::uint32_t launch_epoch_ = 0, block_epoch_ = 0;

  std::uint32_t seen_ = 0, seen_before_ = 0;
  double block_began_ = -1, thread_began_ = -1;  // seconds; -1: nobody has asked yet
  bool thread_too_long_ = false;
};

/// Who watches the thread that runs on this OS thread: nullptr outside of kernels, and in the runtime that they call.
extern __thread Watch* watching __attribute__((visibility("hidden")));

/// How often to look whether a thread has run for too long.
double seconds_between_looks();

/// Whether kernels are checked: not if NEEDLE_CUDA_WATCH is off.
bool watch_checks();

/// While it lives, nobody watches: the runtime is at work.
class Unwatched {
 public:
  Unwatched() : before_(watching) { watching = nullptr; }
  ~Unwatched() { watching = before_; }
  Unwatched(const Unwatched&) = delete;
  Unwatched& operator=(const Unwatched&) = delete;

 private:
  Watch* before_;
};

}  // namespace cuda_emulation
