// block: ndarray_backend_cuda.cu:ZipKernel
// error: takes the second number by threadIdx
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size) out[gid] = function(a[gid], b[threadIdx.x]);
