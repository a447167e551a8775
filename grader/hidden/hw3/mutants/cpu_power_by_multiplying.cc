// block: ndarray_backend_cpu.cc:ScalarPower
// error: multiplies as often as the exponent says
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) {
    scalar_t result = 1;
    for (int j = 0; j < val; j++) result *= a.ptr[i];
    out->ptr[i] = result;
}
