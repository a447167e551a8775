// block: ndarray_backend_cuda.cu:ScalarMul
// error: keeps the number in an int
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int factor = val;
Map(a, out, [factor] __device__(scalar_t x) { return x * factor; });
