// The traffic of kernels, counted while somebody asks for it (counting.h): calls of the launch, of its blocks and of
// the hooks. While `counting` is false none of them need be called.

#pragma once

#include <atomic>
#include <cstdint>

#include "access.h"
#include "cuda_emulation/launch.h"

namespace cuda_emulation::traffic {

/// Whether accesses are counted.
extern std::atomic<bool> counting;

/// A launch, while it lives, on the OS thread that launches.
class OfLaunch {
 public:
  explicit OfLaunch(const Launch& launch);
  ~OfLaunch();
  OfLaunch(const OfLaunch&) = delete;
  OfLaunch& operator=(const OfLaunch&) = delete;

  /// Nothing went wrong: those who count get its traffic.
  void succeeded();

 private:
  const Launch& launch_;
  const bool counts_;
};

// Called by the OS threads that run a launch's blocks, each a block at a time.

void block_begins(const Launch& launch);

/// Gives the block up: if its traffic is more than can be counted.
void note(const Access& access);

/// A thread has come to a barrier of its block, or has ended.
void arrived(unsigned thread, bool ended);

/// All lanes of a warp that have not ended have come to the same barrier, shuffle or vote of their warp.
void warp_met(unsigned warp);

void block_ends(const Launch& launch);

}  // namespace cuda_emulation::traffic
