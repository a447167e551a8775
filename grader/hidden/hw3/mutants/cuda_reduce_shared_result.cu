// block: ndarray_backend_cuda.cu:ReduceKernel
// error: keeps the results of all threads of a block in one variable
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
__shared__ scalar_t result;
size_t gid = GlobalIndex();
if (gid < size) result = a[gid * reduce_size];
__syncthreads();
if (gid < size) {
    for (size_t i = 1; i < reduce_size; i++) result = function(result, a[gid * reduce_size + i]);
}
__syncthreads();
if (gid < size) out[gid] = result;
