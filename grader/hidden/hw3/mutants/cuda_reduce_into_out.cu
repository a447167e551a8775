// block: ndarray_backend_cuda.cu:ReduceKernel
// error: begins with what is in out
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size) {
    for (size_t i = 0; i < reduce_size; i++) out[gid] = function(out[gid], a[gid * reduce_size + i]);
}
