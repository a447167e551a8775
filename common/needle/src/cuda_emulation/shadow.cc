#include "shadow.h"

#include <algorithm>
#include <cstdlib>

namespace cuda_emulation {

Shadow::~Shadow() { std::free(cells_.load()); }

Cell* Shadow::make() {
  const std::lock_guard<std::mutex> locked(mutex_);
  Cell* cells = cells_.load();
  if (cells == nullptr && count_ > 0) {
    cells = static_cast<Cell*>(std::calloc(count_, sizeof(Cell)));  // pages that nobody touches take no memory
    cells_.store(cells, std::memory_order_release);
  }
  return cells;
}

std::array<Shadow::Part, 4>& Shadow::parts_of(std::size_t cell) {
  const std::lock_guard<std::mutex> locked(mutex_);
  return parts_[cell];
}

Atomics& Shadow::atomics_of(std::size_t cell) {
  const std::lock_guard<std::mutex> locked(mutex_);
  return atomics_[cell];
}

bool Shadow::written(std::size_t byte) {
  return all_written() || (cells()[byte / 4].state.load(std::memory_order_relaxed) >> byte % 4 & 1) != 0;
}

void Shadow::set_written(std::size_t byte, bool value) {
  std::atomic<std::uint32_t>& state = cells()[byte / 4].state;
  const std::uint32_t bit = 1u << byte % 4;
  if (value) {
    state.fetch_or(bit, std::memory_order_relaxed);
  } else {
    state.fetch_and(~bit, std::memory_order_relaxed);
  }
}

void Shadow::write(std::size_t offset, std::size_t size) {
  if (all_written() || cells() == nullptr) {
    return;
  }
  if (offset == 0 && size + 3 >= count_ * 4) {
    write_all();
    return;
  }
  for (std::size_t byte = offset; byte < offset + size; ++byte) {
    set_written(byte, true);
  }
}

void Shadow::copy(std::size_t offset, Shadow& from, std::size_t from_offset, std::size_t size) {
  if (from.all_written() || from.cells() == nullptr) {
    write(offset, size);
    return;
  }
  if (cells() == nullptr) {
    return;
  }
  if (all_written()) {  // no longer: what is copied may hold bytes that nobody wrote
    for (std::size_t cell = 0; cell < count_; ++cell) {
      cells_.load()[cell].state.fetch_or(kWritten, std::memory_order_relaxed);
    }
    all_written_.store(false, std::memory_order_relaxed);
  }
  for (std::size_t byte = 0; byte < size; ++byte) {
    set_written(offset + byte, from.written(from_offset + byte));
  }
}

}  // namespace cuda_emulation
