// The patches of images that a convolution multiplies with its weights: where they are, and copies of them.

#pragma once

#include "kernels.h"
#include "vec.h"

namespace needle::fast::NEEDLE_ISA {

/// The implicit matrix.
struct Patches {
  ConvAxis y, x;
  size_t channels;
  const float* from;

  size_t line() const { return x.taps * channels; }
  size_t columns() const { return y.taps * line(); }
  size_t places() const { return y.places * x.places; }
};

inline bool meets(const ConvAxis& axis, size_t tap) {
  for (size_t place = 0; place < axis.places; ++place) {
    const ptrdiff_t at =
        static_cast<ptrdiff_t>(place) * axis.step + axis.first + static_cast<ptrdiff_t>(tap) * axis.gap;
    if (at >= 0 && at < static_cast<ptrdiff_t>(axis.source)) {
      return true;
    }
  }
  return false;
}

/// Without the first and last taps that meet nothing but padding.
inline ConvAxis trimmed(ConvAxis axis) {
  while (axis.taps > 0 && !meets(axis, axis.taps - 1)) {
    --axis.taps;
  }
  while (axis.taps > 0 && !meets(axis, 0)) {
    --axis.taps;
    axis.first += axis.gap;
    axis.kernel += axis.kernel_step;
  }
  return axis;
}

inline ConvAxis forward_axis(const Conv& conv, size_t source, size_t places, size_t taps) {
  return trimmed({source, places, taps, static_cast<ptrdiff_t>(conv.stride), -static_cast<ptrdiff_t>(conv.padding),
                  static_cast<ptrdiff_t>(conv.dilation), 0, 1});
}

/// The axis for those pixels whose place is `phase` modulo the stride. No taps: if nothing of out depends on them.
inline ConvAxis backward_axis(const Conv& conv, size_t pixels, size_t out, size_t kernel, size_t phase) {
  const auto stride = static_cast<ptrdiff_t>(conv.stride), dilation = static_cast<ptrdiff_t>(conv.dilation);
  const ptrdiff_t from = static_cast<ptrdiff_t>(phase + conv.padding), wanted = from % stride;
  // Pixel phase + stride * y meets out at y + (from - tap * dilation) / stride, for the taps for which that is whole.
  ptrdiff_t last = -1, step = 0, taps = 0;
  for (ptrdiff_t tap = 0; tap < static_cast<ptrdiff_t>(kernel); ++tap) {
    if (tap * dilation % stride == wanted) {
      step = last >= 0 ? tap - last : 1;
      last = tap;
      ++taps;
    }
  }
  ConvAxis axis = {out, ceil_div(pixels - phase, conv.stride), static_cast<size_t>(taps), 1, 0, 1, last, -step};
  if (taps > 0) {
    axis.first = (from - last * dilation) / stride;  // whole
    axis.gap = step * dilation / stride;
    axis.gap = axis.gap > 0 ? axis.gap : 1;  // of a single tap, whatever
  }
  return trimmed(axis);
}

inline void copy_floats(const float* from, float* to, size_t count) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    store(to + i, load(from + i));
  }
  if (i < count) {
    store_part(to + i, load_part(from + i, count - i), count - i);
  }
}

inline void zero_floats(float* to, size_t count) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    store(to + i, Vec{});
  }
  if (i < count) {
    store_part(to + i, Vec{}, count - i);
  }
}

/// Columns [begin, end) of one line of a patch, all at 0 <= begin: from a row of an image, whose first tap is at pixel
/// x.
inline void copy_line(const Patches& patches, const float* row, ptrdiff_t x, size_t begin, size_t end, float* to) {
  const auto channels = static_cast<ptrdiff_t>(patches.channels), width = static_cast<ptrdiff_t>(patches.x.source);
  if (patches.x.gap == 1) {
    // One piece of memory, of which what is left of the image and what is right of it is zero.
    const auto low = static_cast<ptrdiff_t>(begin), high = static_cast<ptrdiff_t>(end);
    const ptrdiff_t start = x * channels, left = -start, right = width * channels - start;
    const ptrdiff_t inside = left < low ? low : left > high ? high : left;
    const ptrdiff_t outside = right < inside ? inside : right > high ? high : right;
    if (inside > low) {
      zero_floats(to, static_cast<size_t>(inside - low));
    }
    copy_floats(row + start + inside, to + (inside - low), static_cast<size_t>(outside - inside));
    if (high > outside) {
      zero_floats(to + (outside - low), static_cast<size_t>(high - outside));
    }
    return;
  }
  for (size_t tap = begin / patches.channels; begin < end; ++tap) {
    const size_t first = begin - tap * patches.channels, count = smaller(end - begin, patches.channels - first);
    const ptrdiff_t pixel = x + static_cast<ptrdiff_t>(tap) * patches.x.gap;
    if (pixel >= 0 && pixel < width) {
      copy_floats(row + pixel * channels + first, to, count);
    } else {
      zero_floats(to, count);
    }
    to += count;
    begin += count;
  }
}

/// Columns [begin, end) of `rows` patches from the one of place `place` on, counted through all images, to rows that
/// are `stride` floats apart.
inline void copy_patches(const Patches& patches, size_t place, size_t rows, size_t begin, size_t end, float* to,
                         size_t stride) {
  const size_t line = patches.line(), row_floats = patches.x.source * patches.channels;
  size_t image = place / patches.places(), y = place % patches.places() / patches.x.places,
         x = place % patches.x.places;
  for (size_t i = 0; i < rows; ++i, to += stride) {
    const float* const from = patches.from + image * patches.y.source * row_floats;
    const ptrdiff_t left = static_cast<ptrdiff_t>(x) * patches.x.step + patches.x.first;
    ptrdiff_t top = static_cast<ptrdiff_t>(y) * patches.y.step + patches.y.first;
    float* at = to;
    size_t tap = begin / line;
    top += static_cast<ptrdiff_t>(tap) * patches.y.gap;
    for (size_t column = begin; column < end; ++tap, top += patches.y.gap) {
      const size_t first = column - tap * line, last = smaller(line, first + (end - column));
      if (top >= 0 && top < static_cast<ptrdiff_t>(patches.y.source)) {
        copy_line(patches, from + static_cast<size_t>(top) * row_floats, left, first, last, at);
      } else {
        zero_floats(at, last - first);
      }
      at += last - first;
      column += last - first;
    }
    if (++x == patches.x.places) {
      x = 0;
      if (++y == patches.y.places) {
        y = 0;
        ++image;
      }
    }
  }
}

}  // namespace needle::fast::NEEDLE_ISA
