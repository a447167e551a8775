// Looks after kernels that run on and on without touching memory, where nobody else would notice.

#pragma once

namespace cuda_emulation {

/// While it lives, this OS thread is interrupted now and then while it computes, for the handler in faults.cc to look
/// whether its kernel has run for too long. Where timers cannot be had, nobody looks.
class Interruptions {
 public:
  explicit Interruptions(double every_seconds);
  ~Interruptions();
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;
};

}  // namespace cuda_emulation
