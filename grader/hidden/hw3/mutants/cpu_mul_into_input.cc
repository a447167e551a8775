// block: ndarray_backend_cpu.cc:EwiseMul
// error: copies a to out first, which may be b
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
std::copy_n(a.ptr, a.size, out->ptr);
for (size_t i = 0; i < a.size; i++) out->ptr[i] *= b.ptr[i];
