// block: ndarray_backend_cpu.cc:ScalarPower
// error: drops the sign of the base
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = std::pow(std::fabs(a.ptr[i]), val);
