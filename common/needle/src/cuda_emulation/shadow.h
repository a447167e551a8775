// What is remembered of a stretch of memory: a cell for each 4 bytes, made when the first is asked for.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "cells.h"

namespace cuda_emulation {

class Shadow {
 public:
  explicit Shadow(std::size_t size) : count_((size + 3) / 4) {}
  ~Shadow();
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;

  /// The cells, or nullptr if there is no memory for them: then nobody checks this stretch.
  Cell* cells() {
    Cell* known = cells_.load(std::memory_order_acquire);
    return known != nullptr ? known : make();
  }
  std::size_t count() const { return count_; }

  /// The cells of single bytes, for 4 bytes of which some thread has accessed a part.
  struct Part {
    Cell cell;
    Atomics atomics;
  };
  std::array<Part, 4>& parts_of(std::size_t cell);

  Atomics& atomics_of(std::size_t cell);

  bool all_written() const { return all_written_.load(std::memory_order_relaxed); }
  void write_all() { all_written_.store(true, std::memory_order_relaxed); }

  /// The host, or a copy, has written bytes from an offset on.
  void write(std::size_t offset, std::size_t size);

  /// A copy has brought bytes here, with what was never written among them.
  void copy(std::size_t offset, Shadow& from, std::size_t from_offset, std::size_t size);

 private:
  Cell* make();
  bool written(std::size_t byte);
  void set_written(std::size_t byte, bool value);

  std::size_t count_;
  std::atomic<Cell*> cells_{nullptr};
  std::atomic<bool> all_written_{false};
  std::mutex mutex_;
  std::unordered_map<std::size_t, std::array<Part, 4>> parts_;
  std::unordered_map<std::size_t, Atomics> atomics_;
};

}  // namespace cuda_emulation
