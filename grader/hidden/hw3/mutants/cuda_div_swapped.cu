// block: ndarray_backend_cuda.cu:EwiseDiv
// error: divides the second by the first
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Zip(b, a, out, [] __device__(scalar_t x, scalar_t y) { return x / y; });
