// block: ndarray_backend_cpu.cc:EwiseDiv
// error: adds something to the divisor so that it is not 0
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = a.ptr[i] / (b.ptr[i] + 1e-3f);
