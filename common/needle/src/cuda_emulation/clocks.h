// What the threads of a block know of each other's progress, which is what decides whether two accesses are a race.
//
// Time is a number of each lane of a warp that grows at every barrier the lane takes part in. A thread that has passed
// a barrier knows of all that others did before it:
//
//   - of the whole block, everything up to the last block barrier, `floor`;
//   - of its warp's lanes, what a __syncwarp with them has told: of each lane a time.
//
// As long as all lanes of a warp meet in every __syncwarp, one number per warp tells everything. Only when some of them
// meet without the others is there a table of 32 times 32.

#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

namespace cuda_emulation {

class WarpClocks {
 public:
  void begin(std::uint32_t time) {
    uniform_ = true;
    time_ = time;
  }

  std::uint32_t time(unsigned lane) const { return uniform_ ? time_ : (*known_)[lane][lane]; }

  /// Whether `lane` knows of what `other` did at `time`.
  bool knows(unsigned lane, unsigned other, std::uint32_t time) const {
    return lane == other || time <= (uniform_ ? time_ - 1 : (*known_)[lane][other]);
  }

  /// The lanes meet. `whole`: they are all that the warp ever had.
  void meet(unsigned lanes, bool whole) {
    if (whole) {
      begin(latest() + 1);
      return;
    }
    if (uniform_) {
      spread();
    }
    Times all{};
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      if ((lanes >> lane & 1) != 0) {
        std::transform(all.begin(), all.end(), (*known_)[lane].begin(), all.begin(),
                       [](std::uint32_t a, std::uint32_t b) { return std::max(a, b); });
      }
    }
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      if ((lanes >> lane & 1) != 0) {
        (*known_)[lane] = all;
        ++(*known_)[lane][lane];
      }
    }
  }

  std::uint32_t latest() const {
    std::uint32_t most = time_;
    for (unsigned lane = 0; !uniform_ && lane < kLanes; ++lane) {
      most = std::max(most, (*known_)[lane][lane]);
    }
    return most;
  }

 private:
  static constexpr unsigned kLanes = 32;
  using Times = std::array<std::uint32_t, kLanes>;

  void spread() {
    if (!known_) {
      known_ = std::make_unique<std::array<Times, kLanes>>();
    }
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      (*known_)[lane].fill(time_ - 1);
      (*known_)[lane][lane] = time_;
    }
    uniform_ = false;
  }

  bool uniform_ = true;
  std::uint32_t time_ = 1;  // while uniform
  std::unique_ptr<std::array<Times, kLanes>> known_;
};

}  // namespace cuda_emulation
