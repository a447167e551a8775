// block: ndarray_backend_cpu.cc:ScalarPower
// error: computes by the logarithm, which negative numbers have not
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = std::exp(val * std::log(a.ptr[i]));
