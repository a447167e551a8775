// block: ndarray_backend_cuda.cu:ReduceSum
// error: adds in int
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Reduce(a, out, reduce_size, [] __device__(int x, int y) { return x + y; });
