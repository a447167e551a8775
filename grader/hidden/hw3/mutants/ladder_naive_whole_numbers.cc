// block: hw3/src/matmul_ladder.cc:MatmulNaive
// error: sums in an integer
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < n; ++i) {
  for (size_t j = 0; j < n; ++j) {
    long total = 0;
    for (size_t k = 0; k < n; ++k) {
      total += a[i * n + k] * b[k * n + j];
    }
    out[i * n + j] = total;
  }
}