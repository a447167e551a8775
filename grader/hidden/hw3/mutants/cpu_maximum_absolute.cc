// block: ndarray_backend_cpu.cc:EwiseMaximum
// error: compares without signs
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = std::fabs(a.ptr[i]) > std::fabs(b.ptr[i]) ? a.ptr[i] : b.ptr[i];
