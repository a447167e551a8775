// block: ndarray_backend_cpu.cc:ReduceSum
// error: adds to what out holds
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t g = 0; g < out->size; g++) {
    
    for (size_t i = 0; i < reduce_size; i++) out->ptr[g] += a.ptr[g * reduce_size + i];
    
}
