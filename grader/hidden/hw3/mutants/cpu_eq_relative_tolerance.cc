// block: ndarray_backend_cpu.cc:EwiseEq
// error: takes neighbouring numbers for equal
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = std::fabs(a.ptr[i] - b.ptr[i]) <= 2e-7f * std::fabs(a.ptr[i]);
