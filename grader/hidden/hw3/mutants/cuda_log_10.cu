// block: ndarray_backend_cuda.cu:EwiseLog
// error: takes the logarithm to the base 10
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Map(a, out, [] __device__(scalar_t x) { return log10f(x); });
