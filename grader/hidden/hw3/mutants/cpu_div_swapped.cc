// block: ndarray_backend_cpu.cc:EwiseDiv
// error: divides b by a
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = b.ptr[i] / a.ptr[i];
