#include "block.h"

#include <algorithm>
#include <cstring>

#include "errors.h"
#include "not_implemented.h"
#include "traffic.h"

namespace cuda_emulation {

namespace {

const Block kNoBlock{};
const Thread kNoThread{{}, &kNoBlock};
thread_local BlockRunner* runner_here = nullptr;

bool same(const Site& a, const Site& b) {
  return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

/// 0, 2, 4 ... 5, 3, 1
unsigned turn_of(unsigned number, unsigned count) {
  const unsigned even = (count + 1) / 2;
  return number < even ? 2 * number : 2 * (count - 1 - number) + 1;
}

/// Whether a thread ends or throws: what comes then is the runtime's.
struct StopWatching {
  ~StopWatching() { watching = nullptr; }
};

/// While it lives, a runner has this OS thread.
class Running {
 public:
  explicit Running(BlockRunner* runner) : before_(runner_here) { runner_here = runner; }
  ~Running() {
    runner_here = before_;
    now = &kNoThread;
  }

 private:
  BlockRunner* before_;
};

}  // namespace

__thread const Thread* now = &kNoThread;

BlockRunner* running() { return runner_here; }

// ---- a launch, a block ----

void BlockRunner::begin(const Launch& launch, std::uint32_t epoch, Publications* publications) {
  launch_ = &launch;
  epoch_ = epoch;
  publications_ = publications;
  const dim3& dim = launch.configuration.block;
  size_ = dim.x * dim.y * dim.z;
  block_.grid_dim = launch.configuration.grid;
  block_.block_dim = dim;
  threads_.assign(size_, {});
  watch_.launch_begins(launch, epoch, size_, publications);
  unsigned linear = 0;
  for (unsigned z = 0; z < dim.z; ++z) {
    for (unsigned y = 0; y < dim.y; ++y) {
      for (unsigned x = 0; x < dim.x; ++x, ++linear) {
        threads_[linear].index = {x, y, z};
        threads_[linear].block = &block_;
        threads_[linear].linear = linear;
      }
    }
  }
  order_.clear();
  const unsigned warps = (size_ + kWarp - 1) / kWarp;
  for (unsigned i = 0; i < warps; ++i) {
    const unsigned first = turn_of(i, warps) * kWarp, lanes = std::min<unsigned>(kWarp, size_ - first);
    for (unsigned j = 0; j < lanes; ++j) {
      order_.push_back(first + turn_of(j, lanes));
    }
  }
  // Stacks are prepared anew: an earlier launch may have been given up, or run on another OS thread.
  idle_.clear();
  for (const auto& fiber : fibers_) {
    fiber->started = false;
    idle_.push_back(fiber.get());
  }
}

std::optional<Failure> BlockRunner::run(const uint3& index) {
  block_.index = index;
  next_ = ended_ = at_block_ = 0;
  warps_.assign((size_ + kWarp - 1) / kWarp, {});
  for (unsigned first = 0; first < size_; first += kWarp) {
    const unsigned lanes = std::min<unsigned>(kWarp, size_ - first);
    warps_[first / kWarp].exists = lanes == kWarp ? 0xffffffffu : (1u << lanes) - 1;
  }
  ready_.clear();
  taken_ = 0;
  failure_.reset();
  shared_.begin(launch_->configuration.shared);
  const dim3& grid = block_.grid_dim;
  const std::uint64_t number = (std::uint64_t{index.z} * grid.y + index.y) * grid.x + index.x;
  watch_.block_begins(number, &shared_);
  if (traffic::counting) {
    traffic::block_begins(*launch_);
  }
  const Running here(this);
  while (ended_ < size_ && !failure_) {
    if (taken_ < ready_.size()) {
      current_ = ready_[taken_++];
      current_->state = State::kRunning;
      go_on_with(current_->fiber);
    } else if (next_ < size_) {
      if (idle_.empty()) {
        fibers_.push_back(std::make_unique<Fiber>());
        fibers_.back()->runner = this;
        idle_.push_back(fibers_.back().get());
      }
      Fiber* fiber = idle_.back();
      idle_.pop_back();
      go_on_with(fiber);
    } else {
      diagnose();
    }
  }
  current_ = nullptr;
  if (traffic::counting) {
    traffic::block_ends(*launch_);
  }
  for (ThreadState& thread : threads_) {
    thread.state = State::kNotStarted;
  }
  if (failure_) {
    begin(*launch_, epoch_, publications_);  // the stacks of threads that were given up are free again
  }
  return std::move(failure_);
}

// ---- threads on fibers ----

void BlockRunner::go_on_with(Fiber* fiber) {
  now = current_;
  if (!fiber->started) {
    fiber->context = fiber->stack.prepare(&fiber_main, fiber);
    fiber->started = true;
  }
  switch_context(&scheduler_, &fiber->context);
}

void BlockRunner::fiber_main(void* argument) {
  auto* fiber = static_cast<Fiber*>(argument);
  arrive_on_new_stack(&fiber->runner->scheduler_);
  while (true) {
    fiber->runner->run_threads(fiber);
    fiber->runner->idle_.push_back(fiber);
    switch_context(&fiber->context, &fiber->runner->scheduler_);
  }
}

/// Threads that end without waiting need no stack of their own: the next one takes theirs.
void BlockRunner::run_threads(Fiber* fiber) {
  while (next_ < size_ && !failure_) {
    start(&threads_[order_[next_++]], fiber);
    if (taken_ < ready_.size()) {
      return;  // its end has set others free, which come first
    }
  }
}

void BlockRunner::start(ThreadState* thread, Fiber* fiber) {
  thread->fiber = fiber;
  thread->state = State::kRunning;
  current_ = thread;
  now = thread;
  try {
    const StopWatching at_the_end;
    goes_on(*thread);
    launch_->call(launch_->closure);
  } catch (const KernelMistake& error) {
    mistake(*thread, error.what());
  } catch (const needle::NotImplemented&) {
    failure_ = Failure{"", std::current_exception()};
  } catch (const std::exception& error) {
    mistake(*thread, std::string("threw an exception, which a GPU cannot: ") + error.what());
  } catch (...) {
    mistake(*thread, "threw an exception, which a GPU cannot");
  }
  end(thread);
}

void BlockRunner::end(ThreadState* thread) {
  thread->state = State::kEnded;
  ++ended_;
  if (traffic::counting) {
    traffic::arrived(thread->linear, true);
  }
  Warp& warp = warps_[thread->linear / kWarp];
  warp.ended |= 1u << thread->linear % kWarp;
  if (warp.waiting != 0 && !failure_) {
    try_to_release_warp(thread->linear / kWarp);
  }
}

void BlockRunner::suspend(ThreadState* thread) {
  switch_context(&thread->fiber->context, &scheduler_);
  goes_on(*thread);
}

/// From here on the thread's code runs.
void BlockRunner::goes_on(const ThreadState& thread) {
  watch_.thread_runs(thread.linear, thread.fiber->stack.bottom(), Stack::size());
  watching = watch_checks() || traffic::counting ? &watch_ : nullptr;
}

// ---- the barriers of a block ----

int BlockRunner::wait_for_block(const Site& site, BlockOperation operation, int predicate) {
  watching = nullptr;
  ThreadState* thread = current_;
  thread->state = State::kAtBlock;
  thread->site = site;
  thread->block_operation = operation;
  thread->value = predicate != 0;
  if (traffic::counting) {
    traffic::arrived(thread->linear, false);
  }
  if (++at_block_ == size_) {
    release_block();
  }
  suspend(thread);
  return static_cast<int>(thread->value);
}

/// All threads wait at barriers of the block. They go on if it is the same one.
void BlockRunner::release_block() {
  unsigned count = 0;
  for (const ThreadState& thread : threads_) {
    const Site &site = thread.site, &first = threads_[0].site;
    if (!same(site, first) || thread.block_operation != threads_[0].block_operation) {
      return;  // nobody is left to run: diagnose() tells
    }
    count += static_cast<unsigned>(thread.value);
  }
  ready_.clear();
  taken_ = 0;
  at_block_ = 0;
  watch_.block_meets();
  for (const unsigned number : order_) {
    ThreadState& thread = threads_[number];
    switch (thread.block_operation) {
      case BlockOperation::kNone:
        break;
      case BlockOperation::kCount:
        thread.value = count;
        break;
      case BlockOperation::kAnd:
        thread.value = count == size_;
        break;
      case BlockOperation::kOr:
        thread.value = count > 0;
        break;
    }
    ready_.push_back(&thread);
  }
}

// ---- warps ----

unsigned BlockRunner::lanes_alive() const {
  const Warp& warp = warps_[current_->linear / kWarp];
  return warp.exists & ~warp.ended;
}

std::uint64_t BlockRunner::wait_for_warp(const Site& site, WarpOperation operation, unsigned mask, std::uint64_t value,
                                         int argument) {
  watching = nullptr;
  ThreadState* thread = current_;
  const unsigned own = 1u << thread->linear % kWarp;
  thread->site = site;
  if ((mask & own) == 0) {
    throw KernelMistake(std::string("calls ") + site.what + " (" + place_text(site.file, site.line) +
                        ") with a mask that does not name it: it is lane " + std::to_string(lane()) + " of its warp");
  }
  thread->state = State::kAtWarp;
  thread->warp_operation = operation;
  thread->mask = mask;
  thread->value = value;
  thread->argument = argument;
  warps_[thread->linear / kWarp].waiting |= own;
  try_to_release_warp(thread->linear / kWarp);
  suspend(thread);
  return thread->value;
}

/// Lets the lanes of a warp go on that are all there where they wait for each other.
void BlockRunner::try_to_release_warp(unsigned number) {
  Warp& warp = warps_[number];
  unsigned left = warp.waiting;
  while (left != 0) {
    ThreadState& first = threads_[number * kWarp + __builtin_ctz(left)];
    const unsigned lanes = first.mask & warp.exists & ~warp.ended;
    unsigned agree = 0;
    if ((warp.waiting & lanes) == lanes) {
      for (unsigned rest = lanes; rest != 0; rest &= rest - 1) {
        const ThreadState& other = threads_[number * kWarp + __builtin_ctz(rest)];
        if (other.mask == first.mask && other.warp_operation == first.warp_operation) {
          agree |= rest & -rest;
        }
      }
    }
    if (agree == lanes) {
      warp.waiting &= ~lanes;
      if (first.warp_operation == WarpOperation::kSync) {  // the others tell values, and nothing of memory
        watch_.lanes_meet(number, lanes, lanes == warp.exists);
      }
      combine(lanes, &threads_[number * kWarp]);
    }
    left &= ~(lanes | (left & -left));
  }
}

/// Computes what each of the lanes gets, and lets them go on.
void BlockRunner::combine(unsigned lanes, ThreadState* warp) {
  const unsigned number = warp->linear / kWarp;
  if (traffic::counting && lanes == (warps_[number].exists & ~warps_[number].ended)) {
    traffic::warp_met(number);
  }
  std::uint64_t values[kWarp] = {};
  unsigned voted = 0;
  for (int lane = 0; lane < kWarp; ++lane) {
    if ((lanes >> lane & 1) != 0) {
      values[lane] = warp[lane].value;
      voted |= (values[lane] != 0 ? 1u : 0u) << lane;
    }
  }
  ThreadState& first = warp[__builtin_ctz(lanes)];
  std::uint64_t all = first.value;
  for (unsigned rest = lanes & (lanes - 1); rest != 0; rest &= rest - 1) {
    const std::uint64_t value = values[__builtin_ctz(rest)];
    switch (first.warp_operation) {
      case WarpOperation::kAdd:
        all += value;
        break;
      case WarpOperation::kMin:
        all = std::min(all, value);
        break;
      case WarpOperation::kMax:
        all = std::max(all, value);
        break;
      case WarpOperation::kMinSigned:
        all = static_cast<std::uint64_t>(std::min(static_cast<std::int64_t>(all), static_cast<std::int64_t>(value)));
        break;
      case WarpOperation::kMaxSigned:
        all = static_cast<std::uint64_t>(std::max(static_cast<std::int64_t>(all), static_cast<std::int64_t>(value)));
        break;
      case WarpOperation::kAnd:
        all &= value;
        break;
      case WarpOperation::kOr:
        all |= value;
        break;
      case WarpOperation::kXor:
        all ^= value;
        break;
      default:
        break;
    }
  }
  for (unsigned turn = 0; turn < kWarp; ++turn) {
    const unsigned lane = turn_of(turn, kWarp);
    if ((lanes >> lane & 1) == 0) {
      continue;
    }
    ThreadState& thread = warp[lane];
    std::uint64_t alike = 0;
    switch (thread.warp_operation) {
      case WarpOperation::kSync:
        break;
      case WarpOperation::kShuffle:
        // What a lane that takes no part would give is undefined. Here it is NaN.
        thread.value = (lanes >> thread.argument & 1) != 0 ? values[thread.argument] : 0x7ff87ff87ff87ff8u;
        break;
      case WarpOperation::kBallot:
        thread.value = voted;
        break;
      case WarpOperation::kMatchAny:
      case WarpOperation::kMatchAll:
        for (int other = 0; other < kWarp; ++other) {
          alike |= (lanes >> other & 1) != 0 && values[other] == values[lane] ? std::uint64_t{1} << other : 0;
        }
        thread.value = thread.warp_operation == WarpOperation::kMatchAny || alike == lanes ? alike : 0;
        break;
      default:
        thread.value = all;
    }
    ready_.push_back(&thread);
  }
}

// ---- mistakes ----

void BlockRunner::mistake(const ThreadState& thread, const std::string& what) {
  failure_ = Failure{std::string("kernel ") + launch_->place.kernel + " (launched at " +
                         place_text(launch_->place.file, launch_->place.line) + "), block " + text(block_.index) +
                         ", thread " + text(thread.index) + ": " + what,
                     nullptr};
}

void BlockRunner::give_up(const std::string& what) {
  watching = nullptr;
  mistake(*current_, what);
  suspend(current_);
  std::terminate();  // nobody goes on with a block that has failed
}

std::string BlockRunner::waits(const ThreadState& thread) {
  return std::string("waits at ") + thread.site.what + " (" + place_text(thread.site.file, thread.site.line) + ")";
}

/// Nobody can run, and somebody waits.
void BlockRunner::diagnose() {
  const ThreadState* waiting = nullptr;
  for (const ThreadState& thread : threads_) {
    if (thread.state == State::kAtWarp || (thread.state == State::kAtBlock && waiting == nullptr)) {
      waiting = &thread;
      if (thread.state == State::kAtWarp) {
        break;
      }
    }
  }
  const bool at_warp = waiting->state == State::kAtWarp;
  const unsigned first = waiting->linear / kWarp * kWarp;
  for (const ThreadState& other : threads_) {
    if (&other == waiting ||
        (at_warp && (other.linear - first >= kWarp || (waiting->mask >> (other.linear - first) & 1) == 0))) {
      continue;
    }
    const std::string name = "thread " + text(other.index);
    if (other.state == State::kEnded && !at_warp) {
      return mistake(
          *waiting, waits(*waiting) + " for all threads of the block, but " + name + " has ended without coming there");
    }
    if (other.state == State::kEnded ||
        (other.state == waiting->state && same(other.site, waiting->site) && other.mask == waiting->mask)) {
      continue;
    }
    std::string message = waits(*waiting) + " for " +
                          (at_warp ? "the lanes that its mask names" : "all threads of the block") + ", but " + name +
                          " " + waits(other);
    if (at_warp && other.state == State::kAtWarp && other.mask != waiting->mask) {
      message += " with another mask";
    }
    return mistake(*waiting, message);
  }
  mistake(*waiting, waits(*waiting) + " for threads that never come there");
}

}  // namespace cuda_emulation
