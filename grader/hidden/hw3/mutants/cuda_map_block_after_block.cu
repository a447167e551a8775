// block: ndarray_backend_cuda.cu:MapKernel
// error: lets every thread go on to the elements of all blocks after its own
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t gid = GlobalIndex(); gid < size; gid += blockDim.x) out[gid] = function(a[gid]);
