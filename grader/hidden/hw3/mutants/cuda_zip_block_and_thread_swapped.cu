// block: ndarray_backend_cuda.cu:ZipKernel
// error: swaps threadIdx and blockIdx in the thread's number
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = static_cast<size_t>(threadIdx.x) * blockDim.x + blockIdx.x;
if (gid < size) out[gid] = function(a[gid], b[gid]);
