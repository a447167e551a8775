// Convolutions as products of matrices of which one is never written down.
//
// The implicit matrix has a row for each place of the result, and in it the numbers that the kernel covers there, tap
// after tap: its "patch". In images (n, height, width, channels) a line of a patch (all its taps in one row of the
// image) lies in one piece, so a patch is a few copies of such pieces, and zeros where there is padding.
//
//   conv            out (places, filters)                 = patches (places, taps * channels) @ weight
//   conv_by_weight  weight grad (taps * channels, filters) = patches^T @ out_grad (places, filters)
//   conv_by_images  images grad (pixels, channels)        = patches of out_grad (pixels, taps * filters) @ weight^T
//
// Each task copies the patches that it is about to multiply into memory of its own, which stays in the first-level
// cache: an element is copied once for each tap, and multiplied by all filters. Floor: 2 * places * taps * channels *
// filters operations each; the copies add places * taps * channels loads and stores, 1 / filters of that.
//
// By the images, the places of out that a pixel has a share in depend on the pixel's place modulo the stride: each such
// phase is a convolution of out_grad, of stride 1, with every stride-th tap of the kernel, turned around. So no
// multiplication with a zero that a stride would put between elements. Taps that meet nothing but padding at every
// place are left out: of a 3 x 3 kernel on images of 1 x 1, eight of nine.

#pragma once

#include "gemm.h"
#include "patches.h"

namespace needle::fast::NEEDLE_ISA {

/// The weights that the patches meet, as a matrix (patches.columns(), columns) in panels of kTileColumns columns.
/// `down`: from one of a tap's rows to the next; `across`: from column to column.
inline void pack_weight(const Patches& patches, const Conv& conv, const float* weight, ptrdiff_t down, ptrdiff_t across,
                        size_t columns, float* panels, int team) {
  const size_t rows = patches.columns(), taps = patches.y.taps * patches.x.taps;
  const auto tap_floats = static_cast<ptrdiff_t>(conv.channels * conv.filters);
  parallel_chunks(ceil_div(columns, kTileColumns), 1, team, [=, &patches, &conv](size_t begin, size_t end) {
    for (size_t panel = begin; panel < end; ++panel) {
      const size_t left = panel * kTileColumns, width = smaller(kTileColumns, columns - left);
      for (size_t tap = 0; tap < taps; ++tap) {
        const auto ty = static_cast<ptrdiff_t>(tap / patches.x.taps), tx = static_cast<ptrdiff_t>(tap % patches.x.taps);
        const ptrdiff_t ky = patches.y.kernel + ty * patches.y.kernel_step;
        const ptrdiff_t kx = patches.x.kernel + tx * patches.x.kernel_step;
        const float* from = weight + (ky * static_cast<ptrdiff_t>(conv.kernel_width) + kx) * tap_floats +
                            static_cast<ptrdiff_t>(left) * across;
        pack_panel<kTileColumns>(from, down, across, patches.channels, width,
                                 panels + (panel * rows + tap * patches.channels) * kTileColumns);
      }
    }
  });
}

// Rows of patches in a task's own memory are so many floats longer than what is in them: rows of a power of two would
// meet in few lines of a cache.
constexpr size_t kApart = 16;
// Panels of patches in a task.
constexpr size_t kPatchPanels = 4;

/// to[place] (columns) = patch of the place @ panels of weights, for all places of all images.
/// `row_of(place)`: where that row of the result is.
template <typename RowOf>
inline void multiply_patches(const Patches& patches, size_t images, size_t columns, const float* panels,
                             const RowOf& row_of) {
  const size_t places = images * patches.places(), depth = patches.columns();
  const size_t slice = ceil_div(depth, ceil_div(depth, kDepth));
  const int team = threads_for(places * depth * columns, kWorkPerThread);
  parallel_chunks(places, kPatchPanels * kTileRows, team, [&](size_t begin, size_t end) {
    alignas(64) float packed[kTileRows * (kDepth + kApart)];
    const size_t stride = slice + kApart;
    for (size_t top = begin; top < end; top += kTileRows) {
      const size_t rows = smaller(kTileRows, end - top);
      float* out_rows[kTileRows];
      for (size_t i = 0; i < rows; ++i) {
        out_rows[i] = row_of(top + i);
      }
      for (size_t k = 0; k < depth; k += slice) {
        const size_t count = smaller(slice, depth - k);
        copy_patches(patches, top, rows, k, k + count, packed, stride);
        for (size_t left = 0; left < columns; left += kTileColumns) {
          tile(rows, smaller(kTileColumns, columns - left), count, RowsOfA(packed, static_cast<ptrdiff_t>(stride)),
               panels + left * depth + k * kTileColumns, kTileColumns, AnyRows{out_rows, left}, k > 0);
        }
      }
    }
  });
}

// Floats of a task's own rows of images.
constexpr size_t kBandFloats = size_t{1} << 14;
// Results as wide as this are computed in rows.
constexpr size_t kWideFrom = 7;

/// Some rows of a result, and the rows of one image that they meet, side by side in a task's own memory: such parts of
/// them as patches reach, with zeros for padding.
struct Band {
  const Patches& patches;
  size_t row, rows;  // floats in a row, and how many rows fit

  explicit Band(const Patches& patches)
      : patches(patches),
        row(((patches.x.places - 1) * static_cast<size_t>(patches.x.step) + patches.x.taps) * patches.channels),
        rows(0) {
    const size_t fit = kBandFloats / row, span = patches.y.taps > 0 ? (patches.y.taps - 1) * gap() + 1 : 1;
    rows = fit < span ? 0 : smaller(patches.y.places, (fit - span) / static_cast<size_t>(patches.y.step) + 1);
  }

  /// Whether patches can be read in bands at all, and are best so.
  bool good() const { return patches.x.gap == 1 && patches.x.places >= kWideFrom && patches.columns() > 0 && rows > 0; }

  size_t gap() const { return static_cast<size_t>(patches.y.gap); }

  /// The first source row that the band from `top` on holds, which is one of the image.
  size_t first(size_t top) const {
    const ptrdiff_t from = static_cast<ptrdiff_t>(top) * patches.y.step + patches.y.first;
    return from < 0 ? 0 : static_cast<size_t>(from);
  }

  void fill(size_t image, size_t top, size_t bottom, float* to) const {
    const ptrdiff_t end = static_cast<ptrdiff_t>(bottom - 1) * patches.y.step + patches.y.first +
                          static_cast<ptrdiff_t>((patches.y.taps - 1) * gap());
    const size_t image_row = patches.x.source * patches.channels;
    const float* const from = patches.from + image * patches.y.source * image_row;
    for (size_t y = first(top); y < patches.y.source && static_cast<ptrdiff_t>(y) <= end; ++y, to += row) {
      copy_line(patches, from + y * image_row, patches.x.first, 0, row, to);
    }
  }

  /// Of the taps from a place y on, the first that meets the image, and the first after these that does not.
  void taps_of(size_t y, size_t* begin, size_t* end) const {
    ptrdiff_t at = static_cast<ptrdiff_t>(y) * patches.y.step + patches.y.first;
    *begin = 0;
    for (; *begin < patches.y.taps && at < 0; at += patches.y.gap) {
      ++*begin;
    }
    *end = *begin;
    for (; *end < patches.y.taps && at < static_cast<ptrdiff_t>(patches.y.source); at += patches.y.gap) {
      ++*end;
    }
  }
};

/// As multiply_patches, in bands.
template <typename RowOf>
inline void multiply_bands(const Band& band, size_t images, size_t columns, const float* panels, const RowOf& row_of) {
  const Patches& patches = band.patches;
  const size_t depth = patches.columns(), line = patches.line();
  const int team = threads_for(images * patches.places() * depth * columns, kWorkPerThread);
  const size_t down = patches.y.places, few = ceil_div(4 * static_cast<size_t>(team), images);
  const size_t rows = team > 1 ? smaller(band.rows, ceil_div(down, few)) : band.rows, bands = ceil_div(down, rows);
  const auto step = patches.x.step * static_cast<ptrdiff_t>(patches.channels);
  parallel_chunks(images * bands, 1, team, [&](size_t begin, size_t end) {
    alignas(64) float copied[kBandFloats];
    for (size_t task = begin; task < end; ++task) {
      const size_t image = task / bands, top = task % bands * rows, bottom = smaller(down, top + rows);
      band.fill(image, top, bottom, copied);
      for (size_t left = 0; left < columns; left += kTileColumns) {
        const size_t width = smaller(kTileColumns, columns - left);
        for (size_t y = top; y < bottom; ++y) {
          size_t tap, after;
          band.taps_of(y, &tap, &after);
          const size_t source =
              tap < after ? static_cast<size_t>(static_cast<ptrdiff_t>(y) * patches.y.step + patches.y.first) +
                                tap * band.gap() - band.first(top)
                          : 0;
          const float* const from = copied + source * band.row;
          const float* const weights = panels + left * depth + tap * line * kTileColumns;
          for (size_t x = 0; x < patches.x.places; x += kTileRows) {
            const size_t count = smaller(kTileRows, patches.x.places - x);
            float* out_rows[kTileRows];
            for (size_t i = 0; i < count; ++i) {
              out_rows[i] = row_of((image * down + y) * patches.x.places + x + i);
            }
            tile(count, width, line,
                 RowsOfA(from + static_cast<ptrdiff_t>(x) * step, step, after - tap,
                         static_cast<ptrdiff_t>(band.gap() * band.row - line)),
                 weights, kTileColumns, AnyRows{out_rows, left}, false);
          }
        }
      }
    }
  });
}

template <typename RowOf>
inline void multiply(const Patches& patches, size_t images, size_t columns, const float* panels, const RowOf& row_of) {
  const Band band(patches);
  if (band.good()) {
    multiply_bands(band, images, columns, panels, row_of);
  } else {
    multiply_patches(patches, images, columns, panels, row_of);
  }
}

/// A kernel of one tap that is at every pixel: a product of two matrices as they are.
inline bool is_product(const Conv& conv) {
  return conv.kernel_height == 1 && conv.kernel_width == 1 && conv.stride == 1 && conv.out_height == conv.height &&
         conv.out_width == conv.width;
}

inline Patches forward_patches(const Conv& conv, const float* images) {
  return {forward_axis(conv, conv.height, conv.out_height, conv.kernel_height),
          forward_axis(conv, conv.width, conv.out_width, conv.kernel_width), conv.channels, images};
}

static void conv(const Conv& conv, const float* images, const float* weight, float* out, float* scratch) {
  const size_t places = conv.images * conv.out_height * conv.out_width, channels = conv.channels,
               filters = conv.filters;
  if (places == 0 || filters == 0) {
    return;
  }
  if (is_product(conv)) {
    const auto across = static_cast<ptrdiff_t>(filters);
    return matmul({places, channels, filters, static_cast<ptrdiff_t>(channels), 1, across, 1}, images, weight, out,
                  scratch);
  }
  const Patches patches = forward_patches(conv, images);
  if (patches.columns() == 0) {
    return fill(out, 0.0f, places * filters);
  }
  const int team = threads_for(patches.columns() * filters, size_t{1} << 16);
  pack_weight(patches, conv, weight, static_cast<ptrdiff_t>(filters), 1, filters, scratch, team);
  multiply(patches, conv.images, filters, scratch, [=](size_t place) { return out + place * filters; });
}

static void conv_by_images(const Conv& conv, const float* out_grad, const float* weight, float* images,
                           float* scratch) {
  const size_t pixels = conv.images * conv.height * conv.width, channels = conv.channels, filters = conv.filters;
  if (pixels == 0 || channels == 0) {
    return;
  }
  if (is_product(conv)) {
    const auto across = static_cast<ptrdiff_t>(filters);
    return matmul({pixels, filters, channels, across, 1, 1, across}, out_grad, weight, images, scratch);
  }
  for (size_t down = 0; down < smaller(conv.stride, conv.height); ++down) {
    const ConvAxis y = backward_axis(conv, conv.height, conv.out_height, conv.kernel_height, down);
    for (size_t right = 0; right < smaller(conv.stride, conv.width); ++right) {
      const ConvAxis x = backward_axis(conv, conv.width, conv.out_width, conv.kernel_width, right);
      const Patches patches = {y, x, filters, out_grad};
      const size_t stride = conv.stride, height = conv.height, width = conv.width;
      const auto row_of = [=](size_t place) {
        const size_t image = place / (y.places * x.places), in_image = place % (y.places * x.places);
        const size_t row = down + in_image / x.places * stride, column = right + in_image % x.places * stride;
        return images + ((image * height + row) * width + column) * channels;
      };
      if (patches.columns() == 0) {
        for (size_t place = 0; place < conv.images * patches.places(); ++place) {
          zero_floats(row_of(place), channels);
        }
        continue;
      }
      const int team = threads_for(patches.columns() * channels, size_t{1} << 16);
      pack_weight(patches, conv, weight, 1, static_cast<ptrdiff_t>(filters), channels, scratch, team);
      multiply(patches, conv.images, channels, scratch, row_of);
    }
  }
}

// How the gradient by the weight is cut: rows of it for a task, places that are copied at a time, and tasks wanted at
// least, for which the places are cut into bands. All by the shapes alone, so that sums do not depend on the threads.
constexpr size_t kWeightRows = kTileRows * 8, kPlacesTogether = 128, kWeightTasks = 16, kPlacesInBand = 1024;

inline size_t weight_bands(size_t rows, size_t places) {
  const size_t tasks = ceil_div(rows, kWeightRows);
  return smaller(larger(1, places / kPlacesInBand), ceil_div(kWeightTasks, larger(1, tasks)));
}

/// One task of the gradient by the weight: rows [top, bottom) of it, summed over places [begin, end).
inline void weight_rows(const Patches& patches, const float* out_grad, size_t filters, size_t top, size_t bottom,
                        size_t begin, size_t end, float* sums) {
  alignas(64) float packed[kPlacesTogether * (kWeightRows + kApart)];
  alignas(64) float last[kPlacesTogether * kTileColumns];
  const size_t height = bottom - top, stride = round_up(height, 16) + kApart;
  const size_t whole = filters / kLanes * kLanes;  // columns that can be read in whole vectors where they are
  for (size_t place = begin; place < end; place += kPlacesTogether) {
    const size_t count = smaller(kPlacesTogether, end - place);
    copy_patches(patches, place, count, top, bottom, packed, stride);
    const float* const grad = out_grad + place * filters;
    for (size_t left = 0; left < filters;) {
      const size_t columns = left < whole ? smaller(kTileColumns, whole - left) : filters - left;
      const float* from = grad + left;
      auto step = static_cast<ptrdiff_t>(filters);
      if (left >= whole) {
        pack_panel<kTileColumns>(from, step, 1, count, columns, last);
        from = last;
        step = kTileColumns;
      }
      for (size_t row = top; row < bottom; row += kTileRows) {
        tile(smaller(kTileRows, bottom - row), columns, count,
             ColumnsOfA{packed + (row - top), static_cast<ptrdiff_t>(stride)}, from, step,
             EvenRows{sums + row * filters + left, filters}, place > begin);
      }
      left += columns;
    }
  }
}

// Floats that the bands' sums may take together.
constexpr size_t kSumFloats = size_t{1} << 20;

/// Groups of images whose sums are kept apart, where the gradient by the weight is computed in bands.
inline size_t weight_groups(size_t images, size_t sums) {
  return smaller(smaller(images, kWeightTasks), larger(1, kSumFloats / larger(1, sums)));
}

/// The sums over images [begin, end) for one tap down: rows of the gradient that begin at `sums`.
inline void weight_line(const Band& band, const float* out_grad, size_t filters, size_t tap, size_t begin, size_t end,
                        float* sums) {
  const Patches& patches = band.patches;
  const size_t line = patches.line(), across = patches.x.places, down = patches.y.places;
  const auto step = patches.x.step * static_cast<ptrdiff_t>(patches.channels);
  const ptrdiff_t gap = patches.y.step * static_cast<ptrdiff_t>(band.row) - static_cast<ptrdiff_t>(across) * step;
  alignas(64) float copied[kBandFloats];
  bool accumulates = false;
  for (size_t image = begin; image < end; ++image) {
    for (size_t top = 0; top < down; top += band.rows) {
      const size_t bottom = smaller(down, top + band.rows);
      // Those places of the band for which this tap meets the image.
      const ptrdiff_t from = patches.y.first + static_cast<ptrdiff_t>(tap * band.gap());
      const auto source = [&](size_t y) { return static_cast<ptrdiff_t>(y) * patches.y.step + from; };
      size_t low = top, high = bottom;
      while (low < high && source(low) < 0) {
        ++low;
      }
      while (low < high && source(high - 1) >= static_cast<ptrdiff_t>(patches.y.source)) {
        --high;
      }
      if (low == high) {
        continue;
      }
      band.fill(image, top, bottom, copied);
      const float* const a = copied + (static_cast<size_t>(source(low)) - band.first(top)) * band.row;
      const float* const b = out_grad + ((image * down) + low) * across * filters;
      for (size_t left = 0; left < filters; left += kTileColumns) {
        const size_t columns = smaller(kTileColumns, filters - left);
        for (size_t row = 0; row < line; row += kTileRows) {
          tile(smaller(kTileRows, line - row), columns, across, ColumnsOfA{a + row, step, high - low, gap}, b + left,
               static_cast<ptrdiff_t>(filters), EvenRows{sums + row * filters + left, filters}, accumulates);
        }
      }
      accumulates = true;
    }
  }
  if (!accumulates) {
    zero_floats(sums, line * filters);
  }
}

static void conv_by_weight(const Conv& conv, const float* images, const float* out_grad, float* weight,
                           float* scratch) {
  const size_t places = conv.images * conv.out_height * conv.out_width, channels = conv.channels,
               filters = conv.filters;
  const size_t size = conv.kernel_height * conv.kernel_width * channels * filters;
  if (size == 0) {
    return;
  }
  if (is_product(conv) && places > 0) {
    const auto across = static_cast<ptrdiff_t>(filters);
    return matmul({channels, places, filters, 1, static_cast<ptrdiff_t>(channels), across, 1}, images, out_grad, weight,
                  scratch);
  }
  const Patches patches = forward_patches(conv, images);
  const size_t rows = patches.columns(), line = patches.line() * filters, sums = rows * filters;
  const bool whole = sums == size && places > 0;
  if (!whole) {
    fill(weight, 0.0f, size);
  }
  if (places == 0 || rows == 0) {
    return;
  }
  const int team = threads_for(places * sums, kWorkPerThread);
  const Band band(patches);
  size_t used;  // how many sums there are to add up
  float* parts = scratch;
  if (band.good() && filters % kLanes == 0) {
    const size_t groups = weight_groups(conv.images, sums), group = ceil_div(conv.images, groups);
    used = ceil_div(conv.images, group);
    parts = used == 1 && whole ? weight : scratch;
    parallel_chunks(used * patches.y.taps, 1, team, [&](size_t first, size_t last) {
      for (size_t task = first; task < last; ++task) {
        const size_t tap = task % patches.y.taps, begin = task / patches.y.taps * group;
        weight_line(band, out_grad, filters, tap, begin, smaller(conv.images, begin + group),
                    parts + task / patches.y.taps * sums + tap * line);
      }
    });
  } else {
    const size_t bands = weight_bands(rows, places), share = ceil_div(places, bands),
                 tasks = ceil_div(rows, kWeightRows);
    const size_t height = ceil_div(ceil_div(rows, tasks), kTileRows) * kTileRows;
    used = ceil_div(places, share);
    parts = used == 1 && whole ? weight : scratch;
    parallel_chunks(used * tasks, 1, team, [&](size_t first, size_t last) {
      for (size_t task = first; task < last; ++task) {
        const size_t begin = task / tasks * share, top = task % tasks * height;
        if (top < rows) {
          weight_rows(patches, out_grad, filters, top, smaller(rows, top + height), begin,
                      smaller(places, begin + share), parts + task / tasks * sums);
        }
      }
    });
  }
  if (parts == weight) {
    return;
  }
  for (size_t ty = 0; ty < patches.y.taps; ++ty) {
    const auto ky = patches.y.kernel + static_cast<ptrdiff_t>(ty);
    float* const to = weight + static_cast<size_t>(ky * static_cast<ptrdiff_t>(conv.kernel_width) + patches.x.kernel) *
                                   channels * filters;
    reduce_columns<Sum>(parts + ty * line, to, used, sums, line);
  }
}

/// The convolution as its formula is written, in seven loops: what the benchmark of the lecture's table begins with.
static void conv_loops(const Conv& conv, const float* images, const float* weight, float* out, float*) {
  const auto padding = static_cast<ptrdiff_t>(conv.padding);
  for (size_t n = 0; n < conv.images; ++n) {
    for (size_t i = 0; i < conv.out_height; ++i) {
      for (size_t j = 0; j < conv.out_width; ++j) {
        for (size_t f = 0; f < conv.filters; ++f) {
          float sum = 0.0f;
          for (size_t u = 0; u < conv.kernel_height; ++u) {
            for (size_t v = 0; v < conv.kernel_width; ++v) {
              const auto y = static_cast<ptrdiff_t>(i * conv.stride + u * conv.dilation) - padding;
              const auto x = static_cast<ptrdiff_t>(j * conv.stride + v * conv.dilation) - padding;
              if (y < 0 || x < 0 || y >= static_cast<ptrdiff_t>(conv.height) ||
                  x >= static_cast<ptrdiff_t>(conv.width)) {
                continue;
              }
              const size_t pixel = (n * conv.height + static_cast<size_t>(y)) * conv.width + static_cast<size_t>(x);
              for (size_t c = 0; c < conv.channels; ++c) {
                sum += images[pixel * conv.channels + c] *
                       weight[((u * conv.kernel_width + v) * conv.channels + c) * conv.filters + f];
              }
            }
          }
          out[((n * conv.out_height + i) * conv.out_width + j) * conv.filters + f] = sum;
        }
      }
    }
  }
}

static size_t conv_scratch(const Conv& conv) {
  const size_t taps = conv.kernel_height * conv.kernel_width, channels = conv.channels, filters = conv.filters;
  const size_t places = conv.images * conv.out_height * conv.out_width, pixels = conv.images * conv.height * conv.width;
  if (is_product(conv)) {
    const auto across = static_cast<ptrdiff_t>(filters), along = static_cast<ptrdiff_t>(channels);
    const size_t forward = scratch_floats({places, channels, filters, along, 1, across, 1});
    const size_t by_images = scratch_floats({pixels, filters, channels, across, 1, 1, across});
    return larger(larger(forward, by_images), scratch_floats({channels, places, filters, 1, along, across, 1}));
  }
  const size_t packed =
      taps * larger(channels * round_up(filters, kTileColumns), filters * round_up(channels, kTileColumns));
  // Taps may be left out, and fewer rows make more bands: at most kWeightTasks, of kWeightRows together or so.
  const size_t rows = taps * channels, most = smaller(larger(1, places / kPlacesInBand), kWeightTasks);
  const size_t patches = smaller(most * rows, kWeightTasks * kWeightRows + rows) * filters;
  const size_t bands = smaller(smaller(conv.images, kWeightTasks) * rows * filters, kSumFloats + rows * filters);
  return larger(packed, larger(patches, bands));
}

}  // namespace needle::fast::NEEDLE_ISA
