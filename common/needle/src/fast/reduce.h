// Sums and maxima over the middle axis of a compact array (outer, reduced, inner).
//
// Every sum has many accumulators, so that its error grows with the logarithm of the length or nearly so, and what is
// added to what depends on the shape alone: results are the same for any number of threads.

#pragma once

#include "elementwise.h"
#include "kernels.h"
#include "parallel.h"
#include "strided.h"
#include "transpose.h"

namespace needle::fast::NEEDLE_ISA {

struct Sum {
  static constexpr float kNeutral = 0.0f;
  template <typename T>
  static T join(T x, T y) {
    return x + y;
  }
};

/// NaN if there is one, as np.max.
struct Max {
  static constexpr float kNeutral = -__builtin_inff();
  static float join(float x, float y) { return x > y || x != x ? x : y; }
  template <typename T>
  static T join(T x, T y) {
    return ((x > y) | (x != x)) ? x : y;
  }
};

// A row longer than this is cut into pieces, which are reduced on their own and then joined.
constexpr size_t kPiece = size_t{1} << 15;
constexpr size_t kMostPieces = 512;
// Vectors that are added to at a time.
constexpr size_t kAccumulators = 8;

template <typename Op, typename T>
inline float join_lanes(T acc) {
  constexpr size_t kCount = sizeof(T) / sizeof(float);
  float lanes[kCount];
  __builtin_memcpy(lanes, &acc, sizeof(acc));
  for (size_t half = kCount / 2; half > 0; half /= 2) {
    for (size_t lane = 0; lane < half; ++lane) {
      lanes[lane] = Op::join(lanes[lane], lanes[lane + half]);
    }
  }
  return lanes[0];
}

/// One contiguous piece of at most kPiece elements or so.
template <typename Op>
inline float reduce_piece(const float* a, size_t count) {
  Vec acc[kAccumulators];
  NEEDLE_UNROLL
  for (size_t index = 0; index < kAccumulators; ++index) {
    acc[index] = splat(Op::kNeutral);
  }
  constexpr size_t kStep = kAccumulators * kLanes;
  size_t i = 0;
  for (; i + kStep <= count; i += kStep) {
    NEEDLE_UNROLL
    for (size_t index = 0; index < kAccumulators; ++index) {
      acc[index] = Op::join(acc[index], load(a + i + index * kLanes));
    }
  }
  for (; i + kLanes <= count; i += kLanes) {
    acc[0] = Op::join(acc[0], load(a + i));
  }
  NEEDLE_UNROLL
  for (size_t half = kAccumulators / 2; half > 0; half /= 2) {
    NEEDLE_UNROLL
    for (size_t index = 0; index < half; ++index) {
      acc[index] = Op::join(acc[index], acc[index + half]);
    }
  }
  float result = join_lanes<Op>(acc[0]);
  for (; i < count; ++i) {
    result = Op::join(result, a[i]);
  }
  return result;
}

/// Few long rows: the pieces of a row are shared out among the threads.
template <typename Op>
inline void reduce_long_rows(const float* a, float* out, size_t rows, size_t count) {
  const size_t piece = larger(kPiece, round_up(ceil_div(count, kMostPieces), kLanes * kAccumulators));
  const size_t pieces = ceil_div(count, piece);
  for (size_t row = 0; row < rows; ++row) {
    float parts[kMostPieces];
    const float* from = a + row * count;
    parallel_chunks(pieces, 1, threads_for(count, size_t{1} << 17), [&](size_t begin, size_t end) {
      for (size_t index = begin; index < end; ++index) {
        parts[index] = reduce_piece<Op>(from + index * piece, smaller(piece, count - index * piece));
      }
    });
    out[row] = reduce_piece<Op>(parts, pieces);
  }
}

/// Many short rows: kSide of them side by side, with one accumulator each, whose lanes are joined by a transpose.
template <typename Op>
inline void reduce_short_rows(const float* a, float* out, size_t rows, size_t count) {
  size_t row = 0;
  for (; row + kSide <= rows; row += kSide) {
    const float* from = a + row * count;
    Row acc[kSide];
    NEEDLE_UNROLL
    for (size_t index = 0; index < kSide; ++index) {
      acc[index] = Op::kNeutral - Row{};
    }
    size_t i = 0;
    for (; i + kSide <= count; i += kSide) {
      NEEDLE_UNROLL
      for (size_t index = 0; index < kSide; ++index) {
        acc[index] = Op::join(acc[index], load_row(from + index * count + i));
      }
    }
    transpose(acc);
    NEEDLE_UNROLL
    for (size_t half = kSide / 2; half > 0; half /= 2) {
      NEEDLE_UNROLL
      for (size_t index = 0; index < half; ++index) {
        acc[index] = Op::join(acc[index], acc[index + half]);
      }
    }
    for (; i < count; ++i) {
      Row column;
      NEEDLE_UNROLL
      for (size_t index = 0; index < kSide; ++index) {
        column[index] = from[index * count + i];
      }
      acc[0] = Op::join(acc[0], column);
    }
    store_row(out + row, acc[0]);
  }
  for (; row < rows; ++row) {
    out[row] = reduce_piece<Op>(a + row * count, count);
  }
}

template <typename Op>
inline void reduce_rows(const float* a, float* out, size_t rows, size_t count) {
  if (count > 2 * kPiece) {
    return reduce_long_rows<Op>(a, out, rows, count);
  }
  const size_t chunk = round_up(larger(1, kPiece / larger(1, count)), kSide);
  parallel_chunks(rows, chunk, threads_for(rows * count, size_t{1} << 17), [=](size_t begin, size_t end) {
    if (count < 16 * kLanes) {
      return reduce_short_rows<Op>(a + begin * count, out + begin, end - begin, count);
    }
    for (size_t row = begin; row < end; ++row) {
      out[row] = reduce_piece<Op>(a + row * count, count);
    }
  });
}

// Columns that are reduced together: their accumulators stay in the first-level cache beside what is read.
constexpr size_t kColumns = 2048;
// Rows that one set of accumulators takes.
constexpr size_t kRowsTogether = 256;

// So many vectors of columns have accumulators in registers.
constexpr size_t kNarrow = 8;

/// acc[i] = op over r of a[r * stride + i], for at most kVectors vectors of columns, the last of which overlaps the one
/// before if need be.
template <typename Op, size_t kVectors>
inline void reduce_narrow(const float* a, float* acc, size_t rows, size_t stride, size_t width) {
  if constexpr (kVectors > 1) {
    if (width <= (kVectors - 1) * kLanes) {
      return reduce_narrow<Op, kVectors - 1>(a, acc, rows, stride, width);
    }
  }
  if (width < kLanes) {
    // Rows are loaded with some of what follows them, but for the last ones, which nothing may follow.
    const size_t apart = ceil_div(kLanes - width, stride), safe = rows > apart ? rows - apart : 0;
    Vec sofar = load_part(a + (rows - 1) * stride, width);
    for (size_t r = safe; r + 1 < rows; ++r) {
      sofar = Op::join(sofar, load_part(a + r * stride, width));
    }
    for (size_t r = 0; r < safe; ++r) {
      sofar = Op::join(sofar, load(a + r * stride));
    }
    return store_part(acc, sofar, width);
  }
  const size_t last = width - kLanes;
  Vec sofar[kVectors];
  NEEDLE_UNROLL
  for (size_t v = 0; v < kVectors; ++v) {
    sofar[v] = load(a + (v + 1 < kVectors ? v * kLanes : last));
  }
  for (size_t r = 1; r < rows; ++r) {
    const float* row = a + r * stride;
    NEEDLE_UNROLL
    for (size_t v = 0; v < kVectors; ++v) {
      sofar[v] = Op::join(sofar[v], load(row + (v + 1 < kVectors ? v * kLanes : last)));
    }
  }
  NEEDLE_UNROLL
  for (size_t v = 0; v < kVectors; ++v) {
    store(acc + (v + 1 < kVectors ? v * kLanes : last), sofar[v]);
  }
}

/// The same for any number of columns; at least one row. Rows are read one after the other: several at a time would
/// save most loads of accumulators, but memory is the limit, and processors foresee one stream.
template <typename Op>
inline void reduce_columns(const float* a, float* acc, size_t rows, size_t stride, size_t width) {
  if (width <= kNarrow * kLanes) {
    return reduce_narrow<Op, kNarrow>(a, acc, rows, stride, width);
  }
  const size_t whole = width / kLanes * kLanes, rest = width - whole;
  copy_run(a, acc, width, false);
  for (size_t r = 1; r < rows; ++r) {
    const float* row = a + r * stride;
    NEEDLE_UNROLL_SOME
    for (size_t i = 0; i < whole; i += kLanes) {
      store(acc + i, Op::join(load(acc + i), load(row + i)));
    }
    if (rest > 0) {
      store_part(acc + whole, Op::join(load_part(acc + whole, rest), load_part(row + whole, rest)), rest);
    }
  }
}

/// The same for many rows: sets of accumulators are joined in turn.
template <typename Op>
inline void reduce_tall(const float* a, float* out, size_t rows, size_t stride, size_t width) {
  float acc[kColumns];
  reduce_columns<Op>(a, out, smaller(rows, kRowsTogether), stride, width);
  for (size_t r = kRowsTogether; r < rows; r += kRowsTogether) {
    reduce_columns<Op>(a + r * stride, acc, smaller(rows - r, kRowsTogether), stride, width);
    for (size_t i = 0; i < width; ++i) {
      out[i] = Op::join(out[i], acc[i]);
    }
  }
}

/// One tall array of at most kColumns columns: bands of rows are shared out among the threads.
template <typename Op>
inline bool reduce_bands(const float* a, float* out, size_t rows, size_t width) {
  constexpr size_t kRoom = size_t{1} << 13;
  if (width > kColumns) {
    return false;
  }
  size_t bands = smaller(kRoom / larger(1, width), rows * width / kPiece);
  if (bands < 2) {
    return false;
  }
  float parts[kRoom];
  const size_t band = ceil_div(rows, bands);
  bands = ceil_div(rows, band);  // none is empty
  parallel_chunks(bands, 1, threads_for(rows * width, size_t{1} << 17), [&](size_t begin, size_t end) {
    for (size_t index = begin; index < end; ++index) {
      const size_t first = index * band;
      reduce_tall<Op>(a + first * width, parts + index * width, smaller(band, rows - first), width, width);
    }
  });
  reduce_columns<Op>(parts, out, bands, width, width);
  return true;
}

template <typename Op>
inline void reduce_any(const float* a, float* out, size_t outer, size_t reduced, size_t inner) {
  if (inner == 1) {
    return reduce_rows<Op>(a, out, outer, reduced);
  }
  if (outer == 1 && reduce_bands<Op>(a, out, reduced, inner)) {
    return;
  }
  const size_t blocks = ceil_div(inner, kColumns);
  const size_t chunk = larger(1, kPiece / larger(1, reduced * smaller(inner, kColumns)));
  const int team = threads_for(outer * reduced * inner, size_t{1} << 17);
  parallel_chunks(outer * blocks, chunk, team, [=](size_t begin, size_t end) {
    for (size_t index = begin; index < end; ++index) {
      const size_t row = index / blocks, column = index % blocks * kColumns;
      reduce_tall<Op>(a + row * reduced * inner + column, out + row * inner + column, reduced, inner,
                      smaller(kColumns, inner - column));
    }
  });
}

static void reduce(Reduction op, const float* a, float* out, size_t outer, size_t reduced, size_t inner) {
  if (outer == 0 || inner == 0) {
    return;
  }
  if (reduced == 0) {
    return fill(out, op == Reduction::sum ? Sum::kNeutral : Max::kNeutral, outer * inner);
  }
  if (op == Reduction::sum) {
    reduce_any<Sum>(a, out, outer, reduced, inner);
  } else {
    reduce_any<Max>(a, out, outer, reduced, inner);
  }
}

}  // namespace needle::fast::NEEDLE_ISA
