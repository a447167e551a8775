// block: ndarray_backend_cuda.cu:ScalarEq
// error: keeps the number in an int
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int value = val;
Map(a, out, [value] __device__(scalar_t x) { return static_cast<scalar_t>(x == value); });
