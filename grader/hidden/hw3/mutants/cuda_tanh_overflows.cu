// block: ndarray_backend_cuda.cu:EwiseTanh
// error: divides exponentials that overflow
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Map(a, out, [] __device__(scalar_t x) { return (expf(2 * x) - 1) / (expf(2 * x) + 1); });
