// block: ndarray_backend_cuda.cu:ReduceKernel
// error: takes every size-th element for a group
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size) {
    scalar_t result = a[gid];
    for (size_t i = 1; i < reduce_size; i++) result = function(result, a[i * size + gid]);
    out[gid] = result;
}
