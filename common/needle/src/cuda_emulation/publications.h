// How a block may yet come after another one: by __threadfence and an atomic operation, and an atomic operation on the
// same address later. The last block to finish may so read what all the others have written.

#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "cells.h"

namespace cuda_emulation {

/// What the blocks of a launch have published, and where.
class Publications {
 public:
  bool any() const { return any_.load(std::memory_order_acquire); }

  /// An atomic operation on an address, by a block that may publish what it did up to now. Returns its turn there.
  std::uint64_t operate(std::uintptr_t address, bool publishes, const Accessor& by) {
    const std::lock_guard<std::mutex> locked(mutex_);
    At& at = at_[address];
    if (publishes) {
      any_.store(true, std::memory_order_release);
      at.by_block[by.block] = {at.turns, by.floor, by.thread};
    }
    return at.turns++;
  }

  /// Whether an access was published before a turn.
  bool covers(std::uintptr_t address, std::uint64_t turn, const Event& event) {
    const std::lock_guard<std::mutex> locked(mutex_);
    const auto at = at_.find(address);
    if (at == at_.end()) {
      return false;
    }
    const auto found = at->second.by_block.find(event.block);
    return found != at->second.by_block.end() && found->second.turn < turn &&
           (event.time <= found->second.floor || event.thread == found->second.thread);
  }

 private:
  struct Publication {
    std::uint64_t turn;
    std::uint32_t floor, thread;  // what all threads did before their last barrier, and what this one did
  };
  struct At {
    std::uint64_t turns = 0;
    std::unordered_map<std::uint32_t, Publication> by_block;
  };

  std::atomic<bool> any_{false};
  std::mutex mutex_;
  std::unordered_map<std::uintptr_t, At> at_;
};

}  // namespace cuda_emulation
