// block: ndarray_backend_cuda.cu:ZipKernel
// error: multiplies by gridDim, not by blockDim
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = static_cast<size_t>(blockIdx.x) * gridDim.x + threadIdx.x;
if (gid < size) out[gid] = function(a[gid], b[gid]);
