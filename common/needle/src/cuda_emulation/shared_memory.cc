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

constexpr std::size_t kAlignment = 128;                      // one turn of the 32 banks
constexpr std::size_t kGap = 8 * kAlignment;                 // after each variable: nobody's
constexpr std::size_t kSize = kMostShared * 3 + 512 * 1024;  // with the gaps of as many variables as one can think of
constexpr std::size_t kPoisoned = kAlignment;                // of a gap
constexpr std::uint16_t kPoison = 0x7ff8;                    // repeated, NaN as half, float and double

void poison(char* from, char* to) {
  for (char* place = from; place < to; place += sizeof(kPoison)) {
    std::memcpy(place, &kPoison, sizeof(kPoison));
  }
}

std::size_t rounded(std::size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

SharedMemory::SharedMemory() : memory_(new char[kGap + kSize + kAlignment]) {
  begin_ = memory_.get() + kGap + kAlignment - reinterpret_cast<std::uintptr_t>(memory_.get()) % kAlignment;
  end_ = begin_;
}

const char* SharedMemory::memory() const { return begin_ - kGap; }

std::size_t SharedMemory::size() { return kGap + kSize; }

void SharedMemory::begin(std::size_t of_launch) {
  of_launch_ = of_launch;
  counted_ = of_launch;
  variables_.clear();
  launch_named_ = false;
  end_ = begin_ + rounded(of_launch) + kGap;
#ifdef CUDA_EMULATION_ASAN
  __asan_poison_memory_region(begin_, kSize);
  __asan_unpoison_memory_region(begin_, of_launch);
  poison(begin_, begin_ + of_launch / 2 * 2);
#else
  poison(begin_, end_ - kGap + kPoisoned);
#endif
}

void* SharedMemory::of_launch(const SharedDeclaration& declaration, const SharedShape& shape) {
  if (of_launch_ == 0) {
    throw KernelMistake(std::string("uses ") + declaration.name + " (" +
                        place_text(declaration.file, declaration.line) +
                        "), but its launch gives it no shared memory: the third number in <<<grid, block, bytes>>> "
                        "is missing or 0");
  }
  if (!launch_named_) {
    launch_named_ = true;
    variables_.insert(variables_.begin(), {&declaration, of_launch_, begin_, shape});
  }
  return begin_;
}

void* SharedMemory::variable(const SharedDeclaration& declaration, std::size_t size, const SharedShape& shape) {
  for (const Variable& known : variables_) {
    if (known.declaration == &declaration) {
      return known.place;
    }
  }
  counted_ += size;
  if (counted_ > kMostShared || end_ + rounded(size) + kGap > begin_ + kSize) {
    std::string list;
    for (const Variable& known : variables_) {
      if (known.place == begin_) {
        continue;
      }
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
  poison(place, end_ - kGap + kPoisoned);
#endif
  variables_.push_back({&declaration, size, place, shape});
  return place;
}

const SharedMemory::Variable* SharedMemory::nearest(const char* address) const {
  const Variable* found = nullptr;
  std::ptrdiff_t least = 0;
  for (const Variable& variable : variables_) {
    const char* end = variable.place + variable.size;
    const std::ptrdiff_t distance = address < variable.place ? variable.place - address
                                    : address < end          ? 0
                                                             : address - end + 1;
    if (found == nullptr || distance < least) {
      found = &variable;
      least = distance;
    }
  }
  return found;
}

std::string SharedMemory::Variable::element_text(const char* address) const {
  const auto width = static_cast<std::ptrdiff_t>(shape.element);
  const std::ptrdiff_t offset = address - place;
  std::ptrdiff_t number = (offset < 0 ? offset - width + 1 : offset) / width;  // towards the front
  if (shape.axes == 0 && number == 0) {
    return declaration->name;
  }
  std::string indices;
  for (std::size_t axis = shape.axes < 3 ? shape.axes : 3; axis-- > 1;) {
    const auto extent = static_cast<std::ptrdiff_t>(shape.extents[axis]);
    const std::ptrdiff_t index = ((number % extent) + extent) % extent;
    indices.insert(0, "[" + std::to_string(index) + "]");
    number = (number - index) / extent;
  }
  return declaration->name + ("[" + std::to_string(number)) + "]" + indices;
}

std::string SharedMemory::Variable::declared_text() const {
  std::string text = declaration->name;
  std::size_t inner = shape.element;
  for (std::size_t axis = 1; axis < shape.axes && axis < 3; ++axis) {
    inner *= shape.extents[axis];
  }
  for (std::size_t axis = 0; axis < shape.axes && axis < 3; ++axis) {
    text += "[" + std::to_string(axis == 0 ? size / inner : shape.extents[axis]) + "]";
  }
  return text;
}

}  // namespace cuda_emulation
