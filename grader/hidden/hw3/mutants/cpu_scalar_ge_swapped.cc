// block: ndarray_backend_cpu.cc:ScalarGe
// error: compares the number with the elements
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = val >= a.ptr[i];
