// What the files of bindings share: the class of arrays, and the functions that list each file's kernels in the module.

#pragma once

#include "../native_module.h"
#include "array.h"

NEEDLE_ARRAY(needle::fast::Array)

namespace needle::fast {

/// Products of batches of matrices, and convolutions.
void list_products(pybind11::module_& module);

/// Layers of networks: normalisation, softmax and its loss, embeddings, LSTM.
void list_networks(pybind11::module_& module);

}  // namespace needle::fast
