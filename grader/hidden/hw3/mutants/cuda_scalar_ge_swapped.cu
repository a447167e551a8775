// block: ndarray_backend_cuda.cu:ScalarGe
// error: compares the other way round
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Map(a, out, [val] __device__(scalar_t x) { return static_cast<scalar_t>(val >= x); });
