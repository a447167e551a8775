// Which instruction set the kernels use on this machine.

#pragma once

#include <string>
#include <vector>

#include "kernels.h"

namespace needle::fast {

/// The tables that this machine can run, the best one last. `baseline` is always there.
std::vector<const Kernels*> available_kernels();

/// The table in use: at first the best one, or what the environment variable NEEDLE_ISA names.
const Kernels& kernels();

/// Throws std::invalid_argument if this machine, or this build, does not have `isa`. Not while kernels run.
void set_isa(const std::string& isa);

}  // namespace needle::fast
