// block: ndarray_backend_cpu.cc:EwiseExp
// error: takes powers of 2
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = std::exp2(a.ptr[i]);
