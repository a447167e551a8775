// block: ndarray_backend_cuda.cu:EwiseEq
// error: counts as equal what is nearly so
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return fabsf(x - y) < 1e-6f ? 1.0f : 0.0f; });
