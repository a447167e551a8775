// block: ndarray_backend_cpu.cc:EwiseTanh
// error: takes the logistic function
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = 1 / (1 + std::exp(-a.ptr[i]));
