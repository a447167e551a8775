// block: ndarray_backend_cuda.cu:ReduceKernel
// error: takes the first element of the next group as well
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size) {
    scalar_t result = a[gid * reduce_size];
    for (size_t i = 1; i <= reduce_size; i++) result = function(result, a[gid * reduce_size + i]);
    out[gid] = result;
}
