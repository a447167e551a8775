// block: hw3/src/matmul_ladder.cc:MatmulCacheTiled
// error: adds to what out holds, whose content is unknown
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
constexpr size_t b1 = 64, b2 = 128;  // of out, 32 KiB
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