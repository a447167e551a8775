// Whether there is a GPU that this module's kernels can run on, and if not, why.

#pragma once

#include <string>

namespace needle {
namespace cuda {

/// Why arrays cannot be on the GPU, as a sentence for whoever asks: "no GPU: ..."; empty if they can.
///
/// Never throws and never ends the process: neither a GPU nor its driver need be there.
std::string WhyDisabled();

}  // namespace cuda
}  // namespace needle
