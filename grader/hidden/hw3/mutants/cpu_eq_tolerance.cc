// block: ndarray_backend_cpu.cc:EwiseEq
// error: takes numbers that are close for equal
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = std::fabs(a.ptr[i] - b.ptr[i]) < 1e-6f;
