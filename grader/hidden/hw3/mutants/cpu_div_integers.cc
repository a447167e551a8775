// block: ndarray_backend_cpu.cc:EwiseDiv
// error: divides integers
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = static_cast<int>(a.ptr[i]) / std::max(1, static_cast<int>(b.ptr[i]));
