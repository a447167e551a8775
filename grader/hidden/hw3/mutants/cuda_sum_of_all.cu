// block: ndarray_backend_cuda.cu:ReduceSum
// error: takes the size of a for the length of a group
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Reduce(a, out, a.size, [] __device__(scalar_t x, scalar_t y) { return x + y; });
