// block: ndarray_backend_cuda.cu:ScalarPower
// error: takes whole powers only
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int n = val;
Map(a, out, [n] __device__(scalar_t x) { return powf(x, n); });
