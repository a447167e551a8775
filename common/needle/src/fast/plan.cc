#include "plan.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace needle::fast {

namespace {

struct Dim {
  size_t size;
  ptrdiff_t in, out;
};

}  // namespace

StridedCopy simplified(const std::vector<int32_t>& shape, const std::vector<ptrdiff_t>& in,
                       const std::vector<ptrdiff_t>& out, ptrdiff_t* skip) {
  std::vector<Dim> dims;
  *skip = 0;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const auto size = static_cast<size_t>(shape[axis]);
    if (size == 1) {
      continue;
    }
    if (out[axis] == 0) {
      *skip += static_cast<ptrdiff_t>(size - 1) * in[axis];
      continue;
    }
    dims.push_back({size, in[axis], out[axis]});
  }
  std::stable_sort(dims.begin(), dims.end(),
                   [](const Dim& a, const Dim& b) { return std::abs(a.out) > std::abs(b.out); });
  StridedCopy copy;
  for (const Dim& dim : dims) {
    const int last = copy.ndim - 1;
    const auto size = static_cast<ptrdiff_t>(dim.size);
    if (last >= 0 && copy.in[last] == size * dim.in && copy.out[last] == size * dim.out) {
      copy.shape[last] *= dim.size;
      copy.in[last] = dim.in;
      copy.out[last] = dim.out;
      continue;
    }
    if (copy.ndim == kMaxDims) {
      throw std::length_error("a view may have at most " + std::to_string(kMaxDims) +
                              " dimensions that cannot be merged; make it compact in two steps");
    }
    copy.shape[copy.ndim] = dim.size;
    copy.in[copy.ndim] = dim.in;
    copy.out[copy.ndim] = dim.out;
    ++copy.ndim;
  }
  return copy;
}

std::vector<ptrdiff_t> compact_strides(const std::vector<int32_t>& shape) {
  std::vector<ptrdiff_t> strides(shape.size());
  ptrdiff_t stride = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

}  // namespace needle::fast
