#include "threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif
#if defined(__linux__)
#include <sched.h>
#endif

namespace needle::fast {
namespace {

constexpr int kMostThreads = 256;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

struct Job {
  void (*piece)(const void*, size_t);
  const void* context;
  size_t count;
  int helpers;                  // that may join yet; guarded by the pool's mutex
  std::atomic<size_t> next{0};  // the first piece that nobody has taken
  std::atomic<int> active{0};   // helpers that have joined and not left

  void work() {
    for (size_t index = next.fetch_add(1); index < count; index = next.fetch_add(1)) {
      piece(context, index);
    }
  }
};

class Pool {
 public:
  void run(Job& job) {
    const std::unique_lock<std::mutex> owner(owner_, std::try_to_lock);
    if (!owner) {
      return job.work();
    }
    start(job.helpers);
    const int helpers = job.helpers;
    bool asleep;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      job_ = &job;
      generation_.fetch_add(1, std::memory_order_release);
      asleep = sleeping_ > 0;
    }
    for (int helper = 0; asleep && helper < helpers; ++helper) {
      wake_.notify_one();
    }
    job.work();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      job_ = nullptr;  // who has not joined by now has nothing to do
    }
    for (int spins = 0; job.active.load(std::memory_order_acquire) != 0; ++spins) {
      // Somebody is at the last pieces: not for long, unless the system has taken the processor away.
      spins < kSpins ? pause() : std::this_thread::yield();
    }
  }

 private:
  // A helper looks out for the next job for some tens of microseconds, then sleeps: kernels come in quick succession,
  // and waking a thread takes as long as a small one.
  static constexpr int kSpins = 2000;

  std::mutex owner_;  // held by the caller whose job the pool works on
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  Job* job_ = nullptr;
  std::atomic<uint64_t> generation_{0};
  int sleeping_ = 0;
  int started_ = 0;  // touched by the owner only

  void start(int helpers) {
    while (started_ < helpers) {
      try {
        std::thread([this] { serve(); }).detach();
      } catch (const std::system_error&) {
        return;  // no more threads to be had: those there are do the work
      }
      ++started_;
    }
  }

  void serve() {
    uint64_t seen = 0;
    while (true) {
      for (int spins = 0; spins < kSpins && generation_.load(std::memory_order_acquire) == seen; ++spins) {
        pause();
      }
      std::unique_lock<std::mutex> lock(mutex_);
      if (generation_.load(std::memory_order_relaxed) == seen) {
        ++sleeping_;
        wake_.wait(lock, [&] { return generation_.load(std::memory_order_relaxed) != seen; });
        --sleeping_;
      }
      seen = generation_.load(std::memory_order_relaxed);
      Job* const job = job_;
      if (job == nullptr || job->helpers == 0) {
        continue;
      }
      --job->helpers;
      job->active.fetch_add(1, std::memory_order_relaxed);
      lock.unlock();
      job->work();
      job->active.fetch_sub(1, std::memory_order_release);  // from here on the job may be gone
    }
  }
};

std::atomic<Pool*> the_pool{nullptr};

/// Never destroyed: its threads wait in it until the process ends.
Pool& pool() {
  static const bool first = [] {
    the_pool = new Pool();
#if defined(__unix__) || defined(__APPLE__)
    // A child has only the thread that forked; the parent's pool, in whatever state, is of no use to it.
    pthread_atfork(nullptr, nullptr, [] { the_pool = new Pool(); });
#endif
    return true;
  }();
  (void)first;
  return *the_pool.load(std::memory_order_acquire);
}

int processors() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    return CPU_COUNT(&set);
  }
#endif
  return static_cast<int>(std::thread::hardware_concurrency());
}

int default_threads() {
  const char* text = std::getenv("OMP_NUM_THREADS");
  const int wanted = text != nullptr ? std::atoi(text) : 0;  // a list such as "4,2" counts by its first number
  return std::clamp(wanted > 0 ? wanted : processors(), 1, kMostThreads);
}

std::atomic<int> allowed{0};  // 0: not asked yet

}  // namespace

int threads() {
  int count = allowed.load(std::memory_order_relaxed);
  if (count == 0) {
    count = default_threads();
    allowed.store(count, std::memory_order_relaxed);
  }
  return count;
}

void set_threads(int count) {
  if (count < 1) {
    throw std::invalid_argument("set_threads: expected at least 1 thread, got " + std::to_string(count));
  }
  allowed = std::min(count, kMostThreads);
}

void run_pieces(size_t count, int team, void (*piece)(const void*, size_t), const void* context) {
  Job job;
  job.piece = piece;
  job.context = context;
  job.count = count;
  job.helpers = team - 1;
  if (job.helpers > 0 && count > 1) {
    pool().run(job);
  } else {
    job.work();
  }
}

}  // namespace needle::fast
