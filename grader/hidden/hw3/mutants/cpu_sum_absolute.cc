// block: ndarray_backend_cpu.cc:ReduceSum
// error: drops the signs
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t g = 0; g < out->size; g++) {
    float r = 0;
    for (size_t i = 0; i < reduce_size; i++) r += std::fabs(a.ptr[g * reduce_size + i]);
    out->ptr[g] = r;
}
