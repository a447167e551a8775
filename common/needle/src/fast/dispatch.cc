#include "dispatch.h"

#include <atomic>
#include <cstdlib>
#include <stdexcept>

namespace needle::fast {
namespace {

std::atomic<const Kernels*> chosen{nullptr};

const Kernels* find(const std::string& isa) {
  std::string names;
  for (const Kernels* table : available_kernels()) {
    if (isa == table->isa) {
      return table;
    }
    names += (names.empty() ? "" : ", ") + std::string(table->isa);
  }
  throw std::invalid_argument("expected an instruction set that this machine and this build have (" + names +
                              "), got '" + isa + "'");
}

const Kernels* first_choice() {
  const char* wanted = std::getenv("NEEDLE_ISA");
  return wanted != nullptr && *wanted != '\0' ? find(wanted) : available_kernels().back();
}

}  // namespace

std::vector<const Kernels*> available_kernels() {
  std::vector<const Kernels*> tables = {&baseline::kernels};
#ifdef NEEDLE_X86_KERNELS
  // The compiler's function asks the processor, and the system whether it saves the wide registers.
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    tables.push_back(&avx2::kernels);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl")) {
      tables.push_back(&avx512::kernels);
    }
  }
#endif
  return tables;
}

const Kernels& kernels() {
  const Kernels* table = chosen.load(std::memory_order_relaxed);
  if (table == nullptr) {
    table = first_choice();
    chosen.store(table, std::memory_order_relaxed);
  }
  return *table;
}

void set_isa(const std::string& isa) { chosen = find(isa); }

}  // namespace needle::fast
