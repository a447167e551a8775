// block: ndarray_backend_cpu.cc:EwiseMul
// error: drops what is left after steps of four
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i + 4 <= a.size; i += 4)
    for (size_t j = i; j < i + 4; j++) out->ptr[j] = a.ptr[j] * b.ptr[j];
