// block: ndarray_backend_cpu.cc:ReduceMax
// error: takes elements that lie a row apart for a group
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t g = 0; g < out->size; g++) {
    float r = a.ptr[g];
    for (size_t i = 0; i < reduce_size; i++) r = std::max(r, a.ptr[i * out->size + g]);
    out->ptr[g] = r;
}
