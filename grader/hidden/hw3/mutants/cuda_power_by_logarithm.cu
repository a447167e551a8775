// block: ndarray_backend_cuda.cu:ScalarPower
// error: has no powers of numbers below zero
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Map(a, out, [val] __device__(scalar_t x) { return expf(val * logf(x)); });
