// block: ndarray_backend_cpu.cc:ReduceMax
// error: compares neighbours instead of the largest so far
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t g = 0; g < out->size; g++) {
    float r = a.ptr[g * reduce_size];
    for (size_t i = 1; i < reduce_size; i++) if (a.ptr[g * reduce_size + i] > a.ptr[g * reduce_size + i - 1]) r = a.ptr[g * reduce_size + i];
    out->ptr[g] = r;
}
