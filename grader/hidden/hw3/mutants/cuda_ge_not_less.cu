// block: ndarray_backend_cuda.cu:EwiseGe
// error: gives 1 where one of them is NaN
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Zip(a, b, out, [] __device__(scalar_t x, scalar_t y) { return static_cast<scalar_t>(!(x < y)); });
