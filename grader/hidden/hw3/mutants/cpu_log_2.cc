// block: ndarray_backend_cpu.cc:EwiseLog
// error: takes the logarithm to base 2
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = std::log2(a.ptr[i]);
