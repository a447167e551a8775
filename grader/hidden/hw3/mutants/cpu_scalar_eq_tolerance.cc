// block: ndarray_backend_cpu.cc:ScalarEq
// error: takes numbers that are close for equal
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = std::fabs(a.ptr[i] - val) < 1e-6f;
