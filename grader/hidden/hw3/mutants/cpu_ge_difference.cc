// block: ndarray_backend_cpu.cc:EwiseGe
// error: compares the difference with 0, which infinities have not
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = a.ptr[i] - b.ptr[i] >= 0;
