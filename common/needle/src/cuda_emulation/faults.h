// Faults inside kernels: a null pointer followed, a stack too deep, an integer divided by zero. They become the error
// of the thread that did it, and the process goes on. On Linux; elsewhere, and where AddressSanitizer reports them
// better, they are what they are outside of kernels.

#pragma once

#include <memory>

namespace cuda_emulation {

/// While it lives, faults in kernels are caught. Any number may live at once; launches have one each.
class FaultHandlers {
 public:
  FaultHandlers();
  ~FaultHandlers();
  FaultHandlers(const FaultHandlers&) = delete;
  FaultHandlers& operator=(const FaultHandlers&) = delete;
};

/// A stack on which this OS thread handles signals while it lives: the one of a kernel may be what is exhausted.
class SignalStack {
 public:
  SignalStack();
  ~SignalStack();
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cuda_emulation
