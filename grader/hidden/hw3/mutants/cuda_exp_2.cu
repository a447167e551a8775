// block: ndarray_backend_cuda.cu:EwiseExp
// error: takes powers of 2
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Map(a, out, [] __device__(scalar_t x) { return exp2f(x); });
