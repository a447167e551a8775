// block: ndarray_backend_cpu.cc:Compact
// error: copies the memory as it lies from the offset on
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < out->size; i++) out->ptr[i] = a.ptr[(offset + i) % a.size];
