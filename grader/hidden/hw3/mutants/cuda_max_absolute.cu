// block: ndarray_backend_cuda.cu:ReduceMax
// error: compares without the signs
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Reduce(a, out, reduce_size, [] __device__(scalar_t x, scalar_t y) { return fabsf(x) > fabsf(y) ? x : y; });
