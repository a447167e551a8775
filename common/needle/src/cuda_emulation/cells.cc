#include "cells.h"

namespace cuda_emulation {

namespace {

constexpr unsigned kWarpSize = 32;
constexpr std::uint32_t kPlaceBits = 22;

/// A second thread of a set, and its place if that is near enough to the module's beginning.
std::uint32_t packed(const Event& event) {
  return event.thread << kPlaceBits | (event.place >> kPlaceBits == 0 ? event.place : 0);
}

Event unpacked(const Set& set) {
  Event event = set.event;
  event.thread = set.more >> kPlaceBits;
  const std::uint32_t place = set.more & ((1u << kPlaceBits) - 1);
  event.place = place == 0 ? event.place : place;
  return event;
}

class Toucher {
 public:
  Toucher(Cell* cell, std::uint32_t place, const Accessor& me, Conflict* conflict)
      : cell_(cell), me_(me), conflict_(conflict) {
    own_.block = me.block;
    own_.place = place;
    own_.thread = me.thread;
    own_.time = me.time;
  }

  bool after_write(std::uint32_t state) {
    if ((state & kHasWrite) == 0 || knows(cell_->write)) {
      return true;
    }
    *conflict_ = {AccessKind::kWrite, cell_->write, true};
    return false;
  }

  /// Whether this access comes after all of a set.
  bool after(const Set& set, Of of, AccessKind kind) {
    Event other = set.event;
    bool known = true;
    if (of == Of::kNobody || !someone_unordered(set, of, &other, &known)) {
      return true;
    }
    *conflict_ = {kind, other, known};
    return false;
  }

  Of added_to(Set* set, Of of) {
    Event other;
    bool known;
    if (of == Of::kNobody || !someone_unordered(*set, of, &other, &known)) {
      *set = {own_, 1u << me_.lane};
      return Of::kLanes;
    }
    if (of == Of::kBlocks || set->event.block != me_.block) {
      return Of::kBlocks;
    }
    if (of == Of::kWarps) {
      return of;
    }
    if (set->event.thread / kWarpSize != me_.warp) {
      set->more = packed(own_);
      return Of::kWarps;
    }
    if (of == Of::kLanes && set->event.time == me_.time) {
      set->event = own_;
      set->more |= 1u << me_.lane;
      return of;
    }
    auto& times = (*me_.mixed)[set];
    if (of == Of::kLanes) {
      for (unsigned lane = 0; lane < kWarpSize; ++lane) {
        times[lane] = (set->more >> lane & 1) != 0 ? set->event.time : 0;
      }
    }
    times[me_.lane] = me_.time;
    set->event = own_;
    return Of::kMixedLanes;
  }

  const Event& own() const { return own_; }

 private:
  bool knows(const Event& event) const {
    if (event.block != me_.block) {
      return me_.published != nullptr && me_.published(me_.of, event);
    }
    return event.time <= me_.floor ||
           (event.thread / kWarpSize == me_.warp && me_.clocks->knows(me_.lane, event.thread % kWarpSize, event.time));
  }

  bool someone_unordered(const Set& set, Of of, Event* other, bool* known) const {
    *other = set.event;
    *known = true;
    if (set.event.block != me_.block) {
      return of == Of::kBlocks || !knows(set.event);
    }
    if (of == Of::kBlocks) {
      *known = false;
      return true;
    }
    if (set.event.time <= me_.floor && of != Of::kMixedLanes) {
      return false;
    }
    if (of == Of::kWarps) {
      if (set.event.thread / kWarpSize == me_.warp) {
        *other = unpacked(set);
      }
      return true;
    }
    const unsigned warp = set.event.thread / kWarpSize;
    if (of == Of::kMixedLanes) {
      const auto& times = me_.mixed->at(&set);
      for (unsigned lane = 0; lane < kWarpSize; ++lane) {
        if (times[lane] > me_.floor && (warp != me_.warp || !me_.clocks->knows(me_.lane, lane, times[lane]))) {
          other->thread = warp * kWarpSize + lane;
          return true;
        }
      }
      return false;
    }
    if (warp != me_.warp) {
      return true;
    }
    for (std::uint32_t rest = set.more & ~(1u << me_.lane); rest != 0; rest &= rest - 1) {
      const unsigned lane = static_cast<unsigned>(__builtin_ctz(rest));
      if (!me_.clocks->knows(me_.lane, lane, set.event.time)) {
        other->thread = warp * kWarpSize + lane;
        return true;
      }
    }
    return false;
  }

  Cell* cell_;
  const Accessor& me_;
  Conflict* conflict_;
  Event own_;
};

}  // namespace

bool touch(Cell* cell, std::uint32_t* state, Atomics* atomics, AccessKind kind, std::uint32_t place, const Accessor& me,
           Conflict* conflict) {
  const Of reads = reads_of(*state), updates = (*state & kHasAtomics) != 0 ? atomics->of : Of::kNobody;
  Toucher toucher(cell, place, me, conflict);
  if (!toucher.after_write(*state) ||
      (kind != AccessKind::kAtomic && updates != Of::kNobody &&
       !toucher.after(atomics->set, updates, AccessKind::kAtomic)) ||
      (kind != AccessKind::kRead && !toucher.after(cell->reads, reads, AccessKind::kRead))) {
    return true;
  }
  switch (kind) {
    case AccessKind::kRead:
      *state = with_reads_of(*state, toucher.added_to(&cell->reads, reads));
      break;
    case AccessKind::kAtomic:
      atomics->of = toucher.added_to(&atomics->set, updates);
      *state |= kHasAtomics;
      break;
    case AccessKind::kWrite:
      cell->write = toucher.own();
      *state = (with_reads_of(*state, Of::kNobody) & ~kHasAtomics) | kHasWrite;
      break;
  }
  return false;
}

}  // namespace cuda_emulation
