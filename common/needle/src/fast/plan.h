// Turns the copy that Python asks for into the simplest one that does the same.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels.h"

namespace needle::fast {

/// The copy out[...] = in[...] with as few dimensions as can be, in an order that suits `out`.
///
/// - Dimensions of size 1 go. So do those along which `out` does not move: of many writes to one place the last
/// remains,
///   and `in` starts there (`skip`).
/// - Dimensions are ordered by their steps in `out`, the smallest last: memory is written from front to back.
/// - Neighbours whose steps are those of one longer dimension on both sides become one:
///
///     shape {2, 3, 4}, in {12, 4, 1}, out {12, 4, 1}   ->  {24},   in {1},     out {1}       a compact array
///     shape {2, 3, 4}, in {24, 4, 1}, out {12, 4, 1}   ->  {2, 12} in {24, 1}  out {12, 1}   a[::2]: rows stay whole
///     shape {2, 3, 4}, in {1, 8, 2},  out {12, 4, 1}   ->  {2, 12} in {1, 2}   out {12, 1}   a permutation: a
///     transpose shape {2, 3, 4}, in {0, 0, 0},  out {12, 4, 1}   ->  {24},   in {0},     out {1}       a broadcast
///     scalar
///
/// No dimension may have size 0. Throws std::length_error if more than kMaxDims are left.
StridedCopy simplified(const std::vector<int32_t>& shape, const std::vector<ptrdiff_t>& in,
                       const std::vector<ptrdiff_t>& out, ptrdiff_t* skip);

/// {2, 3, 4} -> {12, 4, 1}
std::vector<ptrdiff_t> compact_strides(const std::vector<int32_t>& shape);

}  // namespace needle::fast
