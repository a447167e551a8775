// The shared memory of one block: what its launch asked for, then each `__shared__` variable as a thread comes to it.

#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "cuda_emulation/shared.h"
#include "limits.h"

namespace cuda_emulation {

class SharedMemory {
 public:
  SharedMemory();

  /// Begins a block whose launch asked for so many bytes.
  void begin(std::size_t of_launch);

  /// The bytes of the launch. Throws KernelMistake: if it asked for none.
  void* of_launch(const SharedDeclaration& declaration) const;

  /// Where the block has a variable. Throws KernelMistake: if all variables together are more than a block can have.
  void* variable(const SharedDeclaration& declaration, std::size_t size);

 private:
  struct Variable {
    const SharedDeclaration* declaration;
    std::size_t size;
    char* place;
  };

  char* begin_;
  std::unique_ptr<char[]> memory_;
  std::size_t of_launch_ = 0;
  std::size_t counted_ = 0;  // bytes, without the gaps between variables
  char* end_;                // of what is given out
  std::vector<Variable> variables_;
};

}  // namespace cuda_emulation
