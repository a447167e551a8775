// What a watch finds where, and how it says so.

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <mutex>

#include "block.h"
#include "errors.h"
#include "memory.h"
#include "places.h"
#include "watch.h"

namespace cuda_emulation {

namespace {

constexpr std::uintptr_t kFirstPage = 4096;
constexpr std::uintptr_t kFar = 1 << 24;  // bytes beside an array within which it is taken for the one that was meant

uint3 index_of(std::uint64_t number, const dim3& dim) {
  return {static_cast<unsigned>(number % dim.x), static_cast<unsigned>(number / dim.x % dim.y),
          static_cast<unsigned>(number / dim.x / dim.y)};
}

const char* verb(AccessKind kind) {
  return kind == AccessKind::kRead ? "reads " : kind == AccessKind::kWrite ? "writes " : "updates ";
}

std::string at(std::uint32_t place) {
  const std::string text = source_text(place);
  return text.empty() ? "" : " (" + text + ")";
}

/// The variables of this module, which live as long as it does.
Shadow* shadow_of_segment(const Segment& segment) {
  static std::mutex mutex;
  static auto* shadows = new std::map<std::uintptr_t, std::unique_ptr<Shadow>>;
  const std::lock_guard<std::mutex> locked(mutex);
  std::unique_ptr<Shadow>& found = (*shadows)[segment.begin];
  if (!found) {
    found = std::make_unique<Shadow>(segment.size);
    found->write_all();
  }
  return found.get();
}

/// "element 7 of its argument 2", where `size` bytes at a time are accessed.
std::string element_text(std::intptr_t offset, std::intptr_t size, std::size_t argument) {
  const std::string whose = " of its argument " + std::to_string(argument + 1);
  if (offset % size == 0) {
    return "element " + std::to_string(offset / size) + whose;
  }
  return std::to_string(size) + " bytes from byte " + std::to_string(offset) + " on" + whose;
}

}  // namespace

// ---- which memory it is ----

bool Watch::find_known_region(std::uintptr_t place) {
  for (const Region& region : regions_) {
    if (place - region.begin < region.size) {
      region_ = &region;
      return true;
    }
  }
  return false;
}

bool Watch::find_region(std::uintptr_t place) {
  if (find_known_region(place)) {
    return true;
  }
  const Unwatched runtime;
  Region found;
  Segment segment;
  if (find_allocation(reinterpret_cast<const void*>(place), &found.begin, &found.size, &found.keeps)) {
    found.shadow = found.keeps.get();
  } else if (segment_of(reinterpret_cast<const void*>(place), &segment)) {
    found.begin = segment.begin;
    found.size = segment.size;
    found.writable = segment.writable;
    found.shadow = segment.writable && checks_ ? shadow_of_segment(segment) : nullptr;
  } else {
    return false;
  }
  region_ = &regions_[next_region_];
  regions_[next_region_] = std::move(found);
  next_region_ = (next_region_ + 1) % regions_.size();
  return true;
}

bool Watch::is_data(const void* address) const {
  const Unwatched runtime;
  std::uintptr_t begin = 0;
  std::size_t size = 0;
  std::shared_ptr<Shadow> keeps;
  return reinterpret_cast<std::uintptr_t>(address) - shared_ < shared_size_ ||
         find_allocation(address, &begin, &size, &keeps);
}

bool Watch::find_shared(std::uintptr_t place, std::uint32_t size) {
  const Unwatched runtime;
  const SharedMemory::Variable* variable = memory_->nearest(reinterpret_cast<const char*>(place));
  if (variable == nullptr) {
    return false;
  }
  const auto begin = reinterpret_cast<std::uintptr_t>(variable->place);
  if (place - begin >= variable->size || size > variable->size - (place - begin)) {
    return false;
  }
  variable_.begin = begin;
  variable_.size = variable->size;
  return true;
}

std::string Watch::name_of(const Site& site, Space space) const {
  if (space == Space::kShared) {
    const SharedMemory::Variable* variable = memory_->nearest(site.address);
    return variable == nullptr ? "shared memory" : "the shared variable `" + variable->element_text(site.address) + "`";
  }
  for (std::size_t i = 0; i < launch_->pointers.size(); ++i) {
    const auto pointer = reinterpret_cast<std::uintptr_t>(launch_->pointers[i]);
    if (pointer != 0 && pointer - region_->begin < region_->size) {
      return element_text(site.address - reinterpret_cast<const char*>(pointer), site.size, i);
    }
  }
  char address[32];
  std::snprintf(address, sizeof(address), "0x%" PRIxPTR, reinterpret_cast<std::uintptr_t>(site.address));
  return region_->keeps ? std::string("memory of the device at ") + address : "a variable of the device";
}

std::string Watch::thread_text(const Event& event) const {
  return "thread " + text(index_of(event.thread, launch_->configuration.block));
}

// ---- what is wrong ----

void Watch::give_up(const std::string& what) { runner_->give_up(what); }

void Watch::outside_shared(const Site& site) {
  watching = nullptr;
  const SharedMemory::Variable* variable = memory_->nearest(site.address);
  if (variable == nullptr) {
    give_up(std::string(verb(site.kind)) + "shared memory, of which the block has none" + at(site.place));
  }
  give_up(verb(site.kind) + ("`" + variable->element_text(site.address)) + "`" + at(site.place) +
          ", outside of the shared variable `" + variable->declared_text() + "`");
}

void Watch::outside_global(const Site& site) {
  watching = nullptr;
  const auto place = reinterpret_cast<std::uintptr_t>(site.address);
  const std::string does = verb(site.kind);
  if (place < kFirstPage) {
    char address[32];
    std::snprintf(address, sizeof(address), "0x%" PRIxPTR, place);
    give_up("follows a null pointer (to address " + std::string(place == 0 ? "0" : address) + ")" + at(site.place));
  }
  std::size_t nearest = launch_->pointers.size();
  std::uintptr_t least = kFar, begin = 0, nearest_begin = 0;
  std::size_t size = 0, nearest_size = 0;
  std::shared_ptr<Shadow> keeps;
  for (std::size_t i = 0; i < launch_->pointers.size(); ++i) {
    if (!find_allocation(launch_->pointers[i], &begin, &size, &keeps)) {
      continue;
    }
    const std::uintptr_t end = begin + size, distance = place >= end ? place - end : place >= begin ? 0 : begin - place;
    if (distance < least) {
      least = distance;
      nearest = i;
      nearest_begin = begin;
      nearest_size = size;
    }
  }
  const std::string reason = why_not_on_device(site.address, 0);
  const bool freed = reason.find("has been freed") != std::string::npos;
  if (nearest < launch_->pointers.size() && !freed) {
    const auto pointer = reinterpret_cast<std::uintptr_t>(launch_->pointers[nearest]);
    const auto left = static_cast<std::intptr_t>(nearest_begin + nearest_size - pointer);
    const auto offset = static_cast<std::intptr_t>(place - pointer);
    const auto width = static_cast<std::intptr_t>(site.size);
    const std::string has =
        offset % width == 0 && left % width == 0
            ? std::to_string(left / width) + (left == width ? " element of " : " elements of ") + bytes_text(site.size)
            : bytes_text(static_cast<std::size_t>(left));
    give_up(does + element_text(offset, width, nearest) + at(site.place) + ", which has " + has);
  }
  Segment segment;
  if (segment_of(site.address, &segment)) {
    give_up(does + "a constant" + at(site.place));
  }
  give_up(does + "what is no memory of kernels" + at(site.place) + (reason.empty() ? "" : ": " + reason));
}

void Watch::unwritten(const Site& site, Space space) {
  give_up("reads " + name_of(site, space) + at(site.place) +
          (space == Space::kShared ? ", which no thread of the block has written so far"
                                   : ", which nobody has written: no copy, no cudaMemset and no kernel"));
}

void Watch::races(const Site& site, Space space, const Conflict& conflict) {
  const Event& other = conflict.event;
  const bool same_block = other.block == me_.block && conflict.known;
  std::string who = thread_text(other);
  if (!conflict.known) {
    who = "a thread of another block";
  } else if (!same_block) {
    who += " of block " + text(index_of(other.block, launch_->configuration.grid));
  }
  const std::string here = at(site.place), there = at(other.place);
  const char* does = conflict.kind == AccessKind::kRead    ? " may still read it"
                     : conflict.kind == AccessKind::kWrite ? " writes it"
                                                           : " updates it by an atomic operation";
  std::string what =
      verb(site.kind) + name_of(site, space) + (site.kind == AccessKind::kAtomic ? " by an atomic operation" : "");
  what += here + " while " + who + does + (there == here ? " there too" : there) + ": ";
  if (!same_block) {
    what += "the blocks of a launch do not wait for each other";
  } else if (other.thread / kWarp == me_.warp) {
    what += "no __syncthreads() or __syncwarp() is between the two";
  } else {
    what += "no __syncthreads() is between the two";
  }
  give_up(what);
}

}  // namespace cuda_emulation
