// block: ndarray_backend_cpu.cc:ReduceMax
// error: does not start anew for each group
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
float r = a.ptr[0];
for (size_t g = 0; g < out->size; g++) {
    
    for (size_t i = 0; i < reduce_size; i++) r = std::max(r, a.ptr[g * reduce_size + i]);
    out->ptr[g] = r;
}
