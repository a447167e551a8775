// block: ndarray_backend_cuda.cu:ReduceKernel
// error: waits at a barrier that threads without a group never reach
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
__shared__ scalar_t results[BASE_THREAD_NUM];
size_t gid = GlobalIndex();
if (gid < size) {
    results[threadIdx.x] = a[gid * reduce_size];
    for (size_t i = 1; i < reduce_size; i++)
        results[threadIdx.x] = function(results[threadIdx.x], a[gid * reduce_size + i]);
    __syncthreads();
    out[gid] = results[threadIdx.x];
}
