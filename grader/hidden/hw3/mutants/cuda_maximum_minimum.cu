// block: ndarray_backend_cuda.cu:EwiseMaximum
// error: takes the smaller
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return x > y ? y : x; });
