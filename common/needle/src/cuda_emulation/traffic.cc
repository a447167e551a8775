#include "traffic.h"

#include <map>
#include <memory>
#include <mutex>

#include "block.h"
#include "cuda_emulation/counting.h"
#include "fiber.h"
#include "traffic_counter.h"

namespace cuda_emulation {

namespace traffic {

namespace {

/// A launch that goes on.
struct Counted {
  std::uint64_t number;  // no other launch has the same
  Traffic traffic;
};

struct Counts {
  std::mutex mutex;
  std::map<int, std::vector<CountedLaunch>> asked;  // what each count has got
  int next = 1;
  std::map<const Launch*, Counted> launches;
  std::uint64_t next_launch = 1;

  static Counts& get() {
    static auto* counts = new Counts;  // never destroyed: a count may end while the process does
    return *counts;
  }
};

/// What an OS thread counts.
struct Here {
  Counter counter;
  std::uint64_t launch = 0;  // its number
  bool counts = false;       // not in a launch that began before anybody counted
};

/// Through a pointer: little room is left for what a thread has of a library that is loaded late.
Here& here() {
  static thread_local std::unique_ptr<Here> here;
  if (!here) {
    here = std::make_unique<Here>();
  }
  return *here;
}

}  // namespace

std::atomic<bool> counting{false};

OfLaunch::OfLaunch(const Launch& launch) : launch_(launch), counts_(counting) {
  if (counts_) {
    Counts& counts = Counts::get();
    const std::lock_guard<std::mutex> locked(counts.mutex);
    Counted& counted = counts.launches[&launch];
    counted.number = counts.next_launch++;
    const dim3 &grid = launch.configuration.grid, &block = launch.configuration.block;
    counted.traffic.threads = std::uint64_t{grid.x} * grid.y * grid.z * block.x * block.y * block.z;
  }
}

OfLaunch::~OfLaunch() {
  if (!counts_) {
    return;
  }
  Counts& counts = Counts::get();
  const std::lock_guard<std::mutex> locked(counts.mutex);
  counts.launches.erase(&launch_);
}

void OfLaunch::succeeded() {
  if (!counts_) {
    return;
  }
  Counts& counts = Counts::get();
  const std::lock_guard<std::mutex> locked(counts.mutex);
  const auto found = counts.launches.find(&launch_);
  if (found != counts.launches.end()) {
    for (auto& [number, launches] : counts.asked) {
      launches.push_back({launch_.place.kernel, found->second.traffic});
    }
  }
}

void block_begins(const Launch& launch) {
  Here& mine = here();
  std::uint64_t number = 0;
  {
    Counts& counts = Counts::get();
    const std::lock_guard<std::mutex> locked(counts.mutex);
    const auto found = counts.launches.find(&launch);
    number = found == counts.launches.end() ? 0 : found->second.number;
  }
  mine.counts = number != 0;
  if (!mine.counts) {
    return;
  }
  if (mine.launch != number) {
    const dim3& block = launch.configuration.block;
    mine.counter.begin_launch(block.x * block.y * block.z);
    mine.launch = number;
  }
  mine.counter.begin_block();
}

void note(const Access& access) {
  if (here().counts && !here().counter.access(access)) {
    here().counts = false;
    running()->give_up(
        "accesses memory too often between two barriers, and in too little order, for its traffic to be counted: count "
        "a smaller launch");
  }
}

void arrived(unsigned thread, bool ended) {
  if (here().counts) {
    here().counter.arrive(thread, ended);
  }
}

void warp_met(unsigned warp) {
  if (here().counts) {
    here().counter.warp_met(warp);
  }
}

void block_ends(const Launch& launch) {
  if (!here().counts) {
    return;
  }
  here().counts = false;
  const Traffic traffic = here().counter.end_block();
  Counts& counts = Counts::get();
  const std::lock_guard<std::mutex> locked(counts.mutex);
  const auto found = counts.launches.find(&launch);
  if (found != counts.launches.end()) {
    found->second.traffic += traffic;
  }
}

}  // namespace traffic

// ---- who asks ----

using traffic::Counts;

std::string why_not_counted() {
#ifdef CUDA_EMULATION_ASAN
  return "AddressSanitizer watches the kernels of this build instead";
#else
  return "";
#endif
}

int begin_counting() {
  Counts& counts = Counts::get();
  const std::lock_guard<std::mutex> locked(counts.mutex);
  const int number = counts.next++;
  counts.asked[number];
  traffic::counting = true;
  return number;
}

std::vector<CountedLaunch> counted(int number) {
  Counts& counts = Counts::get();
  const std::lock_guard<std::mutex> locked(counts.mutex);
  const auto found = counts.asked.find(number);
  return found == counts.asked.end() ? std::vector<CountedLaunch>() : found->second;
}

void end_counting(int number) {
  Counts& counts = Counts::get();
  const std::lock_guard<std::mutex> locked(counts.mutex);
  counts.asked.erase(number);
  traffic::counting = !counts.asked.empty();
}

}  // namespace cuda_emulation
