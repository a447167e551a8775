// Launches. The translation turns `Kernel<4><<<grid, block>>>(a, n)` into
//
//     ::cuda_emulation::launch(
//         {"Kernel<4>", __FILE__, __LINE__}, ::cuda_emulation::configuration(grid, block),
//         [&](const auto&... values) CUDA_EMULATION_OF_HOST { Kernel<4>(values...); }, a, n)
//
// which returns when all threads have ended. An error waits for cudaGetLastError, as with a GPU.

#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "vector_types.h"

struct CUstream_st;
using cudaStream_t = CUstream_st*;

#define CUDA_EMULATION_TEXT(...) #__VA_ARGS__

// Of what hands a kernel its arguments, and reads them in memory of the host: nobody watches it.
#define CUDA_EMULATION_OF_HOST __attribute__((no_sanitize("thread")))

namespace cuda_emulation {

/// A kernel where it is launched.
struct LaunchPlace {
  const char* kernel;
  const char* file;
  int line;
};

struct Configuration {
  dim3 grid, block;
  std::size_t shared;
};

inline Configuration configuration(dim3 grid, dim3 block, std::size_t shared = 0, cudaStream_t = nullptr) {
  return {grid, block, shared};
}

struct Launch {
  LaunchPlace place;
  Configuration configuration;
  std::vector<const void*> pointers;  // the arguments that are one, nullptr for the others
  void (*call)(const void* closure);  // the kernel with its arguments, as the thread `now`
  const void* closure;
};

/// Runs every thread of every block. Throws needle::NotImplemented: if the kernel does; std::bad_alloc: if there is no
/// memory for the stacks of its threads.
void run(const Launch& launch);

template <typename T>
const void* pointer_of(const T& argument) {
  if constexpr (std::is_pointer_v<T> && !std::is_function_v<std::remove_pointer_t<T>>) {
    return const_cast<const void*>(static_cast<const volatile void*>(argument));
  } else {
    return nullptr;
  }
}

template <typename Kernel, typename... Arguments>
void launch(const LaunchPlace& place, const Configuration& configuration, const Kernel& kernel,
            Arguments&&... arguments) {
  const std::tuple<std::decay_t<Arguments>...> values(std::forward<Arguments>(arguments)...);
  const auto call = [&]() CUDA_EMULATION_OF_HOST { std::apply(kernel, values); };
  using Call = decltype(call);
  Launch launch{place, configuration, {}, nullptr, &call};
  launch.call = [](const void* closure) CUDA_EMULATION_OF_HOST { (*static_cast<Call*>(closure))(); };
  std::apply([&](const auto&... value) { launch.pointers = {pointer_of(value)...}; }, values);
  run(launch);
}

}  // namespace cuda_emulation
