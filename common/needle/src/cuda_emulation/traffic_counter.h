// Turns the accesses of threads into the requests of warps, which is what a GPU's memory answers.
//
// The emulation runs a thread until it waits or ends, and then the next; in a GPU the lanes of a warp go together. So
// the accesses of a warp are kept until all its lanes have come to a barrier or an end. Then what each lane accessed
// first at one place of the code is one request, what each accessed second is another, and so on.
//
// Kept are not addresses, but runs of them with a constant step: a loop over an array is one run, however long it is.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "access.h"
#include "cuda_emulation/counting.h"
#include "traffic_requests.h"

namespace cuda_emulation::traffic {

/// Counts block after block, on one OS thread.
class Counter {
 public:
  /// Before the first block of a launch.
  void begin_launch(unsigned threads_of_block);

  void begin_block();

  /// Returns whether it could be kept: there is a limit to what comes between two barriers.
  bool access(const Access& access);

  /// A thread has come to a barrier of its block, or has ended. All that its warp does before comes before all that it
  /// does later.
  void arrive(unsigned thread, bool ended);

  /// All lanes of a warp that have not ended have met.
  void warp_met(unsigned warp) { count(&warps_[warp]); }

  /// The traffic of a block that has ended.
  Traffic end_block();

 private:
  enum class Kind : std::uint8_t { kLoad, kStore, kAtomic };

  /// start, start + step, start + 2 * step, ...
  struct Run {
    std::uintptr_t start;
    std::intptr_t step;
    std::uint64_t count;
  };
  class Addresses;
  using Lane = std::vector<Run>;  // all accesses of a lane at one place
  using Lanes = std::array<Lane, kLanes>;

  /// Where in the code, and what is the same for all accesses of a request.
  struct Place {
    const void* code = nullptr;
    std::uint32_t piece = 0;  // of a structure that is copied
    std::uint32_t size = 0;
    Space space = Space::kGlobal;
    Kind kind = Kind::kLoad;

    bool operator==(const Place& other) const {
      return code == other.code && piece == other.piece && size == other.size && space == other.space &&
             kind == other.kind;
    }
  };
  struct Hash {
    std::size_t operator()(const Place& place) const;
  };

  struct Warp {
    std::uint32_t exists = 0, ended = 0, arrived = 0;  // lanes
    std::vector<Lanes> lanes;                          // by the number of a place
    std::vector<unsigned> places;                      // in which some lane has accesses
  };

  unsigned number_of(const Place& place);
  bool keep(const Place& place, std::uintptr_t address, Warp* warp, unsigned lane);
  void count(Warp* warp);
  void count(const Place& place, Lanes* lanes);
  void count_request(const Place& place, const std::uintptr_t* addresses, std::uint32_t active);

  std::vector<Warp> warps_;
  std::vector<Place> places_;
  std::unordered_map<Place, unsigned, Hash> numbers_;
  std::array<std::pair<Place, unsigned>, 64> recent_;  // of numbers_, by hash
  std::size_t kept_ = 0;                               // runs
  Traffic traffic_;
};

}  // namespace cuda_emulation::traffic
