// block: hw3/src/matmul_ladder.cc:MatmulRegisterTiled
// error: keeps the sums of the tile before
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
constexpr size_t v1 = kRegisters / 4, vectors = 2, v2 = vectors * kLanes;  // half of the registers hold sums
Vector tile[v1][vectors] = {};
for (size_t i = 0; i < n; i += v1) {
  for (size_t j = 0; j < n; j += v2) {
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