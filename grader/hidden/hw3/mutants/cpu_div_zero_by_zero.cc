// block: ndarray_backend_cpu.cc:EwiseDiv
// error: makes 0 of a division by zero
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = b.ptr[i] == 0 ? 0 : a.ptr[i] / b.ptr[i];
