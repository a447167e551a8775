// block: ndarray_backend_cpu.cc:Matmul
// error: reads a by columns
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < p; j++) {
        float sum = 0;
        for (size_t k = 0; k < n; k++) sum += a.ptr[(k * m + i) % a.size] * b.ptr[k * p + j];
        out->ptr[i * p + j] = sum;
    }
}
