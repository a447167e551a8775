// block: ndarray_backend_cpu.cc:ScalarSetitem
// error: sets elements one behind the other from the offset on
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < size; i++) out->ptr[(offset + i) % out->size] = val;
