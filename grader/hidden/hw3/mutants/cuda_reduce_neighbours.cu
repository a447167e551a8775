// block: ndarray_backend_cuda.cu:ReduceKernel
// error: begins a group one element after the one before
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size) {
    scalar_t result = a[gid];
    for (size_t i = 1; i < reduce_size; i++) result = function(result, a[gid + i]);
    out[gid] = result;
}
