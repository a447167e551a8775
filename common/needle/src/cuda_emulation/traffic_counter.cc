#include "traffic_counter.h"

#include <algorithm>

namespace cuda_emulation::traffic {

namespace {

constexpr std::size_t kMostRuns = std::size_t{1} << 21;  // 50 MB, on each core

/// A structure is copied by several instructions, of this many bytes each.
std::uint32_t size_of_pieces(std::uintptr_t address, std::uint32_t size) {
  const auto both = static_cast<std::uint32_t>(address | size);
  return std::min(both & -both, 16u);
}

/// What was kept is done with. Much memory is given back, little will soon be needed again.
template <typename Lane>
void forget(Lane* lane) {
  if (lane->capacity() > 1024) {
    Lane().swap(*lane);
  }
  lane->clear();
}

}  // namespace

/// Hands out what a lane accessed, one by one.
class Counter::Addresses {
 public:
  explicit Addresses(const Lane& lane) : run_(lane.data()), end_(lane.data() + lane.size()) {}

  bool next(std::uintptr_t* address) {
    if (run_ == end_) {
      return false;
    }
    *address = run_->start + static_cast<std::uintptr_t>(run_->step) * done_;
    if (++done_ == run_->count) {
      ++run_;
      done_ = 0;
    }
    return true;
  }

 private:
  const Run *run_, *end_;
  std::uint64_t done_ = 0;
};

std::size_t Counter::Hash::operator()(const Place& place) const {
  const std::size_t rest = (std::size_t{place.piece} << 16) + (place.size << 8) +
                           (static_cast<std::size_t>(place.space) << 4) + static_cast<std::size_t>(place.kind);
  return (reinterpret_cast<std::uintptr_t>(place.code) + rest * 0x10001) * 0x9e3779b97f4a7c15u >> 24;
}

// ---- launches, blocks ----

void Counter::begin_launch(unsigned threads_of_block) {
  warps_.assign((threads_of_block + kLanes - 1) / kLanes, {});
  for (std::size_t warp = 0; warp < warps_.size(); ++warp) {
    warps_[warp].exists = low_bits(threads_of_block - warp * kLanes);
  }
  places_.clear();
  numbers_.clear();
  recent_.fill({});
}

void Counter::begin_block() {
  for (Warp& warp : warps_) {
    warp.ended = warp.arrived = 0;
    for (const unsigned place : warp.places) {  // left by a block that was given up
      for (Lane& lane : warp.lanes[place]) {
        forget(&lane);
      }
    }
    warp.places.clear();
  }
  kept_ = 0;
  traffic_ = {};
}

Traffic Counter::end_block() {
  for (Warp& warp : warps_) {
    count(&warp);
  }
  return traffic_;
}

// ---- what threads do ----

bool Counter::access(const Access& access) {
  Place place;
  place.code = access.pc;
  place.size = access.size;
  place.space = access.space;
  place.kind = access.atomic ? Kind::kAtomic : access.write ? Kind::kStore : Kind::kLoad;
  auto address = reinterpret_cast<std::uintptr_t>(access.address);
  if (access.size == 1 || access.size == 2 || access.size == 4 || access.size == 8 || access.size == 16) {
    return keep(place, address, &warps_[access.warp], access.lane);
  }
  place.size = size_of_pieces(address, access.size);
  for (std::uint32_t done = 0; done < access.size; done += place.size, ++place.piece) {
    if (!keep(place, address + done, &warps_[access.warp], access.lane)) {
      return false;
    }
  }
  return true;
}

bool Counter::keep(const Place& place, std::uintptr_t address, Warp* warp, unsigned lane) {
  const unsigned number = number_of(place);
  if (warp->lanes.size() <= number) {
    warp->lanes.resize(number + 1);
  }
  Lane& runs = warp->lanes[number][lane];
  if (!runs.empty()) {
    Run& run = runs.back();
    const auto step =
        static_cast<std::intptr_t>(address - run.start) - run.step * static_cast<std::intptr_t>(run.count - 1);
    if (run.count == 1 || step == run.step) {
      run.step = step;
      ++run.count;
      return true;
    }
  } else if (std::find(warp->places.begin(), warp->places.end(), number) == warp->places.end()) {
    warp->places.push_back(number);
  }
  if (kept_ == kMostRuns) {
    return false;
  }
  ++kept_;
  runs.push_back({address, 0, 1});
  return true;
}

unsigned Counter::number_of(const Place& place) {
  auto& recent = recent_[Hash()(place) % recent_.size()];
  if (recent.first == place) {
    return recent.second;
  }
  const auto [found, is_new] = numbers_.try_emplace(place, static_cast<unsigned>(places_.size()));
  if (is_new) {
    places_.push_back(place);
  }
  recent = *found;
  return recent.second;
}

void Counter::arrive(unsigned thread, bool ended) {
  Warp& warp = warps_[thread / kLanes];
  const std::uint32_t lane = std::uint32_t{1} << thread % kLanes;
  warp.arrived |= lane;
  warp.ended |= ended ? lane : 0;
  if (warp.arrived == warp.exists) {
    count(&warp);
    warp.arrived = warp.ended;
  }
}

// ---- what warps do ----

void Counter::count(Warp* warp) {
  for (const unsigned place : warp->places) {
    count(places_[place], &warp->lanes[place]);
  }
  warp->places.clear();
}

void Counter::count(const Place& place, Lanes* lanes) {
  std::vector<Addresses> left(lanes->begin(), lanes->end());
  std::uintptr_t addresses[kLanes] = {};
  for (std::uint32_t active = low_bits(kLanes); active != 0;) {
    for (std::uint32_t rest = active; rest != 0; rest &= rest - 1) {
      const unsigned lane = __builtin_ctz(rest);
      if (!left[lane].next(&addresses[lane])) {
        active &= ~(std::uint32_t{1} << lane);
      }
    }
    if (active != 0) {
      count_request(place, addresses, active);
    }
  }
  for (Lane& lane : *lanes) {
    kept_ -= lane.size();
    forget(&lane);
  }
}

void Counter::count_request(const Place& place, const std::uintptr_t* addresses, std::uint32_t active) {
  const auto lanes = static_cast<std::uint64_t>(__builtin_popcount(active));
  const bool load = place.kind == Kind::kLoad;
  Traffic& sum = traffic_;
  if (place.kind == Kind::kAtomic) {
    (place.space == Space::kGlobal ? sum.global_atomics : sum.shared_atomics) += lanes;
  } else if (place.space == Space::kGlobal) {
    const Sectors sectors = sectors_of(addresses, active, place.size);
    (load ? sum.global_loads : sum.global_stores) += lanes;
    (load ? sum.global_load_bytes : sum.global_store_bytes) += lanes * place.size;
    (load ? sum.global_load_requests : sum.global_store_requests) += 1;
    (load ? sum.global_load_sectors : sum.global_store_sectors) += sectors.touched;
    (load ? sum.global_load_sectors_ideal : sum.global_store_sectors_ideal) += sectors.ideal;
  } else {
    (load ? sum.shared_loads : sum.shared_stores) += lanes;
    (load ? sum.shared_load_bytes : sum.shared_store_bytes) += lanes * place.size;
    (load ? sum.shared_load_requests : sum.shared_store_requests) += 1;
    (load ? sum.shared_load_bank_conflicts : sum.shared_store_bank_conflicts) +=
        bank_conflicts_of(addresses, active, place.size);
  }
}

}  // namespace cuda_emulation::traffic
