// block: ndarray_backend_cuda.cu:ScalarPower
// error: raises the number to the power of the elements
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Map(a, out, [val] __device__(scalar_t x) { return powf(val, x); });
