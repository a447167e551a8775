// block: ndarray_backend_cpu.cc:ScalarDiv
// error: multiplies by a reciprocal that is an integer
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
const int reciprocal = 1 / val;
for (size_t i = 0; i < a.size; i++) out->ptr[i] = a.ptr[i] * reciprocal;
