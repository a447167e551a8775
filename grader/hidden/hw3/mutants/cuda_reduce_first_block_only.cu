// block: ndarray_backend_cuda.cu:ReduceKernel
// error: takes threadIdx for the number of a thread among all
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = threadIdx.x;
if (gid < size) {
    scalar_t result = a[gid * reduce_size];
    for (size_t i = 1; i < reduce_size; i++) result = function(result, a[gid * reduce_size + i]);
    out[gid] = result;
}
