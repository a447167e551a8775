#include "faults.h"

#include "block.h"
#include "errors.h"
#include "memory.h"
#include "places.h"

#if defined(__linux__) && !defined(CUDA_EMULATION_ASAN)
#include <signal.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>
#endif

namespace cuda_emulation {

#if defined(__linux__) && !defined(CUDA_EMULATION_ASAN)

namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGURG};  // the last one: time has passed
constexpr int kCount = 4;
struct sigaction previous[kCount];
std::mutex mutex;
int users = 0;

struct Fault {
  int signal, code;
  void* address;
};
thread_local Fault fault;

/// The instruction at which a kernel was interrupted; if that is in a function of the runtime, the kernel's call of it.
std::uint32_t interrupted_at(BlockRunner* runner) {
  const std::uint32_t instruction = offset_in_module(fault.address);
  Segment segment;
  if (!in_source(instruction)) {
    for (const std::uintptr_t word : runner->on_stack) {
      const auto* place = reinterpret_cast<const void*>(word);
      if (segment_of(place, &segment) && !segment.writable && in_source(offset_in_module(place))) {
        return offset_in_module(place);
      }
    }
  }
  return instruction;
}

std::string describe(bool of_stack) {
  if (fault.signal == SIGFPE) {
    return "divides an integer by zero";
  }
  if (of_stack) {
    return "has no stack left: it calls itself too often, or its arrays are too large to be local";
  }
  if (fault.code == SI_KERNEL) {
    return "follows a pointer that is no address at all";
  }
  char address[32];
  std::snprintf(address, sizeof(address), "%p", fault.address);
  if (reinterpret_cast<std::uintptr_t>(fault.address) < 4096) {
    return std::string("follows a null pointer (to address ") + (fault.address == nullptr ? "0" : address) + ")";
  }
  return "accesses what it may not: " + why_not_on_device(fault.address, 0);
}

/// Where the thread that faulted goes on, at the beginning of its stack: what it was at is given up.
[[noreturn]] void after_fault() {
  BlockRunner* runner = running();
  watching = nullptr;
  if (fault.signal == SIGURG) {
    runner->give_up(runner->watch().too_long_text() + " (" + source_text(interrupted_at(runner)) + ")");
  }
  runner->give_up(describe(runner->stack_guards(fault.address)));
}

/// Where the thread goes on once this handler returns: it is given up.
void redirect(BlockRunner* runner, void* context) {
  mcontext_t& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
  const auto top = reinterpret_cast<std::uintptr_t>(runner->top_of_stack());
#if defined(__x86_64__)
  machine.gregs[REG_RSP] = static_cast<greg_t>(top - 8);  // as after a call
  machine.gregs[REG_RIP] = reinterpret_cast<greg_t>(&after_fault);
#else
  machine.sp = top;
  machine.pc = reinterpret_cast<std::uintptr_t>(&after_fault);
#endif
}

/// Notes the top of a stack that grows down to where `context` has been interrupted.
void look_at_stack(BlockRunner* runner, void* context) {
  const mcontext_t& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  const auto from = static_cast<std::uintptr_t>(machine.gregs[REG_RSP]);
#else
  const auto from = static_cast<std::uintptr_t>(machine.sp);
#endif
  const auto top = reinterpret_cast<std::uintptr_t>(runner->top_of_stack());
  const std::size_t words = from < top ? std::min((top - from) / sizeof(std::uintptr_t), runner->on_stack.size()) : 0;
  runner->on_stack.fill(0);
  std::memcpy(runner->on_stack.data(), reinterpret_cast<const void*>(from), words * sizeof(std::uintptr_t));
}

void* instruction_of(void* context) {
  const mcontext_t& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return reinterpret_cast<void*>(machine.gregs[REG_RIP]);
#else
  return reinterpret_cast<void*>(machine.pc);
#endif
}

/// Time has passed. A thread that has accessed no memory since the last time can be stopped where it is: it holds
/// nothing of the runtime's. The others are stopped at an access.
void on_time(int, siginfo_t*, void* context) {
  BlockRunner* runner = running();
  if (runner == nullptr || !runner->in_kernel() || watching == nullptr) {
    return;
  }
  Watch& watch = runner->watch();
  if (watch.stands_still() && watch.too_long()) {
    fault = {SIGURG, 0, instruction_of(context)};
    look_at_stack(runner, context);
    redirect(runner, context);
  }
}

void on_fault(int signal, siginfo_t* info, void* context) {
  BlockRunner* runner = running();
  if (runner == nullptr || !runner->in_kernel()) {
    // Somebody else's: it happens again when this returns, and finds what was there before.
    for (int i = 0; i < kCount; ++i) {
      if (kSignals[i] == signal) {
        sigaction(signal, &previous[i], nullptr);
      }
    }
    return;
  }
  fault = {signal, info->si_code, info->si_addr};
  redirect(runner, context);
}

}  // namespace

FaultHandlers::FaultHandlers() {
  const std::lock_guard<std::mutex> locked(mutex);
  if (users++ > 0) {
    return;
  }
  struct sigaction action = {};
  action.sa_sigaction = &on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < kCount; ++i) {
    action.sa_sigaction = kSignals[i] == SIGURG ? &on_time : &on_fault;
    sigaction(kSignals[i], &action, &previous[i]);
  }
}

FaultHandlers::~FaultHandlers() {
  const std::lock_guard<std::mutex> locked(mutex);
  if (--users == 0) {
    for (int i = 0; i < kCount; ++i) {
      sigaction(kSignals[i], &previous[i], nullptr);
    }
  }
}

struct SignalStack::State {
  stack_t before;
  bool set = false;
};

SignalStack::SignalStack() : state_(new State) {
  constexpr std::size_t kSize = 64 * 1024;
  thread_local std::unique_ptr<char[]> memory(new char[kSize]);
  stack_t stack = {};
  stack.ss_sp = memory.get();
  stack.ss_size = kSize;
  state_->set = sigaltstack(&stack, &state_->before) == 0;
}

SignalStack::~SignalStack() {
  if (state_->set) {
    sigaltstack(&state_->before, nullptr);
  }
}

#else

FaultHandlers::FaultHandlers() = default;
FaultHandlers::~FaultHandlers() = default;
struct SignalStack::State {};
SignalStack::SignalStack() = default;
SignalStack::~SignalStack() = default;

#endif

}  // namespace cuda_emulation
