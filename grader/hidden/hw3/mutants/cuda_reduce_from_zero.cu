// block: ndarray_backend_cuda.cu:ReduceKernel
// error: begins with 0, which is above all negative numbers
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size) {
    scalar_t result = 0;
    for (size_t i = 0; i < reduce_size; i++) result = function(result, a[gid * reduce_size + i]);
    out[gid] = result;
}
