// block: ndarray_backend_cuda.cu:ScalarMaximum
// error: takes the larger of the element and 0
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Map(a, out, [] __device__(scalar_t x) { return x > 0 ? x : 0.0f; });
