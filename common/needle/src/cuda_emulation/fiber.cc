// Switching between stacks takes a few instructions: what a called function has to preserve is saved on the old stack
// and loaded from the new one. swapcontext does the same everywhere, but with a system call each time.

#include "fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <new>

#ifdef CUDA_EMULATION_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if !defined(__x86_64__) && !defined(__aarch64__)
#error the emulation of CUDA switches stacks on x86-64 and AArch64 alone: configure with -DNEEDLE_CUDA_EMULATION=OFF
#endif

// save: where the old stack's pointer goes; load: the new one's. The names as they stand, on macOS too.
extern "C" void cuda_emulation_switch(void** save, void* load) __asm__("cuda_emulation_switch");
extern "C" void cuda_emulation_enter() __asm__("cuda_emulation_enter");

#if defined(__ELF__)
__asm__(
    ".hidden cuda_emulation_switch\n"
    ".hidden cuda_emulation_enter\n");
#endif

#if defined(__x86_64__)
__asm__(
    ".text\n"
    ".globl cuda_emulation_switch\n"
    ".p2align 4\n"
    "cuda_emulation_switch:\n"
    "  pushq %rbp\n"
    "  pushq %rbx\n"
    "  pushq %r12\n"
    "  pushq %r13\n"
    "  pushq %r14\n"
    "  pushq %r15\n"
    "  movq %rsp, (%rdi)\n"
    "  movq %rsi, %rsp\n"
    "  popq %r15\n"
    "  popq %r14\n"
    "  popq %r13\n"
    "  popq %r12\n"
    "  popq %rbx\n"
    "  popq %rbp\n"
    "  ret\n"
    ".globl cuda_emulation_enter\n"
    ".p2align 4\n"
    "cuda_emulation_enter:\n"
    "  movq %r12, %rdi\n"
    "  callq *%r13\n"
    "  ud2\n");
constexpr int kSaved = 7, kArgument = 3, kMain = 2, kReturn = 6;  // words from the stack's pointer on
#else
__asm__(
    ".text\n"
    ".globl cuda_emulation_switch\n"
    ".p2align 4\n"
    "cuda_emulation_switch:\n"
    "  sub sp, sp, #160\n"
    "  stp x19, x20, [sp]\n"
    "  stp x21, x22, [sp, #16]\n"
    "  stp x23, x24, [sp, #32]\n"
    "  stp x25, x26, [sp, #48]\n"
    "  stp x27, x28, [sp, #64]\n"
    "  stp x29, x30, [sp, #80]\n"
    "  stp d8, d9, [sp, #96]\n"
    "  stp d10, d11, [sp, #112]\n"
    "  stp d12, d13, [sp, #128]\n"
    "  stp d14, d15, [sp, #144]\n"
    "  mov x9, sp\n"
    "  str x9, [x0]\n"
    "  mov sp, x1\n"
    "  ldp x19, x20, [sp]\n"
    "  ldp x21, x22, [sp, #16]\n"
    "  ldp x23, x24, [sp, #32]\n"
    "  ldp x25, x26, [sp, #48]\n"
    "  ldp x27, x28, [sp, #64]\n"
    "  ldp x29, x30, [sp, #80]\n"
    "  ldp d8, d9, [sp, #96]\n"
    "  ldp d10, d11, [sp, #112]\n"
    "  ldp d12, d13, [sp, #128]\n"
    "  ldp d14, d15, [sp, #144]\n"
    "  add sp, sp, #160\n"
    "  ret\n"
    ".globl cuda_emulation_enter\n"
    ".p2align 4\n"
    "cuda_emulation_enter:\n"
    "  mov x0, x19\n"
    "  blr x20\n"
    "  brk #1\n");
constexpr int kSaved = 20, kArgument = 0, kMain = 1, kReturn = 11;
#endif

namespace cuda_emulation {

namespace {

#ifdef CUDA_EMULATION_ASAN
constexpr std::size_t kStackSize = 512 * 1024;
#else
constexpr std::size_t kStackSize = 128 * 1024;
#endif

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace

void switch_context(Context* from, Context* to) {
#ifdef CUDA_EMULATION_ASAN
  __sanitizer_start_switch_fiber(&from->fake_stack, to->bottom, to->size);
#endif
  cuda_emulation_switch(&from->pointer, to->pointer);
#ifdef CUDA_EMULATION_ASAN
  __sanitizer_finish_switch_fiber(from->fake_stack, nullptr, nullptr);
#endif
}

void arrive_on_new_stack(Context* from) {
#ifdef CUDA_EMULATION_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &from->bottom, &from->size);
#else
  static_cast<void>(from);
#endif
}

Stack::Stack() {
  void* memory = mmap(nullptr, page_size() + kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw std::bad_alloc();
  }
  memory_ = static_cast<char*>(memory);
  if (mprotect(memory_, page_size(), PROT_NONE) != 0) {
    munmap(memory_, page_size() + kStackSize);
    throw std::bad_alloc();
  }
}

Stack::~Stack() { munmap(memory_, page_size() + kStackSize); }

Context Stack::prepare(void (*main)(void*), void* argument) {
  char* bottom = memory_ + page_size();
#ifdef CUDA_EMULATION_ASAN
  __asan_unpoison_memory_region(bottom, kStackSize);  // a kernel that was given up has left its frames
#endif
  // What a switch loads, as if cuda_emulation_enter had been left. Two words above it stay 0: no caller.
  auto* words = reinterpret_cast<void**>(top()) - 2 - kSaved;
  std::memset(words, 0, (kSaved + 2) * sizeof(void*));
  words[kArgument] = argument;
  words[kMain] = reinterpret_cast<void*>(main);
  words[kReturn] = reinterpret_cast<void*>(cuda_emulation_enter);
  Context context;
  context.pointer = words;
  context.bottom = bottom;
  context.size = kStackSize;
  return context;
}

const char* Stack::bottom() const { return memory_ + page_size(); }

std::size_t Stack::size() { return kStackSize; }

char* Stack::top() const { return memory_ + page_size() + kStackSize; }

bool Stack::guards(const void* address) const {
  const char* place = static_cast<const char*>(address);
  return place >= memory_ && place < memory_ + page_size();
}

}  // namespace cuda_emulation
