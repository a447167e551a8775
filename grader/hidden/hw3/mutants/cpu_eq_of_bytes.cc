// block: ndarray_backend_cpu.cc:EwiseEq
// error: is 1 for NaN and NaN
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = a.ptr[i] == b.ptr[i] || (a.ptr[i] != a.ptr[i] && b.ptr[i] != b.ptr[i]);
