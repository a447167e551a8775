// Fibers: stacks of their own for the threads of a block, and how one stack is left for another.

#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define CUDA_EMULATION_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CUDA_EMULATION_ASAN 1
#endif
#endif

namespace cuda_emulation {

/// Where a stack was left, and what sanitizers want to know of it. The stack of the OS thread has one as well.
struct Context {
  void* pointer = nullptr;
  const void* bottom = nullptr;
  std::size_t size = 0;
  void* fake_stack = nullptr;  // AddressSanitizer's
};

/// Leaves `from`, to be gone on with later, and goes on with `to`.
void switch_context(Context* from, Context* to);

/// The first thing that runs on a stack: tells sanitizers where it came from.
void arrive_on_new_stack(Context* from);

/// Memory for a stack; below it lies a page that nobody may touch, so that a stack that is too deep does no harm.
class Stack {
 public:
  Stack();
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  /// A context that, when it is switched to, calls main(argument), which must not return.
  Context prepare(void (*main)(void*), void* argument);

  /// The memory of frames: its lowest address, and how many bytes.
  const char* bottom() const;
  static std::size_t size();

  /// Where it begins, since stacks grow downwards.
  char* top() const;

  /// Whether an address lies in the page below.
  bool guards(const void* address) const;

 private:
  char* memory_;
};

}  // namespace cuda_emulation
