// block: ndarray_backend_cpu.cc:ReduceMax
// error: keeps the largest as an integer
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t g = 0; g < out->size; g++) {
    int r = a.ptr[g * reduce_size];
    for (size_t i = 0; i < reduce_size; i++) if (a.ptr[g * reduce_size + i] > r) r = a.ptr[g * reduce_size + i];
    out->ptr[g] = r;
}
