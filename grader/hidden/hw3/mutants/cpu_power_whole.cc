// block: ndarray_backend_cpu.cc:ScalarPower
// error: takes the exponent for an integer
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = std::pow(a.ptr[i], static_cast<int>(val));
