#include "memory.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "errors.h"
#include "guards.h"
#include "shadow.h"

namespace cuda_emulation {

namespace {

enum class Kind { kDevice, kPinned, kSymbol };  // kPinned: the host's and the device's at once

struct Allocation {
  std::size_t size;
  Kind kind;
  std::shared_ptr<Shadow> shadow;
};

constexpr std::size_t kAlignment = 256;

class Registry {
 public:
  std::mutex mutex;
  std::map<std::uintptr_t, Allocation> live;
  std::map<std::uintptr_t, std::size_t> freed;  // the last ones whose memory nobody has got since
  std::size_t used = 0;

  static Registry& get() {
    static auto* registry = new Registry;  // never destroyed: arrays may be freed while the process ends
    return *registry;
  }

  /// The allocation that an address lies in or at the end of; of a variable, which others may lie behind, in alone.
  std::map<std::uintptr_t, Allocation>::iterator find(const void* address) {
    const auto place = reinterpret_cast<std::uintptr_t>(address);
    auto next = live.upper_bound(place);
    if (next == live.begin()) {
      return live.end();
    }
    --next;
    const std::size_t offset = place - next->first, size = next->second.size;
    return offset < size || (offset == size && next->second.kind != Kind::kSymbol) ? next : live.end();
  }
};

std::string hexadecimal(const void* address) {
  char digits[32];
  std::snprintf(digits, sizeof(digits), "%p", address);
  return digits;
}

std::size_t total_memory() {
  static const std::size_t total =
      static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return total;
}

cudaError_t allocate(const char* call, void** address, std::size_t size, Kind kind) {
  if (address == nullptr) {
    return fail(cudaErrorInvalidValue, std::string(call) + ": where to put the address is nullptr");
  }
  *address = nullptr;
  if (size == 0) {
    return cudaSuccess;
  }
  Registry& registry = Registry::get();
  const std::lock_guard<std::mutex> locked(registry.mutex);
  char* memory = nullptr;
  if (size <= total_memory() && registry.used <= total_memory() - size) {
    const std::size_t whole = (kGuardBefore + size + kGuardBehind + kAlignment - 1) / kAlignment * kAlignment;
    memory = static_cast<char*>(std::aligned_alloc(kAlignment, whole));
  }
  if (memory == nullptr) {
    return fail(cudaErrorMemoryAllocation, std::string(call) + ": out of memory: " + bytes_text(size) +
                                               " are asked for, and " + bytes_text(registry.used) + " of " +
                                               bytes_text(total_memory()) + " are taken");
  }
  memory += kGuardBefore;
  guard(memory, size);
  const auto place = reinterpret_cast<std::uintptr_t>(memory);
  auto old = registry.freed.lower_bound(place);
  if (old != registry.freed.begin()) {
    --old;
  }
  while (old != registry.freed.end() && old->first < place + size) {
    old = old->first + old->second > place ? registry.freed.erase(old) : std::next(old);
  }
  auto shadow = std::make_shared<Shadow>(size);
  if (kind == Kind::kPinned) {
    shadow->write_all();  // the host writes it as it likes
  }
  registry.live[place] = {size, kind, std::move(shadow)};
  registry.used += size;
  *address = memory;
  return cudaSuccess;
}

std::string why_not(Registry& registry, const void* address, std::size_t size) {
  const auto place = reinterpret_cast<std::uintptr_t>(address);
  const auto found = registry.find(address);
  if (found != registry.live.end()) {
    const std::size_t offset = place - found->first;
    if (size <= found->second.size - offset) {
      return "";
    }
    return "of " + bytes_text(size) + " from " + hexadecimal(address) + " on, the allocation there has " +
           bytes_text(found->second.size - offset);
  }
  if (address == nullptr) {
    return "it is nullptr";
  }
  auto old = registry.freed.upper_bound(place);
  if (old != registry.freed.begin() && place - (--old)->first < old->second) {
    return hexadecimal(address) + " is memory of the device that has been freed";
  }
  return hexadecimal(address) + " is not memory of the device: it is the host's, or nobody's";
}

cudaError_t release(const char* call, void* address) {
  if (address == nullptr) {
    return cudaSuccess;
  }
  Registry& registry = Registry::get();
  const std::lock_guard<std::mutex> locked(registry.mutex);
  const auto place = reinterpret_cast<std::uintptr_t>(address);
  const auto found = registry.live.find(place);
  if (found == registry.live.end() || found->second.kind == Kind::kSymbol) {
    const std::string reason = why_not(registry, address, 0);
    return fail(
        cudaErrorInvalidValue,
        std::string(call) + ": " +
            (reason.empty() ? hexadecimal(address) + " lies inside an allocation, not at its beginning" : reason));
  }
  auto* memory = static_cast<char*>(address);
  const std::size_t size = found->second.size;
  const std::string written = written_beside(memory, size);
  registry.used -= size;
  registry.freed[place] = size;
  if (registry.freed.size() > 4096) {
    registry.freed.erase(registry.freed.begin());
  }
  registry.live.erase(found);
  unguard(memory, size);
  std::free(memory - kGuardBefore);
  return written.empty() ? cudaSuccess
                         : fail(cudaErrorEmulatedKernel, std::string(call) + ": a kernel or a copy before " + written);
}

/// A copy, or with `from` nullptr the host, has written memory that may be the device's.
void note_written(Registry& registry, const void* to, const void* from, std::size_t size) {
  const auto target = registry.find(to);
  if (target == registry.live.end() || !target->second.shadow) {
    return;
  }
  const std::size_t offset = reinterpret_cast<std::uintptr_t>(to) - target->first;
  const auto source = from == nullptr ? registry.live.end() : registry.find(from);
  const std::size_t end = reinterpret_cast<std::uintptr_t>(from) + size;
  if (source != registry.live.end() && source->second.shadow && end <= source->first + source->second.size) {
    target->second.shadow->copy(offset, *source->second.shadow, reinterpret_cast<std::uintptr_t>(from) - source->first,
                                size);
  } else {
    target->second.shadow->write(offset, std::min(size, target->second.size - offset));
  }
}

std::string copy_problem(Registry& registry, const char* which, const void* address, std::size_t size, bool on_device) {
  const std::string reason = why_not(registry, address, size);
  if (on_device) {
    return reason.empty() ? "" : std::string("the ") + which + " is to be on the device, and " + reason;
  }
  const auto found = registry.find(address);
  if (found != registry.live.end() && found->second.kind == Kind::kDevice &&
      reinterpret_cast<std::uintptr_t>(address) < found->first + found->second.size) {
    return std::string("the ") + which + " is to be on the host, and " + hexadecimal(address) + " is the device's";
  }
  return address == nullptr ? std::string("the ") + which + " is nullptr" : "";
}

}  // namespace

std::string why_not_on_device(const void* address, std::size_t size) {
  Registry& registry = Registry::get();
  const std::lock_guard<std::mutex> locked(registry.mutex);
  return why_not(registry, address, size);
}

bool find_allocation(const void* address, std::uintptr_t* begin, std::size_t* size, std::shared_ptr<Shadow>* shadow) {
  Registry& registry = Registry::get();
  const std::lock_guard<std::mutex> locked(registry.mutex);
  const auto found = registry.find(address);
  if (found == registry.live.end() || found->second.kind == Kind::kSymbol ||
      reinterpret_cast<std::uintptr_t>(address) == found->first + found->second.size) {
    return false;
  }
  *shadow = found->second.shadow;
  *begin = found->first;
  *size = found->second.size;
  return true;
}

std::string overrun(const void* address) {
  Registry& registry = Registry::get();
  const std::lock_guard<std::mutex> locked(registry.mutex);
  const auto found = registry.find(address);
  if (found == registry.live.end() || found->second.kind == Kind::kSymbol) {
    return "";
  }
  auto* memory = reinterpret_cast<char*>(found->first);
  const std::string written = written_beside(memory, found->second.size);
  if (!written.empty()) {
    guard(memory, found->second.size);  // told once
  }
  return written;
}

cudaError_t copy_of_symbol(char* symbol, std::size_t symbol_size, void* to, const void* from, std::size_t size,
                           std::size_t offset, bool into_symbol) {
  if (offset > symbol_size || size > symbol_size - offset) {
    return fail(cudaErrorInvalidValue, std::string(into_symbol ? "cudaMemcpyToSymbol: " : "cudaMemcpyFromSymbol: ") +
                                           bytes_text(size) + " from byte " + std::to_string(offset) +
                                           " on leave the variable, which has " + bytes_text(symbol_size));
  }
  {
    Registry& registry = Registry::get();
    const std::lock_guard<std::mutex> locked(registry.mutex);
    registry.live[reinterpret_cast<std::uintptr_t>(symbol)] = {symbol_size, Kind::kSymbol, nullptr};
  }
  if (into_symbol) {
    std::memcpy(symbol + offset, from, size);
  } else {
    std::memcpy(to, symbol + offset, size);
    Registry& registry = Registry::get();
    const std::lock_guard<std::mutex> locked(registry.mutex);
    note_written(registry, to, nullptr, size);
  }
  return cudaSuccess;
}

}  // namespace cuda_emulation

using cuda_emulation::fail;

cudaError_t cudaMalloc(void** address, std::size_t size) {
  return cuda_emulation::allocate("cudaMalloc", address, size, cuda_emulation::Kind::kDevice);
}

cudaError_t cudaMallocManaged(void** address, std::size_t size, unsigned) {
  return cuda_emulation::allocate("cudaMallocManaged", address, size, cuda_emulation::Kind::kPinned);
}

cudaError_t cudaHostAlloc(void** address, std::size_t size, unsigned) {
  return cuda_emulation::allocate("cudaHostAlloc", address, size, cuda_emulation::Kind::kPinned);
}

cudaError_t cudaFree(void* address) { return cuda_emulation::release("cudaFree", address); }

cudaError_t cudaFreeHost(void* address) { return cuda_emulation::release("cudaFreeHost", address); }

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t size, cudaMemcpyKind kind) {
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) {
    return fail(cudaErrorInvalidMemcpyDirection, "cudaMemcpy: " + std::to_string(static_cast<int>(kind)) +
                                                     " is no direction, such as cudaMemcpyDefault");
  }
  if (size == 0) {
    return cudaSuccess;
  }
  if (kind != cudaMemcpyDefault) {
    const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    std::string problem;
    {
      cuda_emulation::Registry& registry = cuda_emulation::Registry::get();
      const std::lock_guard<std::mutex> locked(registry.mutex);
      problem = cuda_emulation::copy_problem(registry, "destination", to, size, to_device);
      if (problem.empty()) {
        problem = cuda_emulation::copy_problem(registry, "source", from, size, from_device);
      }
    }
    if (!problem.empty()) {
      return fail(cudaErrorInvalidValue, "cudaMemcpy: " + problem);
    }
  }
  std::memmove(to, from, size);
  cuda_emulation::Registry& registry = cuda_emulation::Registry::get();
  const std::lock_guard<std::mutex> locked(registry.mutex);
  cuda_emulation::note_written(registry, to, from, size);
  return cudaSuccess;
}

cudaError_t cudaMemset(void* address, int value, std::size_t size) {
  if (size == 0) {
    return cudaSuccess;
  }
  const std::string reason = cuda_emulation::why_not_on_device(address, size);
  if (!reason.empty()) {
    return fail(cudaErrorInvalidValue, "cudaMemset: " + reason);
  }
  std::memset(address, value, size);
  cuda_emulation::Registry& registry = cuda_emulation::Registry::get();
  const std::lock_guard<std::mutex> locked(registry.mutex);
  cuda_emulation::note_written(registry, address, nullptr, size);
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  cuda_emulation::Registry& registry = cuda_emulation::Registry::get();
  const std::lock_guard<std::mutex> locked(registry.mutex);
  *total = cuda_emulation::total_memory();
  *free = *total - registry.used;
  return cudaSuccess;
}
