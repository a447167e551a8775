// block: ndarray_backend_cpu.cc:EwiseTanh
// error: overflows far from 0
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) {
    const float e = std::exp(2 * a.ptr[i]);
    out->ptr[i] = (e - 1) / (e + 1);
}
