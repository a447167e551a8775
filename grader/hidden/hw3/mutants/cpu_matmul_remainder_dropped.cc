// block: ndarray_backend_cpu.cc:Matmul
// error: goes in steps of a tile, and drops what is left of n
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < p; j++) {
        float sum = 0;
        for (size_t k = 0; k < (n < TILE ? n : n / TILE * TILE); k++) sum += a.ptr[i * n + k] * b.ptr[k * p + j];
        out->ptr[i * p + j] = sum;
    }
}
