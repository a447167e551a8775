// block: ndarray_backend_cuda.cu:EwiseDiv
// error: gives 0 where the divisor is 0
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return y == 0 ? 0.0f : x / y; });
