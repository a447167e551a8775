// block: hw3/src/matmul_ladder.cc:MatmulNaive
// error: multiplies with the transpose of b
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < n; ++i) {
  for (size_t j = 0; j < n; ++j) {
    float total = 0.0f;
    for (size_t k = 0; k < n; ++k) {
      total += a[i * n + k] * b[j * n + k];
    }
    out[i * n + j] = total;
  }
}