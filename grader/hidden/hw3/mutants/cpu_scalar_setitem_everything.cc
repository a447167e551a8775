// block: ndarray_backend_cpu.cc:ScalarSetitem
// error: sets all of out
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
std::fill_n(out->ptr, out->size, val);
