// One block of a launch: its threads, one after another on one core, and where they wait for each other.
//
// A thread runs until it ends or comes to a barrier; only then does the next one run, so a kernel without barriers
// needs one stack and no switch. The order is always the same, and such that a thread which reads what another one
// writes, with no barrier between, comes too early somewhere, whether it reads from a later thread or an earlier one:
// threads 0, 2, 4 ... of a warp, then ... 5, 3, 1; and of the warps of a block the same.

#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cuda_emulation/barriers.h"
#include "cuda_emulation/launch.h"
#include "cuda_emulation/thread.h"
#include "fiber.h"
#include "shared_memory.h"
#include "watch.h"

namespace cuda_emulation {

constexpr int kWarp = 32;

/// How a block failed: in words that name kernel, block and thread; or with what its kernel threw, to be thrown again.
struct Failure {
  std::string message;
  std::exception_ptr thrown;
};

/// Runs blocks, one at a time, on the OS thread that calls it.
class BlockRunner {
 public:
  /// Before the first block of a launch.
  /// `epoch` tells it from other launches.
  void begin(const Launch& launch, std::uint32_t epoch, Publications* publications);

  /// After the last one.
  void end_launch() { watch_.launch_ends(); }

  /// Runs a block to its end. Returns what went wrong, if anything did: the block is given up then.
  std::optional<Failure> run(const uint3& index);

  // ---- called by its threads ----

  SharedMemory& shared() { return shared_; }
  Watch& watch() { return watch_; }
  int wait_for_block(const Site& site, BlockOperation operation, int predicate);
  std::uint64_t wait_for_warp(const Site& site, WarpOperation operation, unsigned mask, std::uint64_t value,
                              int argument);
  int lane() const { return static_cast<int>(current_->linear % kWarp); }
  unsigned lanes_alive() const;

  // ---- called for a thread that has faulted ----

  bool in_kernel() const { return current_ != nullptr && current_->state == State::kRunning; }
  bool stack_guards(const void* address) const { return current_->fiber->stack.guards(address); }
  char* top_of_stack() const { return current_->fiber->stack.top(); }

  /// What lay on top of the stack of a thread that was interrupted: among it, where its calls return to. Here, since
  /// memory that every OS thread has of its own is scarce where modules are loaded late.
  std::array<std::uintptr_t, 64> on_stack{};
  [[noreturn]] void give_up(const std::string& what);

 private:
  enum class State : std::uint8_t { kNotStarted, kRunning, kAtBlock, kAtWarp, kEnded };

  struct Fiber {
    BlockRunner* runner = nullptr;
    Stack stack;
    Context context;
    bool started = false;
  };

  struct ThreadState : Thread {
    unsigned linear = 0;
    State state = State::kNotStarted;
    Fiber* fiber = nullptr;
    Site site{};  // where it waits
    BlockOperation block_operation = BlockOperation::kNone;
    WarpOperation warp_operation = WarpOperation::kSync;
    unsigned mask = 0;
    int argument = 0;
    std::uint64_t value = 0;  // what it brings, and then what it gets
  };

  struct Warp {
    unsigned exists = 0, ended = 0, waiting = 0;  // lanes
  };

  static void fiber_main(void* fiber);
  void run_threads(Fiber* fiber);
  void start(ThreadState* thread, Fiber* fiber);
  void end(ThreadState* thread);
  void go_on_with(Fiber* fiber);
  void suspend(ThreadState* thread);
  void goes_on(const ThreadState& thread);
  void release_block();
  void try_to_release_warp(unsigned warp);
  void combine(unsigned lanes, ThreadState* first);
  void mistake(const ThreadState& thread, const std::string& what);
  void diagnose();
  static std::string waits(const ThreadState& thread);

  const Launch* launch_ = nullptr;
  std::uint32_t epoch_ = 0;
  Publications* publications_ = nullptr;
  Block block_{};
  unsigned size_ = 0, next_ = 0, ended_ = 0, at_block_ = 0;  // threads
  std::vector<ThreadState> threads_;
  std::vector<unsigned> order_;  // in which they run
  std::vector<Warp> warps_;
  std::vector<ThreadState*> ready_;  // to go on; taken from ready_[taken_] on
  std::size_t taken_ = 0;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
  Context scheduler_;
  ThreadState* current_ = nullptr;
  std::optional<Failure> failure_;
  SharedMemory shared_;
  Watch watch_{this};
};

/// The runner whose thread runs on this OS thread, nullptr outside of kernels.
BlockRunner* running();

}  // namespace cuda_emulation
