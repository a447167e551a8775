// block: ndarray_backend_cuda.cu:EwiseMul
// error: passes the first array twice
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Zip(a, a, out, [] __device__(scalar_t x, scalar_t y) { return x * y; });
