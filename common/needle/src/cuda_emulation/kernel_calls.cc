// What kernels call: barriers, what a warp does together, and their shared memory. The block that runs does it.

#include <string>

#include "block.h"
#include "errors.h"

namespace cuda_emulation {

namespace {

BlockRunner& here(const char* what) {
  if (running() == nullptr) {
    throw KernelMistake(std::string(what) + " is called outside of a kernel");
  }
  return *running();
}

}  // namespace

int block_barrier(const Site& site, BlockOperation operation, int predicate) {
  return here(site.what).wait_for_block(site, operation, predicate);
}

std::uint64_t warp_operation(const Site& site, WarpOperation operation, unsigned mask, std::uint64_t value,
                             int argument) {
  return here(site.what).wait_for_warp(site, operation, mask, value, argument);
}

int lane() { return here("a shuffle").lane(); }

void fence() {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (watching != nullptr) {
    watching->fence();
  }
}

void trap(const Site& site) {
  watching = nullptr;
  throw KernelMistake(std::string("calls ") + site.what + " (" + place_text(site.file, site.line) + ")");
}

unsigned lanes_alive() { return here("__activemask").lanes_alive(); }

void* shared_variable(const SharedDeclaration& declaration, std::size_t size, const SharedShape& shape) {
  const Unwatched runtime;
  return here("code with a __shared__ variable").shared().variable(declaration, size, shape);
}

void* shared_of_launch(const SharedDeclaration& declaration, const SharedShape& shape) {
  const Unwatched runtime;
  return here("code with an extern __shared__ variable").shared().of_launch(declaration, shape);
}

}  // namespace cuda_emulation
