// block: hw3/src/matmul_ladder.cc:MatmulPacked
// error: finds a strip by the depth that a full block has
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
constexpr size_t v1 = kRegisters / 4, vectors = 2, v2 = vectors * kLanes;
constexpr size_t most_deep = 256, high = 64;
std::vector<float> strips_of_a(high * most_deep), strips_of_b(n * most_deep * 2);
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
        const Vector* across = reinterpret_cast<const Vector*>(strips_of_b.data() + j * most_deep);
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