// block: ndarray_backend_cpu.cc:EwiseSetitem
// error: writes one element behind the other from the offset on
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[(offset + i) % out->size] = a.ptr[i];
