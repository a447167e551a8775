// The shared memory of one block: what its launch asked for, then each `__shared__` variable as a thread comes to it.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cuda_emulation/shared.h"
#include "limits.h"

namespace cuda_emulation {

class SharedMemory {
 public:
  /// A variable, or what the launch gave under the name that the kernel has for it.
  struct Variable {
    const SharedDeclaration* declaration;
    std::size_t size;
    char* place;
    SharedShape shape;

    /// "tile[1][16]" for what lies at an address, also before or behind it.
    std::string element_text(const char* address) const;

    /// "tile[16][16]"
    std::string declared_text() const;
  };

  SharedMemory();

  /// Begins a block whose launch asked for so many bytes.
  void begin(std::size_t of_launch);

  /// All of it: what is given out, and the gaps between.
  const char* memory() const;
  static std::size_t size();

  /// The bytes of the launch. Throws KernelMistake: if it asked for none.
  void* of_launch(const SharedDeclaration& declaration, const SharedShape& shape);

  /// Where the block has a variable. Throws KernelMistake: if all variables together are more than a block can have.
  void* variable(const SharedDeclaration& declaration, std::size_t size, const SharedShape& shape);

  /// The variable that an address lies in, or nearest to; nullptr if the block has none.
  const Variable* nearest(const char* address) const;

 private:
  char* begin_;
  std::unique_ptr<char[]> memory_;
  std::size_t of_launch_ = 0;
  std::size_t counted_ = 0;  // bytes, without the gaps between variables
  char* end_;                // of what is given out
  std::vector<Variable> variables_;
  bool launch_named_ = false;  // the first of them is what the launch gave
};

}  // namespace cuda_emulation
