#include "shared_memory.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "errors.h"
#include "fiber.h"

#ifdef CUDA_EMULATION_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace cuda_emulation {

namespace {

constexpr std::size_t kAlignment = 128;                     // one turn of the 32 banks
constexpr std::size_t kGap = kAlignment;                    // after each variable: nobody's
constexpr std::size_t kSize = kMostShared * 3 + 64 * 1024;  // with the gaps of as many variables as one can think of
constexpr std::uint16_t kPoison = 0x7ff8;                   // repeated, NaN as half, float and double

void poison(char* from, char* to) {
  for (char* place = from; place < to; place += sizeof(kPoison)) {
    std::memcpy(place, &kPoison, sizeof(kPoison));
  }
}

std::size_t rounded(std::size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

SharedMemory::SharedMemory() : memory_(new char[kSize + kAlignment]) {
  begin_ = memory_.get() + kAlignment - reinterpret_cast<std::uintptr_t>(memory_.get()) % kAlignment;
  end_ = begin_;
}

void SharedMemory::begin(std::size_t of_launch) {
  of_launch_ = of_launch;
  counted_ = of_launch;
  variables_.clear();
  end_ = begin_ + rounded(of_launch) + kGap;
#ifdef CUDA_EMULATION_ASAN
  __asan_poison_memory_region(begin_, kSize);
  __asan_unpoison_memory_region(begin_, of_launch);
  poison(begin_, begin_ + of_launch / 2 * 2);
#else
  poison(begin_, end_);
#endif
}

void* SharedMemory::of_launch(const SharedDeclaration& declaration) const {
  if (of_launch_ == 0) {
    throw KernelMistake(std::string("uses ") + declaration.name + " (" +
                        place_text(declaration.file, declaration.line) +
                        "), but its launch gives it no shared memory: the third number in <<<grid, block, bytes>>> "
                        "is missing or 0");
  }
  return begin_;
}

void* SharedMemory::variable(const SharedDeclaration& declaration, std::size_t size) {
  for (const Variable& known : variables_) {
    if (known.declaration == &declaration) {
      return known.place;
    }
  }
  counted_ += size;
  if (counted_ > kMostShared || end_ + rounded(size) + kGap > begin_ + kSize) {
    std::string list;
    for (const Variable& known : variables_) {
      list += std::string(known.declaration->name) + " " + std::to_string(known.size) + ", ";
    }
    list += std::string(declaration.name) + " " + std::to_string(size);
    list += of_launch_ == 0 ? "" : ", the launch " + std::to_string(of_launch_);
    throw KernelMistake("needs " + bytes_text(counted_) + " of shared memory (" + list + "); a block can have " +
                        bytes_text(kMostShared));
  }
  char* place = end_;
  end_ += rounded(size) + kGap;
#ifdef CUDA_EMULATION_ASAN
  __asan_unpoison_memory_region(place, size);
  poison(place, place + size / 2 * 2);
#else
  poison(place, end_);
#endif
  variables_.push_back({&declaration, size, place});
  return place;
}

}  // namespace cuda_emulation
