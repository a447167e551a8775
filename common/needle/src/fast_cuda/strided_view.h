// A strided view, told in as few axes as it takes: the fewer, the less a kernel computes for each element.

#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "../ndarray_backend_cuda.cuh"

namespace needle {
namespace cuda {

struct Axis {
  size_t extent;
  int64_t stride;      // in the view's array
  int64_t row_by_row;  // in an array that holds the view's elements alone
};

/// The axes of a view that has elements, outermost first, without those of one element, and neighbours joined where one
/// step of the outer is all of the inner.
///
/// shape {2, 3, 4}, strides {12, 4, 1}  -> 24 with stride 1;  shape {4, 1, 3}, strides {1, 7, 4} -> 4 with 1, 3 with 4
///
/// Throws std::invalid_argument: if more are left than a kernel takes.
inline std::vector<Axis> JoinedAxes(const std::vector<int32_t>& shape, const std::vector<int32_t>& strides) {
  std::vector<Axis> axes;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) {
      continue;
    }
    const auto extent = static_cast<size_t>(shape[i]);
    if (!axes.empty() && axes.back().stride == static_cast<int64_t>(extent) * strides[i]) {
      axes.back().extent *= extent;
      axes.back().stride = strides[i];
    } else {
      axes.push_back({extent, strides[i], 0});
    }
  }
  if (axes.size() > static_cast<size_t>(MAX_VEC_SIZE)) {
    throw std::invalid_argument("the cuda device has arrays of at most " + std::to_string(MAX_VEC_SIZE) +
                                " dimensions, not " + std::to_string(shape.size()) + ": reshape it, or use cpu()");
  }
  int64_t step = 1;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    axis->row_by_row = step;
    step *= static_cast<int64_t>(axis->extent);
  }
  return axes;
}

}  // namespace cuda
}  // namespace needle
