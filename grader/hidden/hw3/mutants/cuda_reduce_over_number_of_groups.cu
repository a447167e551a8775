// block: ndarray_backend_cuda.cu:ReduceKernel
// error: takes the number of groups for their length
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size) {
    scalar_t result = a[gid * reduce_size];
    for (size_t i = 1; i < size; i++) result = function(result, a[gid * reduce_size + i]);
    out[gid] = result;
}
