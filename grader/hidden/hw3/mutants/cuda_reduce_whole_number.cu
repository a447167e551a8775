// block: ndarray_backend_cuda.cu:ReduceKernel
// error: keeps the result in an int
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size) {
    int result = a[gid * reduce_size];
    for (size_t i = 1; i < reduce_size; i++) result = function(result, a[gid * reduce_size + i]);
    out[gid] = result;
}
