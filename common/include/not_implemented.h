// What a C++ function of the course throws until a student has written it.

#pragma once

#include <stdexcept>

namespace needle {

/// Thrown by a solution block that is still empty. The bindings turn it into Python's NotImplementedError with the same
/// message, such as `Compact (hw3 part 2)`: an empty block is an answer that can be read, never an abort.
class NotImplemented : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace needle
