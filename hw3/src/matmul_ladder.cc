// hw3, the optional problem: four ways to the same product. The second and the third each save one kind of trip that
// numbers make, the fourth both. You fill the solution blocks; `make lib` builds them, and `make test-hw3 K=ladder`
// tests that they are right. `python hw3/apps/ladder.py` measures them on your machine.
//
// All four compute out = a @ b for square row-major matrices (`matmul_ladder.h` says what each argument is) and do the
// same 2 n^3 operations. They differ in how often a number travels: from memory to the caches, and from there to a
// register, where alone arithmetic is done. Write them for one thread. The compiler turns an inner loop over
// neighbouring elements into vector instructions where it can; `Vector` in the header makes sure of it. Helpers around
// the blocks are welcome.

#include "matmul_ladder.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "not_implemented.h"

/// Rung 1: each element of out by itself, the sum of n products.
///
/// Every product loads both of its factors, n^3 numbers of a and n^3 of b, the latter far apart.
void MatmulNaive(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ out, size_t n) {
  /// BEGIN SOLUTION
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      float total = 0.0f;
      for (size_t k = 0; k < n; ++k) {
        total += a[i * n + k] * b[k * n + j];
      }
      out[i * n + j] = total;
    }
  }
  /// END SOLUTION
}

/// Rung 2: a tile of v1 rows and v2 columns of out at a time, whose sums stay in registers until they are complete.
///
/// A number of a that is loaded serves v2 sums, and one of b serves v1: n^3/v2 + n^3/v1 loads. The larger the tile the
/// fewer, as long as its sums fit in the registers (kRegisters vectors of kLanes numbers) with some to spare.
void MatmulRegisterTiled(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ out, size_t n) {
  /// BEGIN SOLUTION
  constexpr size_t v1 = kRegisters / 4, vectors = 2, v2 = vectors * kLanes;  // half of the registers hold sums
  for (size_t i = 0; i < n; i += v1) {
    for (size_t j = 0; j < n; j += v2) {
      Vector tile[v1][vectors] = {};
      for (size_t k = 0; k < n; ++k) {
        const Vector* across = reinterpret_cast<const Vector*>(b + k * n + j);
        for (size_t y = 0; y < v1; ++y) {
          for (size_t x = 0; x < vectors; ++x) {
            tile[y][x] += a[(i + y) * n + k] * across[x];
          }
        }
      }
      for (size_t y = 0; y < v1; ++y) {
        Vector* to = reinterpret_cast<Vector*>(out + (i + y) * n + j);
        for (size_t x = 0; x < vectors; ++x) {
          to[x] = tile[y][x];
        }
      }
    }
  }
  /// END SOLUTION
}

/// Rung 3: a block of b1 rows and b2 columns of out at a time, which stays in the cache, with the b1 rows of a beside
/// it.
///
/// a is read from memory once, and b once for each block of rows: n^2 + n^3/b1 loads from memory. Within a block the
/// loops are plain ones; their order decides whether the innermost runs over neighbouring elements.
void MatmulCacheTiled(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ out, size_t n) {
  /// BEGIN SOLUTION
  constexpr size_t b1 = 64, b2 = 128;  // of out, 32 KiB
  std::fill_n(out, n * n, 0.0f);
  for (size_t top = 0; top < n; top += b1) {
    for (size_t left = 0; left < n; left += b2) {
      for (size_t k = 0; k < n; ++k) {
        const float* across = b + k * n + left;
        for (size_t i = top; i < top + b1; ++i) {
          const float factor = a[i * n + k];
          float* to = out + i * n + left;
          for (size_t x = 0; x < b2; ++x) {
            to[x] += factor * across[x];
          }
        }
      }
    }
  }
  /// END SOLUTION
}

/// Rung 4: register tiles within blocks that fit in the cache, on copies of a and b that are packed: rearranged, block
/// by block, so that the innermost loop reads both from end to end.
///
/// Neighbours in a column of a or b are n numbers apart, each on a page of memory of its own if n is large; in a packed
/// block they lie together. The copies cost n^2 each, or a little more, and every number of them is used many times.
void MatmulPacked(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ out, size_t n) {
  /// BEGIN SOLUTION
  constexpr size_t v1 = kRegisters / 4, vectors = 2, v2 = vectors * kLanes;
  constexpr size_t most_deep = 256, high = 64;
  std::vector<float> strips_of_a(high * most_deep), strips_of_b(n * most_deep);
  std::fill_n(out, n * n, 0.0f);
  for (size_t first = 0; first < n; first += most_deep) {
    const size_t deep = std::min(most_deep, n - first);
    float* packed = strips_of_b.data();  // strip after strip of v2 columns, each row by row
    for (size_t j = 0; j < n; j += v2) {
      for (size_t k = first; k < first + deep; ++k) {
        packed = std::copy_n(b + k * n + j, v2, packed);
      }
    }
    for (size_t top = 0; top < n; top += high) {
      packed = strips_of_a.data();  // strip after strip of v1 rows, each column by column
      for (size_t i = top; i < top + high; i += v1) {
        for (size_t k = first; k < first + deep; ++k) {
          for (size_t y = 0; y < v1; ++y) {
            *packed++ = a[(i + y) * n + k];
          }
        }
      }
      for (size_t j = 0; j < n; j += v2) {
        for (size_t i = 0; i < high; i += v1) {
          const float* down = strips_of_a.data() + i * deep;
          const Vector* across = reinterpret_cast<const Vector*>(strips_of_b.data() + j * deep);
          Vector tile[v1][vectors] = {};
          for (size_t k = 0; k < deep; ++k) {
            for (size_t y = 0; y < v1; ++y) {
              for (size_t x = 0; x < vectors; ++x) {
                tile[y][x] += down[k * v1 + y] * across[k * vectors + x];
              }
            }
          }
          for (size_t y = 0; y < v1; ++y) {
            Vector* to = reinterpret_cast<Vector*>(out + (top + i + y) * n + j);
            for (size_t x = 0; x < vectors; ++x) {
              to[x] += tile[y][x];
            }
          }
        }
      }
    }
  }
  /// END SOLUTION
}
