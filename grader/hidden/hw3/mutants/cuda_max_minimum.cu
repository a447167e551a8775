// block: ndarray_backend_cuda.cu:ReduceMax
// error: keeps the smaller
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Reduce(a, out, reduce_size, [] __device__(scalar_t x, scalar_t y) { return x < y ? x : y; });
