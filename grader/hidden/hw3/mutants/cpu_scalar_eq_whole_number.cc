// block: ndarray_backend_cpu.cc:ScalarEq
// error: keeps the number as an integer
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
const int number = val;
for (size_t i = 0; i < a.size; i++) out->ptr[i] = a.ptr[i] == number;
