#include "watch.h"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "block.h"
#include "errors.h"
#include "memory.h"
#include "places.h"
#include "traffic.h"

namespace cuda_emulation {

__thread Watch* watching = nullptr;

namespace {

constexpr std::uint32_t kLooksAtClock = 0xffff;  // every so many accesses
constexpr double kSeconds = 10;                  // that a thread may run before it ends or comes to a barrier
constexpr int kBlockTimes = 3;                   // as many times that, a block

double seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds_allowed() {
  static const double allowed = [] {
    const char* wanted = std::getenv("NEEDLE_CUDA_WATCH_SECONDS");
    const double number = wanted == nullptr ? 0 : std::strtod(wanted, nullptr);
    return number > 0 ? number : kSeconds;
  }();
  return allowed;
}

/// Waits until nobody else works on a cell of global memory. Returns its state; storing another lets the next one.
std::uint32_t lock(std::atomic<std::uint32_t>* state) {
  std::uint32_t found = state->load(std::memory_order_relaxed) & ~kLocked;
  while (!state->compare_exchange_weak(found, found | kLocked, std::memory_order_acquire, std::memory_order_relaxed)) {
    found &= ~kLocked;
  }
  return found;
}

/// Which of the words that an access reads nobody has written. Structures have gaps between their members that nobody
/// ever writes and that are copied with them: so of 4 bytes all must be written, of 8 some in each word, of 16 some in
/// each half, and of more some.
class Unwritten {
 public:
  void add(std::uint32_t bytes, bool all) {
    parts_ = parts_ || bytes != 0;
    words_ = words_ || all;
    run_ = all ? run_ + 1 : 0;
    halves_ = halves_ || (run_ >= 2 && number_ % 2 == 1);
    every_ = every_ && all;
    ++number_;
  }
  bool tell(std::size_t size) const { return size <= 4 ? parts_ : size <= 8 ? words_ : size == 16 ? halves_ : every_; }

 private:
  bool parts_ = false, words_ = false, halves_ = false, every_ = true;
  unsigned run_ = 0, number_ = 0;
};

}  // namespace

bool watch_checks() {
  static const bool checks = [] {
    const char* wanted = std::getenv("NEEDLE_CUDA_WATCH");
    return wanted == nullptr || std::strcmp(wanted, "off") != 0;
  }();
  return checks;
}

Watch::Watch(BlockRunner* runner)
    : runner_(runner), checks_(watch_checks()), shared_shadow_(checks_ ? SharedMemory::size() : 0) {
  me_.mixed = &mixed_;
  me_.published = [](const void* watch, const Event& event) {
    return static_cast<const Watch*>(watch)->published(event);
  };
  me_.of = this;
  shared_cells_ = shared_shadow_.cells();
}

double seconds_between_looks() { return std::min(1.0, seconds_allowed() / 4); }

void Watch::launch_begins(const Launch& launch, std::uint32_t epoch, unsigned threads, Publications* publications) {
  launch_ = &launch;
  publications_ = publications;
  launch_epoch_ = epoch;
  clocks_.resize((threads + kWarp - 1) / kWarp);
  launch_ends();
}

void Watch::launch_ends() {
  regions_.fill({});
  region_ = &regions_[0];
}

void Watch::block_begins(std::uint64_t block, SharedMemory* shared) {
  memory_ = shared;
  shared_ = reinterpret_cast<std::uintptr_t>(shared->memory());
  shared_size_ = SharedMemory::size();
  variable_ = {};
  block_ = block;
  me_.block = static_cast<std::uint32_t>(block);
  me_.floor = 0;
  ordered_ = true;
  if ((++block_epoch_ << kEpochShift) == 0 && checks_) {
    ++block_epoch_;  // 0 is of cells that are new
  }
  mixed_.clear();
  fenced_ = false;
  acquired_.clear();
  for (WarpClocks& warp : clocks_) {
    warp.begin(1);
  }
  block_began_ = -1;
}

void Watch::thread_runs(std::uint32_t thread, const char* stack, std::size_t stack_size) {
  stack_ = reinterpret_cast<std::uintptr_t>(stack);
  stack_size_ = stack_size;
  me_.thread = thread;
  me_.warp = thread / kWarp;
  me_.lane = thread % kWarp;
  me_.clocks = &clocks_[me_.warp];
  me_.time = me_.clocks->time(me_.lane);
  ordered_ = ordered_ && me_.time < kLastTime;
  thread_began_ = -1;
}

void Watch::block_meets() {
  std::uint32_t latest = 0;
  for (const WarpClocks& warp : clocks_) {
    latest = std::max(latest, warp.latest());
  }
  me_.floor = latest;
  for (WarpClocks& warp : clocks_) {
    warp.begin(latest + 1);
  }
}

/// Whether this block has been there before, so that nobody need look for the variable.
bool Watch::was_inside(std::uintptr_t place, std::uint32_t size) {
  return shared_cells_ != nullptr && size == 4 && place % 4 == 0 &&
         (shared_cells_[(place - shared_) / 4].state.load(std::memory_order_relaxed) & kEpochMask) ==
             block_epoch_ << kEpochShift;
}

bool Watch::too_long() {
  const double now = seconds();
  thread_began_ = thread_began_ < 0 ? now : thread_began_;
  block_began_ = block_began_ < 0 ? now : block_began_;
  thread_too_long_ = now - thread_began_ > seconds_allowed();
  return thread_too_long_ || now - block_began_ > kBlockTimes * seconds_allowed();
}

std::string Watch::too_long_text() const {
  const double allowed = (thread_too_long_ ? 1 : kBlockTimes) * seconds_allowed();
  char number[32];
  std::snprintf(number, sizeof(number), allowed == 1 ? "%g second" : "%g seconds", allowed);
  return (thread_too_long_ ? "has run for more than " : "is of a block that has run for more than ") +
         std::string(number) +
         (thread_too_long_ ? " without coming to its end or to a barrier: its loop may never end"
                           : ": its threads may wait for each other in a loop that never ends");
}

void Watch::see(const void* address, std::uint32_t size, Way way, const void* pc) {
  const auto place = reinterpret_cast<std::uintptr_t>(address);
  const Site site{static_cast<const char*>(address), size, way.kind, way.reads, offset_in_module(pc)};
  if ((++seen_ & kLooksAtClock) == 0 && checks_) {
    const Unwatched runtime;
    if (too_long()) {
      give_up(too_long_text() + " (" + source_text(site.place) + ")");
    }
  }
  Space space = Space::kShared;
  if (place - shared_ < shared_size_) {
    if ((place - variable_.begin >= variable_.size || size > variable_.begin + variable_.size - place) &&
        !was_inside(place, size) && !find_shared(place, size)) {
      if (!checks_) {
        return;
      }
      outside_shared(site);
    }
  } else {
    space = Space::kGlobal;
    if (place - region_->begin >= region_->size && !find_region(place)) {
      if (!checks_) {
        return;
      }
      outside_global(site);
    }
    if (checks_ &&
        (size > region_->begin + region_->size - place || (way.kind != AccessKind::kRead && !region_->writable))) {
      outside_global(site);
    }
  }
  if (traffic::counting) {
    const Unwatched runtime;
    traffic::note({address, size, way.kind != AccessKind::kRead, way.kind == AccessKind::kAtomic, space, pc, me_.thread,
                   me_.warp, me_.lane, block_});
  }
  if (!checks_) {
    return;
  }
  if (way.aligned && (place & (size - 1)) != 0) {
    const Unwatched runtime;
    give_up(std::string(way.kind == AccessKind::kRead ? "reads " : "writes ") + bytes_text(size) +
            " at once at an address that is no multiple of " + std::to_string(size) + ": " + name_of(site, space) +
            " (" + source_text(site.place) + ")");
  }
  check(site, space);
  if (way.kind == AccessKind::kAtomic && space == Space::kGlobal && (fenced_ || publications_->any())) {
    const Unwatched runtime;
    operate(place);
  }
}

void Watch::operate(std::uintptr_t place) {
  acquired_[place] = {publications_->operate(place, fenced_, me_), me_.thread, me_.time};
}

bool Watch::published(const Event& event) const {
  const Unwatched runtime;
  return std::any_of(acquired_.begin(), acquired_.end(), [&](const auto& entry) {
    const auto& [place, acquired] = entry;
    return (acquired.thread == me_.thread || acquired.time <= me_.floor) &&
           publications_->covers(place, acquired.turn, event);
  });
}

void Watch::see_word(const void* address, AccessKind kind, const void* pc) {
  const auto place = reinterpret_cast<std::uintptr_t>(address);
  if (((seen_ + 1) & kLooksAtClock) == 0 || !check_quickly(place, kind, offset_in_module(pc))) {
    see(address, 4, {kind, kind == AccessKind::kRead, true}, pc);
  } else {
    ++seen_;
  }
}

/// Whether all is well with an access to 4 bytes, as far as a few steps can tell; then it is noted, too.
inline bool Watch::check_quickly(std::uintptr_t place, AccessKind kind, std::uint32_t code) {
  if (!ordered_ || traffic::counting || place % 4 != 0 || !checks_) {
    return false;
  }
  const bool reads = kind == AccessKind::kRead;
  if (place - shared_ < shared_size_) {
    if (shared_cells_ == nullptr) {
      return false;
    }
    Cell& cell = shared_cells_[(place - shared_) / 4];
    std::uint32_t state = cell.state.load(std::memory_order_relaxed);
    if ((state & (kEpochMask | kSplit)) != block_epoch_ << kEpochShift || (reads && (state & kWritten) != kWritten) ||
        !touch_quickly(&cell, &state, kind, code, me_)) {
      return false;
    }
    cell.state.store(reads ? state : state | kWritten, std::memory_order_relaxed);
    return true;
  }
  if (place - region_->begin >= region_->size && !find_known_region(place)) {
    return false;
  }
  const std::size_t offset = place - region_->begin;
  Cell* cells = region_->shadow == nullptr ? nullptr : region_->shadow->cells();
  if (cells == nullptr || region_->size - offset < 4) {
    return false;
  }
  Cell& cell = cells[offset / 4];
  const std::uint32_t epoch = launch_epoch_ << kEpochShift;
  const std::uint32_t needed = reads && !region_->shadow->all_written() ? kWritten : 0;
  std::uint32_t state = cell.state.load(std::memory_order_relaxed);
  if (reads && reads_of(state) == Of::kBlocks && (state & needed) == needed &&
      (state & (kHasWrite | kSplit | kLocked | kHasAtomics | kEpochMask)) == epoch) {
    return true;
  }
  state = lock(&cell.state);
  std::uint32_t changed = (state & kEpochMask) == epoch ? state : epoch | (state & kWritten);
  const bool fine =
      (changed & kSplit) == 0 && (changed & needed) == needed && touch_quickly(&cell, &changed, kind, code, me_);
  if (fine) {
    changed = reads ? changed : changed | kWritten;
  }
  cell.state.store(fine ? changed : state, std::memory_order_release);
  return fine;
}

/// The same as touch, where somebody has accessed single bytes of the cell, or does so now.
bool Watch::touch_parts(Cell* cell, std::uint32_t* state, Shadow* shadow, std::size_t index, std::uint32_t bytes,
                        const Site& site, Conflict* conflict) {
  std::array<Shadow::Part, 4>& parts = shadow->parts_of(index);
  if ((*state & kSplit) == 0) {  // what was known of all is known of each
    const bool updated = (*state & kHasAtomics) != 0;
    for (Shadow::Part& part : parts) {
      part.cell.state.store(*state & ~kLocked, std::memory_order_relaxed);
      part.cell.write = cell->write;
      part.cell.reads = cell->reads;
      copy_times(&cell->reads, &part.cell.reads);
      if (updated) {
        part.atomics = shadow->atomics_of(index);
        copy_times(&shadow->atomics_of(index).set, &part.atomics.set);
      }
    }
    *state |= kSplit;
  }
  for (unsigned i = 0; i < 4; ++i) {
    if ((bytes >> i & 1) != 0) {
      std::uint32_t of_part = parts[i].cell.state.load(std::memory_order_relaxed);
      if (touch(&parts[i].cell, &of_part, &parts[i].atomics, site.kind, site.place, me_, conflict)) {
        return true;
      }
      parts[i].cell.state.store(of_part, std::memory_order_relaxed);
    }
  }
  return false;
}

void Watch::copy_times(const Set* from, const Set* to) {
  const auto times = mixed_.find(from);
  if (times != mixed_.end()) {
    mixed_[to] = times->second;
  }
}

/// Whether it races with what others do, and whether anybody has written what it reads.
void Watch::check(const Site& site, Space space) {
  const bool global = space == Space::kGlobal;
  Shadow* shadow = global ? region_->shadow : &shared_shadow_;
  Cell* cells = shadow == nullptr ? nullptr : shadow->cells();
  if (cells == nullptr) {
    return;
  }
  const std::uint32_t epoch = (global ? launch_epoch_ : block_epoch_) << kEpochShift;
  const std::size_t begin = reinterpret_cast<std::uintptr_t>(site.address) - (global ? region_->begin : shared_);
  const std::size_t end = begin + site.size;
  const bool known = !site.reads || (global && shadow->all_written());
  Unwritten unwritten_words;
  for (std::size_t at = begin; at < end;) {
    const std::size_t index = at / 4, next = std::min((index + 1) * 4, end);
    Cell& cell = cells[index];
    const std::uint32_t bytes = ((1u << (next - at)) - 1) << at % 4;
    at = next;
    std::uint32_t state = cell.state.load(std::memory_order_relaxed);
    if (global) {
      // What several blocks read, and nobody writes, needs no further note.
      if (site.kind == AccessKind::kRead && reads_of(state) == Of::kBlocks &&
          (state & (kHasWrite | kSplit | kLocked | kHasAtomics | kEpochMask)) == epoch &&
          (known || (state & bytes) == bytes)) {
        unwritten_words.add(0, false);
        continue;
      }
      state = lock(&cell.state);
    }
    if ((state & kEpochMask) != epoch) {  // of an earlier launch; or of an earlier block, and written by nobody in this
      state = epoch | (global ? state & kWritten : 0);
    }
    Conflict conflict;
    bool race = false;
    const bool whole = bytes == kWritten && (state & kSplit) == 0;
    if (ordered_ && !(whole && touch_quickly(&cell, &state, site.kind, site.place, me_))) {
      if (whole) {
        Atomics* atomics =
            site.kind == AccessKind::kAtomic || (state & kHasAtomics) != 0 ? &shadow->atomics_of(index) : nullptr;
        race = touch(&cell, &state, atomics, site.kind, site.place, me_, &conflict);
      } else {
        race = touch_parts(&cell, &state, shadow, index, bytes, site, &conflict);
      }
    }
    const std::uint32_t missing = bytes & ~state;
    cell.state.store(site.kind == AccessKind::kRead ? state : state | bytes, std::memory_order_release);
    if (race) {
      watching = nullptr;
      races(site, space, conflict);
    }
    unwritten_words.add(missing, missing == bytes);
  }
  if (!known && unwritten_words.tell(site.size)) {
    watching = nullptr;
    unwritten(site, space);
  }
}

}  // namespace cuda_emulation
