// Launches: checked as a GPU would, and spread over the cores, each of which takes the next block until none is left.

#include <sched.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "block.h"
#include "deadline.h"
#include "errors.h"
#include "faults.h"
#include "limits.h"
#include "memory.h"
#include "traffic.h"

namespace cuda_emulation {

namespace {

/// Runners that no launch has at the moment: their stacks are worth keeping.
class Pool {
 public:
  static Pool& get() {
    static auto* pool = new Pool;
    return *pool;
  }

  std::unique_ptr<BlockRunner> take() {
    const std::lock_guard<std::mutex> locked(mutex_);
    if (free_.empty()) {
      return std::make_unique<BlockRunner>();
    }
    std::unique_ptr<BlockRunner> runner = std::move(free_.back());
    free_.pop_back();
    return runner;
  }

  void give_back(std::unique_ptr<BlockRunner> runner) {
    const std::lock_guard<std::mutex> locked(mutex_);
    free_.push_back(std::move(runner));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<BlockRunner>> free_;
};

/// How many OS threads may run blocks: as many as OpenMP may take, if the environment says; 16 at most.
unsigned cores() {
  static const unsigned count = [] {
    const char* wanted = std::getenv("OMP_NUM_THREADS");
    long number = wanted == nullptr ? 0 : std::strtol(wanted, nullptr, 10);
    if (number < 1) {
#if defined(__linux__)
      cpu_set_t mine;
      number = sched_getaffinity(0, sizeof(mine), &mine) == 0 ? CPU_COUNT(&mine) : 1;
#else
      number = static_cast<long>(std::thread::hardware_concurrency());
#endif
    }
    return static_cast<unsigned>(number < 1 ? 1 : number > 16 ? 16 : number);
  }();
  return count;
}

/// The blocks of one launch, and the first of them, by number, that failed.
class Blocks {
 public:
  explicit Blocks(const Launch& launch) : launch_(launch), grid_(launch.configuration.grid) {
    static std::atomic<std::uint32_t> launches{0};
    count_ = std::uint64_t{grid_.x} * grid_.y * grid_.z;
    epoch_ = ++launches;
    epoch_ = epoch_ << kEpochShift != 0 ? epoch_ : ++launches;  // 0 is of memory that nobody has accessed
  }

  /// Runs blocks until none is left. Other OS threads help once that seems worth their start.
  void run() {
    std::vector<std::thread> helpers;
    const auto began = std::chrono::steady_clock::now();
    work([&](std::uint64_t done) {
      if (helpers.empty() && alone_ && count_ - done > 1 &&
          std::chrono::steady_clock::now() - began > std::chrono::microseconds(100)) {
        alone_ = false;
        const unsigned most = static_cast<unsigned>(std::min<std::uint64_t>(cores() - 1, count_ - done - 1));
        for (unsigned i = 0; i < most; ++i) {
          try {
            helpers.emplace_back([this] { work([](std::uint64_t) {}); });
          } catch (const std::system_error&) {
            return;  // no more threads are to be had: this one does it
          }
        }
      }
    });
    for (std::thread& helper : helpers) {
      helper.join();
    }
  }

  std::optional<Failure> failure;

 private:
  template <typename Between>
  void work(Between between) {
    const SignalStack signals;
    const Interruptions interruptions(watch_checks() ? seconds_between_looks() : 0);
    std::unique_ptr<BlockRunner> runner = Pool::get().take();
    std::uint64_t number = 0;
    try {
      runner->begin(launch_, epoch_, &publications_);
      // A block that was taken runs to its end even if a later one has failed: the first failure is always the same.
      while (!failed_ && (number = next_++) < count_) {
        const uint3 index{static_cast<unsigned>(number % grid_.x), static_cast<unsigned>(number / grid_.x % grid_.y),
                          static_cast<unsigned>(number / grid_.x / grid_.y)};
        if (std::optional<Failure> found = runner->run(index)) {
          fail_at(number, std::move(*found));
        }
        between(number);
      }
    } catch (...) {  // no memory for another stack
      fail_at(number, {"", std::current_exception()});
      return;
    }
    runner->end_launch();
    Pool::get().give_back(std::move(runner));
  }

  void fail_at(std::uint64_t number, Failure found) {
    failed_ = true;
    const std::lock_guard<std::mutex> locked(mutex_);
    if (!failure || number < failed_block_) {
      failure = std::move(found);
      failed_block_ = number;
    }
  }

  const Launch& launch_;
  const dim3 grid_;
  std::uint64_t count_;
  std::uint32_t epoch_;
  Publications publications_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::uint64_t failed_block_ = 0;
  bool alone_ = true;
};

std::string kernel_text(const LaunchPlace& place) {
  return std::string("kernel ") + place.kernel + " (launched at " + place_text(place.file, place.line) + ")";
}

/// What a GPU would refuse, with the words for it; empty if nothing.
std::string why_refused(const Configuration& configuration) {
  struct Dim {
    const char* what;
    dim3 dim;
    const unsigned* most;
  };
  const Dim dims[] = {{"blocks", configuration.grid, kMostGridDim}, {"threads", configuration.block, kMostBlockDim}};
  for (const Dim& dim : dims) {
    const unsigned sizes[3] = {dim.dim.x, dim.dim.y, dim.dim.z};
    for (int axis = 0; axis < 3; ++axis) {
      const std::string shape =
          std::string(dim.what == dims[0].what ? "a grid of " : "blocks of ") + text(dim.dim) + " " + dim.what;
      if (sizes[axis] == 0) {
        return shape + ": each of the three numbers must be at least 1";
      }
      if (sizes[axis] > dim.most[axis]) {
        return shape + ": in " + "xyz"[axis] + " there can be at most " + std::to_string(dim.most[axis]);
      }
    }
  }
  const dim3& block = configuration.block;
  const unsigned threads = block.x * block.y * block.z;
  if (threads > kMostThreads) {
    return "blocks of " + text(block) + " threads: " + std::to_string(threads) + " are more than the " +
           std::to_string(kMostThreads) + " that a block can have";
  }
  if (configuration.shared > kMostShared) {
    return bytes_text(configuration.shared) + " of shared memory: a block can have " + bytes_text(kMostShared);
  }
  return "";
}

}  // namespace

void run(const Launch& launch) {
  const std::string kernel = kernel_text(launch.place);
  if (running() != nullptr) {
    throw KernelMistake("launches " + kernel + ": the emulation has no launches inside of kernels");
  }
  const std::string refused = why_refused(launch.configuration);
  if (!refused.empty()) {
    fail(cudaErrorInvalidConfiguration, kernel + ": " + refused);
    return;
  }
  for (std::size_t i = 0; i < launch.pointers.size(); ++i) {
    const void* pointer = launch.pointers[i];
    const std::string reason = pointer == nullptr ? "" : why_not_on_device(pointer, 0);
    if (!reason.empty()) {
      fail(cudaErrorInvalidDevicePointer,
           kernel + ": its argument " + std::to_string(i + 1) + " is a pointer to what no kernel can reach: " + reason);
      return;
    }
  }
  Blocks blocks(launch);
  traffic::OfLaunch counted(launch);
  {
    const FaultHandlers handlers;
    blocks.run();
  }
  if (blocks.failure) {
    if (blocks.failure->thrown) {
      std::rethrow_exception(blocks.failure->thrown);
    }
    fail(cudaErrorEmulatedKernel, blocks.failure->message);
    return;
  }
  for (std::size_t i = 0; i < launch.pointers.size(); ++i) {
    const void* pointer = launch.pointers[i];
    const std::string written = pointer == nullptr ? "" : overrun(pointer);
    if (!written.empty()) {
      fail(cudaErrorEmulatedKernel, kernel + " " + written + ", its argument " + std::to_string(i + 1));
      return;
    }
  }
  counted.succeeded();
}

}  // namespace cuda_emulation
