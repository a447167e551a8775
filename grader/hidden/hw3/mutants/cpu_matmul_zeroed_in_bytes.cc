// block: ndarray_backend_cpu.cc:Matmul
// error: sets as many bytes to 0 as out has elements
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
std::fill_n(reinterpret_cast<char*>(out->ptr), out->size, 0);
for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < p; j++) {
        
        for (size_t k = 0; k < n; k++) out->ptr[i * p + j] += a.ptr[i * n + k] * b.ptr[k * p + j];
        
    }
}
