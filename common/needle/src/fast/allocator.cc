#include "allocator.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define NEEDLE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NEEDLE_ASAN 1
#endif
#endif
#ifdef NEEDLE_ASAN
#include <sanitizer/asan_interface.h>
// Under AddressSanitizer, memory that is kept, and what a block has beyond the bytes asked for, must not be touched.
#define NEEDLE_POISON(address, bytes) ASAN_POISON_MEMORY_REGION(address, bytes)
#define NEEDLE_UNPOISON(address, bytes) ASAN_UNPOISON_MEMORY_REGION(address, bytes)
#else
#define NEEDLE_POISON(address, bytes) ((void)0)
#define NEEDLE_UNPOISON(address, bytes) ((void)0)
#endif

namespace needle::fast {
namespace {

constexpr size_t kMostBytes = PTRDIFF_MAX;
// Blocks from here on are aligned to, and ask for, the large pages of x86-64 and AArch64.
constexpr size_t kLargePage = size_t{1} << 21;
constexpr size_t kDefaultLimit = size_t{1} << 31;

/// A block's size is one of four in each doubling, so at most a fifth of it is unused:
/// 256, 512, 768, 1024, then 1280, 1536, 1792, 2048, then 2560, ...
struct SizeClass {
  size_t index;
  size_t bytes;
};

SizeClass size_class(size_t bytes) {
  constexpr size_t kSmall = 4 * kAlignment;
  if (bytes <= kSmall) {
    const size_t units = std::max<size_t>(1, (bytes + kAlignment - 1) / kAlignment);
    return {units - 1, units * kAlignment};
  }
  size_t step = kAlignment, index = 4;
  while (bytes > 8 * step) {
    step *= 2;
    index += 4;
  }
  const size_t steps = (bytes + step - 1) / step;  // 5 to 8
  return {index + steps - 5, steps * step};
}

/// A kept block holds its own place in two lists: of its size class, and of all kept blocks by age.
struct Block {
  Block* newer;
  Block* older;
  Block* newer_of_class;
  Block* older_of_class;
  SizeClass size;
};

void* from_system(size_t bytes) {
  const size_t alignment = bytes >= kLargePage ? kLargePage : kAlignment;
  void* memory = ::operator new(bytes, std::align_val_t(alignment), std::nothrow);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (memory != nullptr && bytes >= kLargePage) {
    // Advice only: where the system has no large pages, small ones do.
    madvise(memory, bytes / kLargePage * kLargePage, MADV_HUGEPAGE);
  }
#endif
  return memory;
}

void to_system(void* memory, size_t bytes) noexcept {
  ::operator delete(memory, std::align_val_t(bytes >= kLargePage ? kLargePage : kAlignment));
}

/// At most 2 GiB, and at most a quarter of the machine's memory.
size_t default_limit() {
#if defined(_SC_PHYS_PAGES) && defined(_SC_PAGESIZE)
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0) {
    return std::min(kDefaultLimit, static_cast<size_t>(pages) / 4 * static_cast<size_t>(page));
  }
#endif
  return kDefaultLimit;
}

class Cache {
 public:
  Cache() { statistics_.limit_bytes = default_limit(); }

  void* take(size_t bytes) {
    if (bytes > kMostBytes / 2) {
      throw std::bad_alloc();
    }
    const SizeClass size = size_class(bytes);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      Block* block = newest_[size.index];
      if (block != nullptr) {
        unlink(block);
        ++statistics_.reused;
        count(size.bytes);
        NEEDLE_POISON(block, size.bytes);  // its own place in the lists too
        NEEDLE_UNPOISON(block, bytes);
        return block;
      }
    }
    void* memory = from_system(size.bytes);
    if (memory == nullptr) {
      empty(0);
      memory = from_system(size.bytes);
    }
    if (memory == nullptr) {
      throw std::bad_alloc();
    }
    NEEDLE_POISON(static_cast<char*>(memory) + bytes, size.bytes - bytes);
    const std::lock_guard<std::mutex> lock(mutex_);
    count(size.bytes);
    return memory;
  }

  void give(void* memory, size_t bytes) noexcept {
    const SizeClass size = size_class(bytes);
    NEEDLE_UNPOISON(memory, size.bytes);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      statistics_.live_bytes -= size.bytes;
      if (size.bytes <= statistics_.limit_bytes) {
        link(static_cast<Block*>(memory), size);
        trim(statistics_.limit_bytes);
        return;
      }
    }
    to_system(memory, size.bytes);
  }

  void empty(size_t left) {
    const std::lock_guard<std::mutex> lock(mutex_);
    trim(left);
  }

  void set_limit(size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    statistics_.limit_bytes = bytes;
    trim(bytes);
  }

  MemoryStatistics statistics(bool resets_peak) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (resets_peak) {
      statistics_.peak_bytes = statistics_.live_bytes;
    }
    return statistics_;
  }

  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
  Block* newest_[4 * 64] = {};  // of each size class
  Block* first_ = nullptr;      // the newest of all
  Block* last_ = nullptr;       // the oldest of all
  MemoryStatistics statistics_ = {};

  void count(size_t bytes) {
    ++statistics_.allocations;
    statistics_.live_bytes += bytes;
    statistics_.peak_bytes = std::max(statistics_.peak_bytes, statistics_.live_bytes);
  }

  void link(Block* block, SizeClass size) {
    *block = {nullptr, first_, nullptr, newest_[size.index], size};
    (first_ != nullptr ? first_->newer : last_) = block;
    first_ = block;
    if (block->older_of_class != nullptr) {
      block->older_of_class->newer_of_class = block;
    }
    newest_[size.index] = block;
    statistics_.cached_bytes += size.bytes;
    NEEDLE_POISON(block + 1, size.bytes - sizeof(Block));
  }

  void unlink(Block* block) {
    (block->newer != nullptr ? block->newer->older : first_) = block->older;
    (block->older != nullptr ? block->older->newer : last_) = block->newer;
    (block->newer_of_class != nullptr ? block->newer_of_class->older_of_class : newest_[block->size.index]) =
        block->older_of_class;
    if (block->older_of_class != nullptr) {
      block->older_of_class->newer_of_class = block->newer_of_class;
    }
    statistics_.cached_bytes -= block->size.bytes;
  }

  void trim(size_t bytes) {
    while (statistics_.cached_bytes > bytes) {
      Block* block = last_;
      unlink(block);
      const size_t size = block->size.bytes;
      NEEDLE_UNPOISON(block, size);
      to_system(block, size);
    }
  }
};

/// Never destroyed: arrays may outlive every static object of the program.
Cache& cache() {
  static Cache* const only = [] {
    auto* made = new Cache();
#if defined(__unix__) || defined(__APPLE__)
    // A child must not be forked while another thread holds the lock: nobody would ever open it there.
    pthread_atfork([] { cache().lock(); }, [] { cache().unlock(); }, [] { cache().unlock(); });
#endif
    return made;
  }();
  return *only;
}

}  // namespace

void* allocate(size_t bytes) { return cache().take(bytes); }
void release(void* memory, size_t bytes) noexcept { cache().give(memory, bytes); }
MemoryStatistics memory_statistics() { return cache().statistics(false); }
void reset_peak() { cache().statistics(true); }
void empty_cache() { cache().empty(0); }
void set_cache_limit(size_t bytes) { cache().set_limit(bytes); }

}  // namespace needle::fast
